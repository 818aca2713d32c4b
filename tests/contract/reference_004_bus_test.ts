/** The bus checks of reference 004. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { type Bus, createBus, type Subscription } from "../../src/bus/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { exposeBus } from "../../src/bridge/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

type Topics = { "request.start": { readonly service: string } };

function publish(bus: Bus<Topics>, count: number): void {
  for (let i = 0; i < count; i++) {
    bus.publish("request.start", { service: "s" });
  }
}

function ids(
  subscription: Subscription<{ id: number; gap?: undefined }>,
): number[] {
  const seen: number[] = [];
  for (let next = subscription.read(); next; next = subscription.read()) {
    if (next.gap === undefined) seen.push(next.id);
  }
  return seen;
}

const after = (bus: Bus<Topics>, id: number) =>
  ids(bus.subscribe({ after: id }));

test("004.1 an event has the next id, a time and its data", () => {
  const bus = createBus<Topics>();
  using subscription = bus.subscribe();
  const data = { service: "s", id: 99 };
  bus.publish("request.start", data);
  const event = subscription.read();
  assert.ok(event?.gap === undefined && event !== undefined);
  assert.equal(event.id, 1);
  assert.ok(Math.abs(event.time - Date.now() / 1000) < 60);
  assert.equal(event.data.service, "s");
});

test("004.2 the kept events are the backlog", () => {
  const bus = createBus<Topics>({ capacity: 5 });
  publish(bus, 3);
  assert.deepEqual(after(bus, 0), [1, 2, 3]);
});

test("004.3 a truncated backlog reports the gap", () => {
  const bus = createBus<Topics>({ capacity: 3 });
  publish(bus, 5);
  using subscription = bus.subscribe({ after: 0 });
  assert.deepEqual(subscription.read(), {
    gap: "expired",
    from: 1,
    to: 2,
    missed: 2,
  });
  assert.deepEqual(ids(subscription), [3, 4, 5]);
});

test("004.4 a backlog starts after the given id", () => {
  const bus = createBus<Topics>();
  publish(bus, 5);
  assert.deepEqual(after(bus, 3), [4, 5]);
  assert.deepEqual(after(bus, 5), []);
  assert.deepEqual(after(bus, -1), [1, 2, 3, 4, 5]);
  using far = bus.subscribe({ after: 5000 });
  assert.deepEqual(ids(far), []);
  publish(bus, 1);
  assert.deepEqual(ids(far), [6]);
});

test("004.5 a subscriber that never reads loses only its own events", () => {
  const registry = createRegistry();
  const bus = createBus<Topics>();
  using _ = exposeBus(registry, bus);
  using slow = bus.subscribe({ buffer: 1 });
  using healthy = bus.subscribe();
  publish(bus, 100);
  assert.equal(ids(healthy).length, 100);
  assert.equal(slow.lost, 99);
  assert.equal(valueOf(registry, "barograph_events_missed_total"), 99);
  assert.equal(ids(slow).length, 1);
  assert.equal(slow.lost, 99);
});

test("004.6 backlog and stream are contiguous under interleaved publishing", () => {
  const step = fc.constantFrom("publish", "subscribe", "read", "cancel");
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1000, maxLength: 1000 }),
      (steps) => {
        const bus = createBus<Topics>({ capacity: 2000 });
        const readers: {
          from: number;
          seen: number[];
          live: ReturnType<typeof bus.subscribe>;
        }[] = [];
        for (const [at, step] of steps.entries()) {
          const reader = readers[at % Math.max(1, readers.length)];
          if (step === "publish") publish(bus, 1);
          else if (step === "subscribe") {
            const from = at % (bus.newest + 1);
            const live = bus.subscribe({ after: from, buffer: 2000 });
            readers.push({ from, seen: [], live });
          } else if (step === "read") reader?.seen.push(...ids(reader.live));
          else reader?.live.cancel();
        }
        for (const { from, seen, live } of readers) {
          seen.push(...ids(live));
          const expected = seen.map((_, at) => from + 1 + at);
          assert.deepEqual(seen, expected);
          if (!live.cancelled) assert.equal(seen.at(-1) ?? from, bus.newest);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test("004.7 cancelling twice or while publishing is harmless", async () => {
  const bus = createBus<Topics>();
  const subscription = bus.subscribe();
  const finished = (async () => {
    for await (const _ of subscription) {
      subscription.cancel();
      publish(bus, 1);
      subscription.cancel();
    }
  })();
  publish(bus, 3);
  await finished;
  subscription.cancel();
  assert.equal(bus.newest, 3 + 3);
});

test("004.8 defaults are 1000 events, and 128 per subscriber", () => {
  const bus = createBus<Topics>({ capacity: 0 });
  using subscription = bus.subscribe({ buffer: 0 });
  publish(bus, 1001);
  assert.equal(after(bus, 0)[0], 2);
  assert.equal(ids(subscription).length, 128);
});
