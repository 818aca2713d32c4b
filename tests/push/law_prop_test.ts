/** The law of an exporter: each span is queued, exported, rejected or lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { spanExporter } from "../../src/push/mod.ts";
import { partialSuccess } from "../support/otlp_reader.ts";
import { collecting, hanging, namesOf, PushTimers, span } from "./fixtures.ts";

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
  fc.constantFrom(200, 200, 200, 400, 429, 500, 503),
  fc.constantFrom<"throws" | "hangs">("throws", "hangs"),
  fc.record({ rejects: fc.integer({ min: -3, max: 20 }) }),
);

const anyLimits = fc.record({
  protocol: fc.constantFrom<"json" | "protobuf">("json", "protobuf"),
  capacity: fc.integer({ min: 1, max: 20 }),
  batch: fc.integer({ min: 1, max: 6 }),
}, { noNullPrototype: true });

test("law: exported, lost, rejected and queued add up to all spans", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12, size: "max" }),
      fc.array(answer, { maxLength: 12, size: "max" }),
      anyLimits,
      fc.boolean(),
      async (steps, answers, limits, givesAtEnd) => {
        const timers = new PushTimers(2.5);
        const never = hanging(timers);
        let calls = 0;
        let refused = 0;
        let partlyRefused = 0;
        const accepted: string[] = [];
        const { fetch } = collecting((sent) => {
          const how = answers[calls - 1] ?? 200;
          const names = namesOf([sent]);
          assert.ok(names.length <= limits.batch);
          if (typeof how === "number") {
            if (how === 200) accepted.push(...names);
            if (how === 400 || how === 500) refused += names.length;
            return new Response(null, { status: how });
          }
          assert.ok(typeof how === "object");
          accepted.push(...names);
          partlyRefused += Math.min(Math.max(0, how.rejects), names.length);
          return new Response(
            partialSuccess(how.rejects, sent.headers.get("content-type")!),
          );
        });
        let added = 0;
        let before = { exported: 0, lost: 0, rejected: 0, retries: 0 };
        const check = () => {
          const { queued, ...counts } = exporter.stats();
          const { exported, lost, rejected } = counts;
          assert.equal(exported + lost + rejected + queued, added);
          assert.ok(queued <= limits.capacity + limits.batch);
          for (const name of ["exported", "lost", "rejected"] as const) {
            assert.ok(counts[name] >= before[name], `${name} only grows`);
          }
          before = counts;
        };
        const exporter = spanExporter({
          endpoint: "http://collector",
          ...limits,
          interval: 1,
          timeout: 2.5,
          random: () => 0.5,
          timers,
          onError: () => check(),
          fetch: (url, init) => {
            const how = answers[calls++];
            if (how === "hangs") return never(url, init);
            if (how === "throws") throw new TypeError("connection refused");
            return fetch(url, init);
          },
        });
        const give = (count: number) => {
          for (let i = 0; i < count; i++) exporter.export(span(++added));
        };
        for (const next of steps) {
          if ("give" in next) give(next.give);
          else if ("pass" in next) await timers.pass(next.pass);
          else void exporter.flush();
          check();
        }
        const waiting = exporter.stats();
        const ended = exporter.shutdown(4.9);
        if (givesAtEnd) give(3); // late spans are counted as well
        await timers.pass(4.9);
        const isComplete = await ended;
        check();
        const { exported, lost, queued, rejected } = exporter.stats();
        assert.equal(queued, 0);
        if (isComplete && !givesAtEnd) assert.equal(lost, waiting.lost);
        if (!isComplete) assert.ok(lost > waiting.lost);
        assert.deepEqual(timers.waits, [], "no timer is left");
        // No span arrives twice or out of order, and the counts are exact.
        const order = accepted.map((name) => Number(name.slice(5)));
        assert.deepEqual(order, [...new Set(order)].sort((a, b) => a - b));
        const known = [
          accepted.length - partlyRefused,
          refused + partlyRefused,
        ];
        if (!givesAtEnd) assert.deepEqual([exported, rejected], known);
        // A cancelled request may have been accepted; its spans count as lost.
        assert.ok(exported <= known[0]! && rejected <= known[1]!);
      },
    ),
    { numRuns: 100 },
  );
});
