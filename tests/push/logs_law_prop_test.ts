/** The law of an exporter of logs: each event ends once, as that of spans says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { logExporter } from "../../src/push/mod.ts";
import * as fc from "../support/property.ts";
import { hanging, PushTimers } from "./fixtures.ts";

type Step =
  | { readonly give: number }
  | { readonly pass: number }
  | { readonly flush: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ give: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ pass: fc.constantFrom(0, 0.5, 1, 5, 60) }),
  fc.record({ flush: fc.constant(true as const) }),
);

/** An answer of a collector: a status, a partial success, a failure. */
const answer = fc.oneof(
  fc.constantFrom<number | "throws" | "hangs">(
    200,
    200,
    400,
    413,
    500,
    503,
    "throws",
    "hangs",
  ),
  fc.record({ rejects: fc.integer({ min: -3, max: 20 }) }),
);

/** Returns the messages in a request. */
function messagesIn(body: string): number[] {
  const { resourceLogs: [{ scopeLogs: [{ logRecords }] }] } = JSON.parse(body);
  return logRecords.map(
    (log: { readonly body: { readonly stringValue: string } }) =>
      Number(log.body.stringValue),
  );
}

test("law: exported, lost, rejected and queued add up to all log events", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(answer, { maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (steps, answers, capacity, batch) => {
        const timers = new PushTimers(2.5);
        const never = hanging(timers);
        const accepted: number[] = [];
        let calls = 0;
        let added = 0;
        const exporter = logExporter({
          endpoint: "http://collector",
          protocol: "json",
          compress: false,
          signals: false,
          capacity,
          batch,
          timeout: 2.5,
          random: () => 0.5,
          timers,
          clock: timers.clock,
          onError: () => check(),
          fetch: async (url, init) => {
            const how = answers[calls++] ?? 200;
            if (how === "throws") throw new TypeError("connection refused");
            if (how === "hangs") return await never(url, init);
            const messages = messagesIn(await new Response(init.body).text());
            if (typeof how === "number") {
              if (how === 200) accepted.push(...messages);
              return new Response(null, { status: how });
            }
            accepted.push(...messages);
            const rejectedLogRecords = String(how.rejects);
            return Response.json({ partialSuccess: { rejectedLogRecords } });
          },
        });
        const check = (): void => {
          const { queued, exported, lost, rejected } = exporter.stats();
          assert.equal(exported + lost + rejected + queued, added);
          assert.ok(queued <= capacity + batch);
        };
        for (const next of steps) {
          if ("pass" in next) await timers.pass(next.pass);
          else if ("flush" in next) void exporter.flush();
          else {
            for (let i = 0; i < next.give; i++) {
              added++;
              exporter.export({ severity: "info", message: String(added) });
            }
          }
          check();
        }
        const ended = exporter.shutdown(4.9);
        await timers.pass(4.9);
        await ended;
        check();
        const { queued, exported } = exporter.stats();
        assert.equal(queued, 0);
        assert.deepEqual(timers.waits, [], "no timer is left");
        assert.ok(exported <= accepted.length);
        const sorted = [...new Set(accepted)].sort((a, b) => a - b);
        assert.deepEqual(accepted, sorted, "none twice, and in order");
      },
    ),
    { numRuns: 50 },
  );
});
