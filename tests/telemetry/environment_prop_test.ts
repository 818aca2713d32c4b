/** No environment makes a telemetry throw, lose a span or forget its options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { LEGAL, WRONG } from "../otel/environment_cases.ts";
import * as fc from "../support/property.ts";

const NAMES = [
  ...new Set([...LEGAL, ...WRONG].flatMap(([values]) => Object.keys(values))),
];

/** Values of the tables, mixed up, and noise. */
const value = fc.oneof(
  fc.constantFrom(
    ...[...LEGAL, ...WRONG].flatMap(([values]) => Object.values(values)),
  ),
  fc.string({ unit: "binary" }),
);

test("createTelemetry() works in any environment, and counts each span", async () => {
  const { warn, log } = console;
  console.warn = () => {};
  console.log = () => {};
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...NAMES), value),
        fc.boolean(),
        async (values, isRefused) => {
          let spans = 0;
          const posted: string[] = [];
          const telemetry = createTelemetry({
            registry: createRegistry(),
            runtime: false,
            environment: (name) => values[name],
            // A drawn timeout of 1 ms expires while a real one compresses.
            timers: new FakeTimers(),
            collector: {
              fetch: (url) => {
                posted.push(url);
                return Promise.resolve(
                  new Response(null, { status: isRefused ? 400 : 200 }),
                );
              },
              onError: () => {},
              send: ["spans", "metrics", "logs"],
              signals: false,
            },
          });
          telemetry.tracer.onEnd(() => void spans++);
          const app = telemetry.observe(() => new Response("hi"));
          const response = await app(new Request("http://localhost/"));
          assert.equal(await response.text(), "hi");
          telemetry.log("info", "done");
          const isComplete = await telemetry.close();
          assert.equal(isComplete, !isRefused || posted.length === 0);
          for (const url of posted) {
            assert.match(new URL(url).protocol, /^http/);
          }
          const stats = telemetry.tracer.stats();
          assert.equal(stats.ended, spans);
          assert.equal(stats.failures, 0);
        },
      ),
      { numRuns: 400 },
    );
  } finally {
    console.warn = warn;
    console.log = log;
  }
});
