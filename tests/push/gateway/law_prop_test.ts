/** The law of pushes of text: each ends as exported, rejected or lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricPusher } from "../../../src/push/mod.ts";
import * as fc from "../../support/property.ts";
import {
  gatewayWorld,
  type Received,
  type ReceiverAnswer,
  victoriaWorld,
  type World,
} from "./set_up.ts";

type Step =
  | { readonly push: "push" | "delete" }
  | { readonly pass: number }
  | { readonly inc: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ push: fc.constantFrom<"push" | "delete">("push", "delete") }),
  fc.record({ pass: fc.constantFrom(0, 0.5, 1, 5, 30, 120) }),
  fc.record({ inc: fc.integer({ min: 1, max: 3 }) }),
);

const answer = fc.constantFrom<number | "throws" | "hang">(
  200,
  200,
  202,
  400,
  404,
  413,
  500,
  503,
  "throws",
  "hang",
);

/** Returns the value of the only counter in a body; undefined if it has none. */
function valueIn({ text }: Received): number | undefined {
  const found = /^a_total (\d+)$/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

for (const target of ["gateway", "victoria"] as const) {
  test(`law (${target}): exported, lost, rejected and queued are all pushes`, {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(answer, { maxLength: 12 }),
        fc.constantFrom(0, 2.5),
        fc.boolean(),
        async (steps, answers, interval, deletesOnClose) => {
          let calls = 0;
          let open = 0;
          const accepted: Received[] = [];
          const answerTo = (_: number, sent: Received): ReceiverAnswer => {
            const how = answers[calls++] ?? 200;
            if (how === "throws") return new TypeError("connection refused");
            if (typeof how === "number" && how < 300) accepted.push(sent);
            return how;
          };
          const world: World<MetricPusher & { delete?: unknown }> =
            target === "gateway"
              ? gatewayWorld(
                { interval, deleteOnClose: deletesOnClose },
                answerTo,
              )
              : victoriaWorld({ interval }, answerTo);
          const { pusher, registry, timers } = world;
          const counter = registry.counter({ name: "a_total", help: "A." });
          counter.inc(0);
          let value = 0;
          const results: boolean[] = [];
          let before = pusher.stats();
          const check = (): void => {
            const now = pusher.stats();
            for (const name of ["exported", "lost", "rejected"] as const) {
              assert.ok(now[name] >= before[name], `${name} only grows`);
              assert.ok(now.points[name] >= before.points[name], name);
            }
            assert.ok(now.queued <= 3 + open && now.points.queued <= 2);
            before = now;
          };
          for (const next of steps) {
            if ("inc" in next) counter.inc(next.inc), value += next.inc;
            else if ("pass" in next) await timers.pass(next.pass);
            else {
              open++;
              const pushed = next.push === "delete" && "delete" in pusher
                ? (pusher.delete as () => Promise<boolean>)()
                : pusher.push();
              void pushed.then((isExported) => {
                open--;
                results.push(isExported);
              });
            }
            check();
          }
          const ending = pusher.shutdown(4.9);
          await timers.pass(4.9);
          const isComplete = await ending;
          await timers.rest();
          check();
          assert.equal(open, 0, "every push has ended");
          assert.deepEqual(timers.waits, []);
          const { queued, exported, points } = pusher.stats();
          assert.equal(queued, 0);
          assert.equal(points.queued, 0);
          // A request that was cancelled may have been accepted.
          assert.ok(exported <= accepted.length);
          assert.ok(results.filter(Boolean).length === 0 || exported > 0);
          const values = accepted.map(valueIn).filter((v) => v !== undefined);
          assert.equal(points.exported <= values.length, true);
          assert.deepEqual(
            values,
            values.toSorted((a, b) => a - b),
            "in order",
          );
          if (!isComplete) return;
          const last = accepted.at(-1)!;
          if (last.method !== "DELETE") assert.equal(valueIn(last), value);
          else {
            const deletes = steps.some((next) =>
              "push" in next && next.push === "delete"
            );
            assert.ok(deletesOnClose || deletes);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
}
