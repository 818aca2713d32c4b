/** Metrics under the names of the conventions, as OTLP carries them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { otlpMetrics } from "../../src/push/mod.ts";
import { request } from "./fixtures.ts";
import { dottedRegistry } from "./semconv_fixtures.ts";

interface Sent {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly unit?: string;
        readonly histogram?: {
          readonly dataPoints: readonly {
            readonly attributes: readonly { readonly key: string }[];
          }[];
        };
      }[];
    }[];
  }[];
}

test("a registry with UTF-8 names exports the names of the conventions themselves", async () => {
  const registry = dottedRegistry();
  const options = { registry, names: "semconv" } as const;
  instrumentHandler(() => new Response(), { ...options, route: "/" })(
    request(),
  );
  const fetch = () => Promise.resolve(new Response());
  await instrumentFetch({ ...options, fetch })("http://a/");
  const bodies: string[] = [];
  const pusher = otlpMetrics(registry, {
    endpoint: "http://localhost:4318",
    protocol: "json",
    names: "stripped",
    interval: 0,
    compress: false,
    fetch: (_url, { body }) => {
      bodies.push(
        typeof body === "string"
          ? body
          : new TextDecoder().decode(body as Uint8Array),
      );
      return Promise.resolve(new Response("{}"));
    },
  });
  assert.equal(await pusher.push(), true);
  const { resourceMetrics } = JSON.parse(bodies[0]!) as Sent;
  await pusher.shutdown(0);
  const found = resourceMetrics[0]!.scopeMetrics.flatMap(({ metrics }) =>
    metrics.map(({ name, unit, histogram }) => [
      name,
      unit,
      histogram?.dataPoints.at(0)?.attributes.map(({ key }) => key),
    ])
  );
  assert.deepEqual(found, [
    ["http.server.request.duration", "s", [
      "http.request.method",
      "url.scheme",
      "http.route",
      "http.response.status_code",
    ]],
    ["http.server.active_requests", undefined, undefined],
    ["http.client.request.duration", "s", [
      "http.request.method",
      "server.address",
      "server.port",
      "http.response.status_code",
    ]],
  ]);
});
