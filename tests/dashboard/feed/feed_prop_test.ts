/** Laws of the feed: each change once, whatever is cut, slow or renamed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FamilyId, SeriesId } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";
import { feedWorld, TestClient } from "./feed_world.ts";

type Step =
  | { readonly do: "seconds"; readonly count: number; readonly by: number }
  | { readonly do: "add" | "remove"; readonly which: number }
  | { readonly do: "family"; readonly hasRole: boolean }
  | { readonly do: "read"; readonly client: number; readonly chunks: number }
  | { readonly do: "cut"; readonly client: number };

const WANTS = ["overview", "f:1,2,3", "overview;f:1;events"];

const which = fc.nat(40);
const client = fc.nat(WANTS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("seconds" as const),
    // Mostly short; some outlast the seconds, or everything that is kept.
    count: fc.oneof(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(25, 60, 400),
    ),
    by: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constantFrom("add" as const, "remove" as const), which }),
  fc.record({ do: fc.constant("family" as const), hasRole: fc.boolean() }),
  fc.record({
    do: fc.constant("read" as const),
    client,
    chunks: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ do: fc.constant("cut" as const), client }),
);

test("law: columns and gaps cover the time of a client once, and the sums of columns are those of the history", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { feed, history } = feedWorld();
      history.tick({ families: [["a", "requests"], ["b", null]] });
      const clients = WANTS.map((want) => new TestClient(feed, want));
      const begin = history.frames.at(-1)!.t;
      for (const client of clients) client.read(1);
      for (const each of steps) {
        if (each.do === "read") clients[each.client]!.read(each.chunks);
        else if (each.do === "cut") clients[each.client]!.connect();
        else act(history, each);
      }
      for (const client of clients) client.read();
      const end = history.frames.at(-1)!.t;
      for (const [index, client] of clients.entries()) {
        let at = begin;
        for (const [from, to] of client.told) {
          assert.equal(from, at, "no second is sent twice or left out");
          at = to;
        }
        assert.equal(at, end);
        const wanted = [...history.families.values()].filter(({ id, role }) =>
          index === 1 ? id <= 3 : role !== null || (index === 2 && id === 1)
        ).map(({ id }) => id);
        const gaps = client.messages.flatMap(({ event, data }) =>
          event === "gap" ? [data] : []
        );
        assert.deepEqual(
          withoutZeros(client.sums),
          withoutZeros(sumsOf(history, new Set(wanted), gaps)),
        );
        for (const id of history.existing) {
          const { family } = history.known.get(id)!;
          if (wanted.includes(family)) assert.ok(client.series.has(id));
        }
        for (const id of client.series) assert.ok(history.existing.has(id));
      }
      feed[Symbol.dispose]();
    }),
    { numRuns: 400 },
  );
});

type World = ReturnType<typeof feedWorld>["history"];

function act(history: World, step: Step): void {
  const existing = [...history.existing];
  if (step.do === "add") {
    const family = 1 + step.which % history.families.size;
    history.tick({ added: [[family, `${step.which}`]] });
  } else if (step.do === "remove" && existing.length > 0) {
    history.tick({ gone: [existing[step.which % existing.length]!] });
  } else if (step.do === "family") {
    history.tick({ families: [["c", step.hasRole ? "calls" : null]] });
  } else if (step.do === "seconds") {
    for (let i = 0; i < step.count; i++) {
      const growth = existing.filter((id) => (id + i) % step.by === 0)
        .map((id) => [id, step.by] as const);
      history.tick({ growth: new Map(growth) });
    }
  }
}

/** Returns the growth of all series outside of gaps. */
function sumsOf(
  history: World,
  wanted: ReadonlySet<FamilyId>,
  gaps: readonly { readonly from: number; readonly to: number }[],
): Map<SeriesId, number> {
  const sums = new Map<SeriesId, number>();
  for (const { changes, t } of history.frames) {
    if (gaps.some(({ from, to }) => t > from && t <= to)) continue;
    for (const [family, list] of changes) {
      if (!wanted.has(family)) continue;
      for (const [id, by] of list) {
        sums.set(id, (sums.get(id) ?? 0) + (by ?? 0));
      }
    }
  }
  return sums;
}

function withoutZeros(sums: Map<SeriesId, number>): [SeriesId, number][] {
  return [...sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => a - b);
}
