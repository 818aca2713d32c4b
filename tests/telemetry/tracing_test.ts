/** Tracing: a tracer together with the exporter of its spans. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initTracing } from "../../src/telemetry/mod.ts";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";

const ENDPOINT = "http://127.0.0.1:9";

test("initTracing() records nothing without an endpoint", async () => {
  await using tracing = initTracing("");
  assert.equal(tracing.exporter, undefined);
  using span = tracing.tracer.start("checkout");
  assert.equal(span.recording, false);
  assert.equal(await tracing.shutdown(), true);
});

test("initTracing() stops recording once it is shut down", async () => {
  const fetch = () => Promise.resolve(new Response());
  const timers = new FakeTimers();
  const tracing = initTracing(ENDPOINT, { fetch, timers });
  tracing.tracer.start("before").end();
  assert.equal(await tracing.shutdown(), true);
  assert.equal(tracing.exporter?.stats().exported, 1);
  const span = tracing.tracer.start("after");
  assert.equal(span.recording, false);
  span.end();
  assert.equal(tracing.exporter.stats().lost, 0);
});

test("initTracing() exports service, version and further resource attributes", async () => {
  let body = "";
  const fetch = async (_url: string, init: RequestInit) => {
    body = await new Response(init.body).text();
    return new Response("{}");
  };
  await using tracing = initTracing(ENDPOINT, {
    service: "shop",
    version: "1.2.0",
    resource: { "deployment.environment.name": "test" },
    protocol: "json",
    compress: false,
    clock: new FakeClock(),
    timers: new FakeTimers(),
    fetch: fetch as never,
  });
  tracing.tracer.start("checkout").end();
  await tracing.shutdown();
  const { attributes }: {
    attributes: { key: string; value: { stringValue: string } }[];
  } = JSON.parse(body).resourceSpans[0].resource;
  const given = attributes.filter(({ key }) =>
    !key.startsWith("telemetry.") && key !== "service.instance.id"
  );
  assert.deepEqual(
    given.map(({ key, value }) => `${key}=${value.stringValue}`).sort(),
    [
      "deployment.environment.name=test",
      "service.name=shop",
      "service.version=1.2.0",
    ],
  );
});

test("initTracing() checks the exporter's options without an endpoint too", () => {
  for (const endpoint of ["", ENDPOINT]) {
    assert.throws(() => initTracing(endpoint, { interval: 0 }), {
      name: "RangeError",
      message: "Cannot set up tracing: interval is 0; give seconds, such as 5",
    });
  }
});

test("initTracing() refuses misspelt options with and without a collector", () => {
  for (const endpoint of ["", "http://127.0.0.1:9"]) {
    assert.throws(
      () => initTracing(endpoint, { intervall: 1 } as never),
      /^TypeError: Cannot set up tracing: there is no option "intervall"; give any of service, version, /,
    );
  }
});
