/**
 * The table of OpenTelemetry's conventions for HTTP metrics, compared with the
 * families that are declared:
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import type { Registry } from "../../src/metrics/mod.ts";
import { distributionOf } from "../../src/testing/mod.ts";
import {
  anyRequest,
  dottedRegistry,
  quietRegistry,
} from "./semconv_fixtures.ts";

interface Metric {
  readonly name: string;
  readonly type: "histogram" | "updowncounter";
  readonly unit: "s" | "By" | "{request}";
  /** Required, conditionally required and recommended attributes. */
  readonly attributes: readonly string[];
  readonly bounds?: readonly number[];
}

const ADVICE = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10],
];

const OF_SERVERS = [
  "http.request.method",
  "url.scheme",
  "network.protocol.version",
  "http.route",
  "http.response.status_code",
  "error.type",
];

const SERVER: readonly Metric[] = [
  {
    name: "http.server.request.duration",
    type: "histogram",
    unit: "s",
    attributes: OF_SERVERS,
    bounds: ADVICE,
  },
  {
    name: "http.server.active_requests",
    type: "updowncounter",
    unit: "{request}",
    attributes: ["http.request.method", "url.scheme"],
  },
  {
    name: "http.server.request.body.size",
    type: "histogram",
    unit: "By",
    attributes: OF_SERVERS,
  },
  {
    name: "http.server.response.body.size",
    type: "histogram",
    unit: "By",
    attributes: OF_SERVERS,
  },
];

const CLIENT: readonly Metric[] = [{
  name: "http.client.request.duration",
  type: "histogram",
  unit: "s",
  // `fetch` does not tell the version of the protocol.
  attributes: [
    "http.request.method",
    "server.address",
    "server.port",
    "http.response.status_code",
    "error.type",
  ],
  bounds: ADVICE,
}];

/** By unit of UCUM: the unit of Prometheus, which ends the name. */
const UNITS = { s: "seconds", By: "bytes", "{request}": "" } as const;

/** Returns a family as Prometheus describes a metric. */
function familyOf({ name, type, unit, attributes }: Metric, isDotted: boolean) {
  const spell = (text: string) => isDotted ? text : text.replaceAll(".", "_");
  const word = UNITS[unit];
  return {
    name: spell(name) + (word && `_${word}`),
    type: type === "histogram" ? type : "gauge",
    unit: word,
    labelNames: attributes.map(spell),
  };
}

function declaredIn({ descs }: Registry) {
  return descs
    .filter(({ name }) => name.startsWith("http"))
    .map(({ name, type, unit, labelNames }) => ({
      name,
      type,
      unit,
      labelNames: [...labelNames],
    }));
}

for (
  const [spelling, make] of [
    ["classic", quietRegistry],
    ["dotted", dottedRegistry],
  ] as const
) {
  const isDotted = spelling === "dotted";

  test(`names: "semconv" declares the families of the conventions in the ${spelling} spelling`, () => {
    const registry = make();
    instrumentHandler(() => new Response(), { registry, names: "semconv" });
    assert.deepEqual(
      declaredIn(registry),
      SERVER.map((metric) => familyOf(metric, isDotted)),
    );
    const calls = make();
    instrumentFetch({ registry: calls, names: "semconv" });
    assert.deepEqual(
      declaredIn(calls),
      CLIENT.map((metric) => familyOf(metric, isDotted)),
    );
  });
}

test('names: "both" declares the families of either, in any spelling', () => {
  for (const make of [quietRegistry, dottedRegistry]) {
    const [own, conventional, both] =
      (["prometheus", "semconv", "both"] as const)
        .map((names) => {
          const registry = make();
          instrumentHandler(() => new Response(), { registry, names });
          return declaredIn(registry);
        });
    assert.deepEqual(both, [...own!, ...conventional!]);
  }
});

test('names: "semconv" has the bucket bounds that the conventions advise', async () => {
  const registry = quietRegistry();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    names: "semconv",
  });
  handler(anyRequest("GET"));
  const fetch = () => Promise.resolve(new Response());
  await instrumentFetch({ registry, names: "semconv", fetch })("http://a/");
  const labels = {
    http_request_method: "GET",
    http_response_status_code: 200,
  };
  const found = [
    [SERVER[0]!, { ...labels, url_scheme: "http" }],
    [CLIENT[0]!, { ...labels, server_address: "a", server_port: 80 }],
  ] as const;
  for (const [metric, labels] of found) {
    const { name } = familyOf(metric, false);
    const distribution = distributionOf(registry, name, labels);
    assert.ok(distribution !== undefined && "bounds" in distribution, name);
    assert.deepEqual([...distribution.bounds], metric.bounds);
  }
});

test("the option buckets replaces the bounds under all names", async () => {
  const registry = quietRegistry();
  const buckets = [1, 2];
  const options = { registry, buckets, names: "both" } as const;
  instrumentHandler(() => new Response(), options)(anyRequest("GET"));
  const fetch = () => Promise.resolve(new Response());
  await instrumentFetch({ ...options, fetch })("http://a/");
  const durations = registry.descs.filter(({ name }) =>
    name.endsWith("duration_seconds")
  );
  assert.equal(durations.length, 3);
  registry.collect({
    family: () => true,
    number: () => {},
    summary: () => {},
    histogram: (labels, { bounds }) => {
      if (labels.names.length > 0) assert.deepEqual([...bounds], buckets);
    },
  });
});
