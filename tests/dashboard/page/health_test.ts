import assert from "node:assert/strict";
import { test } from "node:test";
import { familiesOf } from "../../../page/core/want.ts";
import { failedShare, totalsOf } from "../../../page/views/fleet/totals.ts";
import {
  fineSources,
  fleetSentence,
  type Piece,
  summaryOf,
  zeroCounts,
} from "../../../page/views/health/words.ts";
import type {
  FamilyInfo,
  FleetMember,
  Health,
} from "../../../src/dashboard/protocol.ts";

function text(pieces: readonly Piece[]): string {
  return pieces.map((piece) =>
    typeof piece === "string" ? piece : `[${piece.name}]`
  ).join("");
}

function healthOf(checks: string, sources: string): Health {
  // Upper case fails.
  const part = (name: string) => ({ name, ok: name === name.toLowerCase() });
  return {
    checks: [...checks].map((name) => ({ ...part(name), ms: null })),
    sources: [...sources].map((name) => ({
      ...part(name),
      failures: 0,
      error: "",
    })),
    self: [],
    fleet: null,
  };
}

test("summaryOf() names what fails, checks first", () => {
  for (
    const [checks, sources, expected] of [
      ["ab", "c", "All checks pass, and all sources can be read."],
      ["", "c", "All sources can be read. No checks are declared."],
      ["aB", "c", "The check [B] fails. "],
      ["AB", "", "The checks [A] and [B] fail. "],
      ["ABC", "", "The checks [A], [B] and [C] fail. "],
      ["ABCDE", "", "The checks [A], [B] and 3 more fail. "],
      ["a", "C", "The source [C] cannot be read: its metrics are missing."],
      [
        "A",
        "CD",
        "The check [A] fails. " +
        "The sources [C] and [D] cannot be read: their metrics are missing.",
      ],
    ] as const
  ) assert.equal(text(summaryOf(healthOf(checks, sources))), expected);
});

function member(
  state: FleetMember["state"],
  requests: number | null,
  errors: number | null = 0,
): FleetMember {
  return {
    name: `${state} ${requests}`,
    state,
    isThis: false,
    age: 1,
    pid: 1,
    requests,
    errors,
    memory: null,
  };
}

test("totalsOf() sums the members that have joined, and names the others", () => {
  assert.deepEqual(
    totalsOf([
      member("joined", 3, 1),
      member("joined", null, null),
      member("late", 100),
      member("joined", 4, 1),
    ]),
    { requests: 7, errors: 2, memory: null, without: ["late 100"] },
  );
});

test("failedShare() is unknown unless both counts are known", () => {
  assert.equal(failedShare({ requests: 8, errors: 2 }), 0.25);
  assert.equal(failedShare({ requests: 0, errors: 0 }), 0);
  assert.ok(Number.isNaN(failedShare({ requests: null, errors: 2 })));
  assert.ok(Number.isNaN(failedShare({ requests: 2, errors: null })));
});

test("fleetSentence() says whom the totals leave out", () => {
  assert.equal(text(fleetSentence(1, [])), "One member has joined.");
  assert.equal(text(fleetSentence(3, [])), "All 3 members have joined.");
  assert.equal(
    text(fleetSentence(3, ["b"])),
    "2 of 3 members have joined. The totals leave out [b].",
  );
});

test("familiesOf() reads the families of a want", () => {
  const families = new Map(
    [1, 2, 3].map((id) => [
      id,
      { id, role: id === 1 ? "requests" : null } as FamilyInfo,
    ]),
  );
  const read = (want: string) => [...familiesOf(want, families)];
  assert.deepEqual(read("overview"), [1]);
  assert.deepEqual(read("f:3,2,99,x"), [3, 2]);
  assert.deepEqual(read("overview;f:2;traces"), [1, 2]);
  assert.deepEqual(read("events:f:1"), []);
  assert.deepEqual(read(""), []);
});

test("fineSources() and zeroCounts() name what needs no row", () => {
  assert.equal(fineSources(healthOf("", "aBc")), "Can be read: a, c.");
  assert.equal(fineSources(healthOf("", "B")), "");
  const self = ["a", "a", "b", "c"].map((name, i) => ({
    name,
    help: "",
    labels: {},
    value: i === 3 ? 1 : 0,
  }));
  const health = { ...healthOf("", ""), self };
  assert.equal(zeroCounts(health), "Zero: a (2 series), b.");
  assert.equal(zeroCounts(healthOf("", "")), "");
});
