/** Metrics and collectors that fail: sizes, partial success, statuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../../mod.ts";
import { Labels, type Source } from "../../src/model/mod.ts";
import { partialSuccess } from "./metric_answers.ts";
import { exporting, type Posted } from "./metric_set_up.ts";

const timeout = 120_000;

/** Returns a registry with one counter of `series` series. */
function registryOf(series: number): Registry {
  const registry = createRegistry({ selfMetrics: false });
  const counter = registry.counter({
    name: "jobs_total",
    help: "J.",
    labels: ["id"],
  });
  for (let id = 0; id < series; id++) counter.with({ id }).inc();
  return registry;
}

/** Returns the ids of the points in a request of JSON. */
function idsIn({ body }: Posted): string[] {
  const { resourceMetrics } = JSON.parse(new TextDecoder().decode(body));
  return resourceMetrics[0].scopeMetrics[0].metrics.flatMap(
    (metric: { sum: { dataPoints: { attributes: Pair[] }[] } }) =>
      metric.sum.dataPoints.map(({ attributes }) =>
        attributes[0]!.value.stringValue
      ),
  );
}

interface Pair {
  readonly value: { readonly stringValue: string };
}

test("a request that is too large is divided, and stays divided", {
  timeout,
}, async () => {
  const limit = 100_000;
  const { pusher, posted, errors } = exporting(
    registryOf(3000),
    { protocol: "json" },
    ({ body }) =>
      new Response(null, { status: body.length > limit ? 413 : 200 }),
  );
  assert.equal(await pusher.push(), true);
  const taken = posted.filter(({ body }) => body.length <= limit);
  assert.ok(taken.length > 3);
  const ids = taken.flatMap(idsIn);
  assert.equal(new Set(ids).size, 3000);
  assert.equal(ids.length, 3000, "no point twice");
  assert.deepEqual(errors, []);
  assert.equal(pusher.stats().points.exported, 3000);
  posted.length = 0;
  assert.equal(await pusher.push(), true);
  assert.ok(posted.every(({ body }) => body.length <= limit));
});

test("a collector that calls everything too large gets few requests", {
  timeout,
}, async () => {
  const { pusher, posted, errors } = exporting(
    registryOf(3000),
    {},
    () => new Response(null, { status: 413 }),
  );
  assert.equal(await pusher.push(), false);
  assert.ok(posted.length < 20, `${posted.length} requests`);
  assert.match(errors[0]!, /answered 413/);
  const { exported, rejected, lost, queued } = pusher.stats().points;
  assert.deepEqual([exported, rejected, lost, queued], [0, 3000, 0, 0]);
});

/** Returns a gauge with `series` labels of `bytes` bytes each. */
function largeLabels(series: number, bytes: number): Source {
  const desc = {
    name: "large",
    type: "gauge" as const,
    help: "L.",
    unit: "",
    labelNames: ["id"],
    merge: "sum" as const,
  };
  const text = "x".repeat(bytes);
  return {
    descs: [desc],
    collect(sink) {
      if (!sink.family(desc)) return;
      for (let id = 0; id < series; id++) {
        sink.number(new Labels(desc.labelNames, [text + id]), 1, 0);
      }
    },
  };
}

test("no request is larger than the limit of OTLP", { timeout }, async () => {
  const { pusher, posted } = exporting(largeLabels(5, 15 * 2 ** 20), {
    compress: false,
  });
  assert.equal(await pusher.push(), true);
  assert.equal(posted.length, 2);
  for (const { body } of posted) assert.ok(body.length <= 64 * 2 ** 20);
  assert.equal(pusher.stats().points.exported, 5);
});

test("a point that is larger than the limit is rejected without a request", {
  timeout,
}, async () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "small", help: "S." }).set(1);
  registry.add(largeLabels(1, 65 * 2 ** 20));
  const { pusher, posted, errors } = exporting(registry, { compress: false });
  assert.equal(await pusher.push(), false);
  assert.equal(posted.length, 1);
  assert.match(errors[0]!, /1 points of \d+ bytes is too large/);
  const { exported, rejected } = pusher.stats().points;
  assert.deepEqual([exported, rejected], [1, 1]);
});

