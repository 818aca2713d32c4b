/** No span is forgotten: each waits, was taken, was refused, or was lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spanExporter } from "../../src/push/mod.ts";
import { partialSuccess } from "../support/otlp_reader.ts";
import {
  collecting,
  FakeTimers,
  namesOf,
  type Sent,
  span,
} from "./fixtures.ts";

type Step =
  | { readonly give: number }
  | { readonly pass: number }
  | { readonly flush: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ give: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ pass: fc.constantFrom(0, 0.5, 1, 5, 60) }),
  fc.record({ flush: fc.constant(true as const) }),
);

/** How a collector answers: a status, a partial success, or not at all. */
const answer = fc.oneof(
  fc.constantFrom(200, 200, 200, 400, 429, 500, 503),
  fc.constantFrom<"throws" | "hangs">("throws", "hangs"),
  fc.record({ rejects: fc.integer({ min: 0, max: 20 }) }),
);

test("law: exported, lost, rejected and queued are all that was given", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12, size: "max" }),
      fc.array(answer, { maxLength: 12, size: "max" }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (steps, answers, capacity, batch) => {
        const timers = new FakeTimers();
        const taken: Sent[] = [];
        let refusedByAnswer = 0;
        const { fetch } = collecting((sent, nth) => {
          const how = answers[nth - 1] ?? 200;
          if (how === "throws") throw new TypeError("connection refused");
          if (how === "hangs") return new Promise(() => {});
          if (typeof how === "number") {
            if (how === 200) taken.push(sent);
            return new Response(null, { status: how });
          }
          taken.push(sent);
          const { length } = sent.export.spans;
          refusedByAnswer += Math.min(how.rejects, length);
          return new Response(
            partialSuccess(how.rejects, sent.headers.get("content-type")!),
          );
        });
        const exporter = spanExporter({
          endpoint: "http://collector",
          capacity,
          batch,
          interval: 1,
          timeout: 2,
          random: () => 0.5,
          schedule: timers.schedule,
          fetch: (url, init) => {
            const late = new Promise<never>((_resolve, reject) => {
              const { signal } = init;
              signal!.addEventListener("abort", () => reject(signal!.reason));
            });
            return Promise.race([fetch(url, init), late]);
          },
        });
        let given = 0;
        const check = () => {
          const { exported, lost, rejected, queued } = exporter.stats();
          assert.equal(exported + lost + rejected + queued, given);
          assert.ok(queued <= capacity);
        };
        for (const one of steps) {
          if ("give" in one) {
            for (let i = 0; i < one.give; i++) exporter.export(span(++given));
          } else if ("pass" in one) await timers.pass(one.pass);
          else void exporter.flush();
          check();
        }
        const ended = exporter.shutdown(5);
        await timers.pass(5);
        await ended;
        check();
        assert.equal(exporter.stats().queued, 0);
        assert.deepEqual(timers.waits, [], "no timer is left");
        // Nothing was taken twice, and what we count is what was taken.
        const names = namesOf(taken);
        assert.equal(new Set(names).size, names.length);
        assert.ok(exporter.stats().exported <= names.length - refusedByAnswer);
      },
    ),
    { numRuns: 40 },
  );
});
