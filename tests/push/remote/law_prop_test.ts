/** Laws of remote write at arbitrary receivers, and in a long outage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PostFetch, remoteWrite } from "../../../src/push/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import * as fc from "../../support/property.ts";
import { hanging, PushTimers } from "../fixtures.ts";
import { confirming, sentBy, storing } from "./set_up.ts";

type Step =
  | { readonly set: number }
  | { readonly remove: number }
  | { readonly pass: number }
  | { readonly back: number }
  | { readonly push: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ set: fc.nat({ max: 6 }) }),
  fc.record({ remove: fc.nat({ max: 6 }) }),
  fc.record({ pass: fc.constantFrom(0, 0.0005, 0.5, 5, 15, 60, 400) }),
  fc.record({ back: fc.constantFrom(0.2, 30, 3600) }),
  fc.record({ push: fc.constant(true as const) }),
);

/** An answer: a status, the number of points that are stored, or a failure. */
const answer = fc.oneof(
  fc.constantFrom("stores", "stores", "stores", "swallows"),
  fc.constantFrom<"throws" | "hangs">("throws", "hangs"),
  fc.constantFrom(400, 413, 415, 429, 500, 503),
  fc.record({
    status: fc.constantFrom(204, 400, 500),
    stores: fc.integer({ min: 0, max: 9 }),
  }),
);

/** A receiver that answers as a real one, and checks what it is sent. */
class Ledger {
  stored = 0;
  refused = 0;
  requests = 0;
  /** The newest time of each series. */
  readonly #newest = new Map<string, number>();

  take(series: Awaited<ReturnType<typeof sentBy>>["series"], stored: number) {
    this.stored += stored;
    this.refused += series.length - stored;
    if (stored === 0) return;
    for (const { id, time } of series) {
      const newest = this.#newest.get(id) ?? 0;
      assert.ok(time > newest, `${id} is in order`);
      this.#newest.set(id, time);
    }
  }
}

test("law: points are exported, rejected, lost or queued, and in order", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25, size: "max" }),
      fc.array(answer, { maxLength: 20, size: "max" }),
      fc.constantFrom<"auto" | "1.0" | "2.0">("auto", "auto", "1.0", "2.0"),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (steps, answers, version, batch, staleMarkers) => {
        const timers = new PushTimers(2.5);
        const never = hanging(timers);
        let behind = 0;
        const clock = {
          unix: () => timers.clock.unix() - behind,
          mono: () => timers.clock.mono(),
        };
        const registry = createRegistry({ clock, selfMetrics: false });
        const gauge = registry.gauge({ name: "a", help: "A.", labels: ["n"] });
        const native = registry.histogram({
          name: "h",
          help: "H.",
          buckets: [],
          native: true,
          labels: ["n"],
        });
        const ledger = new Ledger();
        const fetch: PostFetch = async (url, init) => {
          const how = answers[ledger.requests++] ?? "stores";
          if (how === "hangs") return await never(url, init);
          if (how === "throws") throw new TypeError("connection refused");
          const sent = await sentBy(url, init);
          const { series } = sent;
          assert.ok(series.length <= batch);
          assert.equal(new Set(series.map(({ time }) => time)).size, 1);
          assert.ok(sent.time <= clock.unix() * 1000 + 1000 || behind > 0);
          const isSecond = sent.version === "2.0";
          if (how === "swallows") {
            if (!isSecond) ledger.take(series, series.length);
            else if (version === "2.0") ledger.take(series, 0);
            return new Response();
          }
          if (how === "stores") {
            ledger.take(series, series.length);
            return isSecond ? storing(sent) : new Response();
          }
          if (typeof how === "number") {
            if (how < 429 && !(isSecond && how === 415 && version === "auto")) {
              ledger.take(series, 0);
            }
            return new Response(null, { status: how });
          }
          const stored = isSecond
            ? Math.min(how.stores, series.length)
            : how.status === 204
            ? series.length
            : 0;
          if (how.status < 500) ledger.take(series, stored);
          return confirming(stored, 0, how.status);
        };
        const pusher = remoteWrite(registry, {
          url: "http://receiver",
          job: "shop",
          instance: "a",
          version,
          batch,
          staleMarkers,
          interval: 15,
          timeout: 2.5,
          timers,
          clock,
          random: () => 0.5,
          signals: false,
          fetch,
          onError: () => check(),
        });
        let before = { exported: 0, lost: 0, rejected: 0 };
        const check = (): void => {
          const { points, queued } = pusher.stats();
          assert.ok(queued <= 5, "at most four pushes wait, and one is sent");
          assert.ok(points.queued >= 0 && points.queued <= queued * 30);
          for (const name of ["exported", "lost", "rejected"] as const) {
            assert.ok(points[name] >= before[name], `${name} only grows`);
          }
          before = points;
        };
        for (const next of steps) {
          if ("set" in next) {
            gauge.with({ n: next.set }).set(next.set);
            if (next.set < 2) native.with({ n: next.set }).observe(1);
          } else if ("remove" in next) {
            gauge.remove({ n: `${next.remove}` });
            native.remove({ n: `${next.remove}` });
          } else if ("pass" in next) await timers.pass(next.pass);
          else if ("back" in next) behind += next.back;
          else void pusher.push();
          check();
        }
        await timers.rest();
        const ended = pusher.shutdown(4.9);
        await timers.pass(4.9);
        await ended;
        check();
        const { points, queued } = pusher.stats();
        assert.deepEqual([queued, points.queued], [0, 0]);
        assert.deepEqual(timers.waits, [], "no timer is left");
        // A cancelled request may have been stored; its points count as lost.
        assert.ok(points.exported <= ledger.stored);
        assert.ok(points.rejected <= ledger.refused);
        const isCut = points.lost > 0;
        if (!isCut) {
          assert.deepEqual(
            [points.exported, points.rejected],
            [ledger.stored, ledger.refused],
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});