test("a partial success is counted, reported and never retried", {
  timeout,
}, async () => {
  const { pusher, posted, errors } = exporting(
    registryOf(5),
    { protocol: "json" },
    () => partialSuccess(2, "too old\nby far"),
  );
  assert.equal(await pusher.push(), true);
  assert.equal(posted.length, 1);
  assert.deepEqual(errors, [
    "the collector has rejected 2 metrics: too old by far",
  ]);
  const { exported, rejected } = pusher.stats().points;
  assert.deepEqual([exported, rejected], [3, 2]);
});

test("a partial success without rejected points is a warning", {
  timeout,
}, async () => {
  const { pusher, errors } = exporting(
    registryOf(5),
    { protocol: "json" },
    () => partialSuccess(0, "deprecated"),
  );
  assert.equal(await pusher.push(), true);
  assert.deepEqual(errors, ["the collector warns: deprecated"]);
  assert.equal(pusher.stats().points.exported, 5);
});

test("only 429, 502, 503 and 504 are retried", { timeout }, async () => {
  for (const status of [400, 401, 404, 429, 500, 501, 502, 503, 504]) {
    const { pusher, posted, timers } = exporting(
      registryOf(1),
      {},
      (_posted, nth) =>
        new Response(null, { status: nth === 1 ? status : 200 }),
    );
    const ended = pusher.push();
    await timers.pass(5);
    const isRetried = [429, 502, 503, 504].includes(status);
    assert.equal(await ended, isRetried, String(status));
    assert.equal(posted.length, isRetried ? 2 : 1);
  }
});

test("Retry-After delays the next try, as seconds and as a date", {
  timeout,
}, async () => {
  for (const isDate of [false, true]) {
    const { pusher, posted, timers } = exporting(
      registryOf(1),
      {},
      (_posted, nth) => {
        if (nth > 1) return new Response();
        const date = new Date((timers.clock.unix() + 20) * 1000).toUTCString();
        const after = isDate ? date : "20";
        return new Response(null, {
          status: 429,
          headers: { "retry-after": after },
        });
      },
    );
    const ended = pusher.push();
    await timers.pass(18.5);
    assert.equal(posted.length, 1);
    await timers.pass(2);
    assert.equal(await ended, true);
  }
});

test("a push by hand is given up after a minute", { timeout }, async () => {
  const { pusher, timers } = exporting(
    registryOf(2),
    {},
    () => new Response(null, { status: 503 }),
  );
  const ended = pusher.push();
  await timers.pass(100);
  assert.equal(await ended, false);
  const { queued, lost, points } = pusher.stats();
  assert.deepEqual([queued, lost, points.lost], [0, 1, 2]);
  assert.equal(timers.holds, false);
});

test("a redirect is not followed, and credentials stay out of errors", {
  timeout,
}, async () => {
  const { pusher, posted, errors } = exporting(
    registryOf(1),
    {
      endpoint: "http://collector/otlp?token=SECRET",
      headers: { authorization: "Bearer SECRET" },
    },
    () =>
      new Response(null, {
        status: 307,
        headers: { location: "http://elsewhere/?token=SECRET" },
      }),
  );
  assert.equal(await pusher.push(), false);
  assert.equal(posted.length, 1);
  assert.equal(posted[0]!.url, "http://collector/otlp/v1/metrics?token=SECRET");
  assert.equal(posted[0]!.headers.get("authorization"), "Bearer SECRET");
  assert.match(errors[0]!, /redirects to "http:\/\/elsewhere/);
  assert.doesNotMatch(errors.join(), /SECRET/);
});

test("answers that are no answers are borne", { timeout }, async () => {
  const bodies: BodyInit[] = [
    new Uint8Array(5 * 2 ** 20).fill(0x7b),
    "{",
    '{"partialSuccess":{"rejectedDataPoints":"many"}}',
    '{"partialSuccess":7}',
    Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f),
  ];
  for (const protocol of ["json", "protobuf"] as const) {
    for (const body of bodies) {
      const { pusher, errors } = exporting(
        registryOf(1),
        { protocol },
        () => new Response(body),
      );
      assert.equal(await pusher.push(), true);
      assert.deepEqual(errors, []);
      assert.equal(pusher.stats().points.exported, 1);
    }
  }
});
