/** Laws of the feed over the kept history of a registry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedEvents, History } from "../../../src/dashboard/mod.ts";
import * as fc from "../../support/property.ts";
import { type World, worldOf } from "../world.ts";
import { messagesIn } from "./feed_world.ts";

/** Lets a stream take what is there. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Mounts the page, and waits for the first frame. */
async function begun(world: World): Promise<void> {
  await world.get("/health");
  world.timers.advance(12);
  await turn();
}

/** A reader of a feed that can be cut, and that sums up what it was told. */
class Reader {
  readonly growth = new Map<string, number>();
  readonly gaps: FeedEvents["gap"][] = [];
  readonly columns: FeedEvents["d"][] = [];
  readonly #world: World;
  readonly #values = new Map<number, string>();
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #last = "";

  constructor(world: World) {
    this.#world = world;
  }

  async connect(): Promise<void> {
    const query = new URLSearchParams({ want: "f:1", after: this.#last });
    const response = await this.#world.get(`/feed?${query}`);
    this.#body = response.body!.getReader();
    await turn();
  }

  /** Reads all that is there, and is cut. */
  async cut(): Promise<void> {
    const body = this.#body;
    if (body === undefined) return;
    this.#body = undefined;
    let text = "";
    for (;;) {
      const read = body.read();
      const result = await Promise.race([read, turn().then(turn)]);
      if (result === undefined || result.done) break;
      text += new TextDecoder().decode(result.value);
    }
    await body.cancel();
    for (const { event, data, id } of messagesIn(text)) {
      if (id !== "") this.#last = id;
      if (event === "gap") this.gaps.push(data);
      if (event === "d") this.columns.push(data);
      if (event === "names") {
        for (const { id, values } of data.s) this.#values.set(id, values[0]!);
      }
      if (event !== "d") continue;
      for (const [id, by] of data.d) {
        const value = this.#values.get(id);
        assert.ok(value !== undefined, `series ${id} was named`);
        const sum = this.growth.get(value) ?? 0;
        this.growth.set(value, sum + (by ?? 0));
      }
    }
  }
}

type Step =
  | { readonly do: "count"; readonly label: string; readonly by: number }
  | { readonly do: "advance"; readonly seconds: number }
  | { readonly do: "connect" | "cut" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("count" as const),
    label: fc.constantFrom("a", "b", "c", "<b>"),
    by: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({
    do: fc.constant("advance" as const),
    seconds: fc.constantFrom(1, 1, 2, 3, 11, 40),
  }),
  fc.record({ do: fc.constantFrom("connect" as const, "cut" as const) }),
);

test("law: a client that resumes within 5 minutes gets all that was counted, once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      using world = worldOf();
      const counted = world.registry.counter({
        name: "things_total",
        help: "Things.",
        labels: ["label"],
      });
      await begun(world);
      const reader = new Reader(world);
      await reader.connect();
      const totals = new Map<string, number>();
      for (const each of steps) {
        if (each.do === "count") {
          counted.with({ label: each.label }).inc(each.by);
          totals.set(each.label, (totals.get(each.label) ?? 0) + each.by);
        } else if (each.do === "advance") {
          for (let i = 0; i < each.seconds; i++) {
            world.timers.advance(1);
            await turn();
          }
        } else {
          await reader.cut();
          if (each.do === "connect") await reader.connect();
        }
      }
      await reader.cut();
      await reader.connect();
      world.timers.advance(2);
      await turn();
      await reader.cut();
      assert.deepEqual(reader.gaps, []);
      assert.deepEqual(
        new Map([...reader.growth].filter(([, sum]) => sum > 0)),
        totals,
      );
      let last = 0;
      for (const { seq, step } of reader.columns) {
        assert.ok(seq - step >= last, `${step} s until ${seq}, after ${last}`);
        last = seq;
      }
      const response = await world.get("/history?f=1&range=300");
      const history = await response.json() as History;
      const kept = history.families[0]!.series.map(({ id, total }) => {
        const { values } = history.names.s.find((each) => each.id === id)!;
        return [values[0]!, total] as const;
      });
      assert.deepEqual(new Map(kept), totals);
    }),
    { numRuns: 200 },
  );
});

test("a client that was away for an hour gets a gap, and then merged columns", async () => {
  using world = worldOf();
  const counted = world.registry.counter({
    name: "things_total",
    help: "Things.",
    labels: ["label"],
  });
  await begun(world);
  const reader = new Reader(world);
  await reader.connect();
  await reader.cut();
  for (let i = 0; i < 5000; i++) {
    counted.with({ label: "a" }).inc();
    world.timers.advance(1);
  }
  await reader.connect();
  await reader.cut();
  assert.equal(reader.gaps.length, 1);
  const [{ from, to, why }] = reader.gaps as [FeedEvents["gap"]];
  assert.equal(why, "slow");
  assert.ok(reader.columns.length > 300 && reader.columns.length < 400);
  assert.ok(reader.columns.every(({ step }) => step === 10));
  // The gap and the columns share 5000 seconds, of which each counted one.
  assert.ok(Math.abs(to - from + reader.growth.get("a")! - 5000) <= 10);
});
