/** The judge finds what a faulty fleet does, and nothing in a correct one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertAll,
  constantFrom,
  integer,
  property,
} from "../../support/property.ts";
import { type History, judge, newHistory, type Verdict } from "./history.ts";
import { Random } from "./random.ts";
import { broken } from "./storm.ts";

type Fault =
  | "none"
  | "answers unpublished counts"
  | "publishes too rarely"
  | "counts a dead member twice"
  | "forgets dead members"
  | "publishes half of a histogram"
  | "waits for frozen members";

const MEMBERS = 3;
const INTERVAL = 250;

/** A fleet in one thread whose time is the number of its steps. */
class SimulatedFleet {
  readonly history: History = newHistory();
  readonly #published: number[] = Array(MEMBERS).fill(0);
  readonly #own: number[] = Array(MEMBERS).fill(0);
  readonly #publishedAt: number[] = Array(MEMBERS).fill(0);
  readonly #incarnation: number[] = Array(MEMBERS).fill(0);
  readonly #frozenUntil: number[] = Array(MEMBERS).fill(0);
  readonly #frozenFor: number[] = Array(MEMBERS).fill(0);
  readonly #fault: Fault;
  #now = 0;
  #adopted = 0;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  #name(slot: number): string {
    return `${slot}.${this.#incarnation[slot]}`;
  }

  #publish(slot: number): void {
    this.#published[slot] = this.#own[slot]!;
    this.#publishedAt[slot] = this.#now;
    this.#frozenFor[slot] = 0;
  }

  step(random: Random): void {
    this.#now += 10;
    const interval = this.#fault === "publishes too rarely" ? 5000 : INTERVAL;
    for (let slot = 0; slot < MEMBERS; slot++) {
      if (this.#frozenUntil[slot]! > this.#now) continue;
      const ran = this.#now - this.#publishedAt[slot]! - this.#frozenFor[slot]!;
      if (ran >= interval) this.#publish(slot);
      this.#count(slot);
    }
    const slot = Math.floor(random.below(MEMBERS));
    const chance = random.below(100);
    // A scrape publishes: many of them hide that a member does not by itself.
    const scraped = this.#fault === "publishes too rarely" ? 3 : 30;
    if (chance < scraped) this.#scrape(slot);
    else if (chance < scraped + 3) this.#kill(slot);
    else if (chance < scraped + 6) this.#freeze(slot, random.below(400));
  }

  #count(slot: number): void {
    this.#own[slot]!++;
    this.history.sent++;
    this.history.acks.push({ member: this.#name(slot), at: this.#now });
  }

  #kill(slot: number): void {
    this.history.kills.push({ member: this.#name(slot), at: this.#now });
    this.#incarnation[slot]!++;
    if (this.#fault === "forgets dead members") this.#published[slot] = 0;
    if (this.#fault === "counts a dead member twice") {
      this.#adopted += this.#published[slot]!;
    }
    this.#own[slot] = this.#published[slot]!;
    this.#frozenUntil[slot] = 0;
    this.#publish(slot);
  }

  #freeze(slot: number, span: number): void {
    if (this.#frozenUntil[slot]! > this.#now) return;
    const [from, to] = [this.#now, this.#now + span];
    this.#frozenUntil[slot] = to;
    this.#frozenFor[slot]! += span;
    this.history.pauses.push({ member: this.#name(slot), from, to });
  }

  #scrape(slot: number): void {
    if (this.#frozenUntil[slot]! > this.#now) return;
    const text = this.answer(slot);
    const isFrozen = this.#frozenUntil.some((until) => until > this.#now);
    const isWaiting = this.#fault === "waits for frozen members" && isFrozen;
    this.history.scrapes.push({
      begun: this.#now,
      ended: this.#now + 1,
      text,
      member: this.#name(slot),
      took: isWaiting ? 200 : 20,
    });
  }

  /** Returns the answer of a member. */
  answer(slot: number): string {
    const isUnpublished = this.#fault === "answers unpublished counts";
    if (!isUnpublished) this.#publish(slot);
    const total = this.#adopted +
      this.#published.reduce(
        (sum, count, other) =>
          sum + (isUnpublished && other === slot ? this.#own[slot]! : count),
        0,
      );
    const isTorn = this.#fault === "publishes half of a histogram";
    return [
      "# TYPE shop_orders_total counter",
      `shop_orders_total ${total}`,
      "# TYPE shop_seconds histogram",
      `shop_seconds_bucket{le="1"} ${total}`,
      `shop_seconds_bucket{le="+Inf"} ${total}`,
      `shop_seconds_count ${total + (isTorn ? 1 : 0)}`,
      "",
    ].join("\n");
  }

  /** Publishes what all members have counted. */
  end(): void {
    this.#now += 10_000;
    for (let slot = 0; slot < MEMBERS; slot++) this.#publish(slot);
  }
}

function simulate(fault: Fault, seed: number): Verdict {
  const fleet = new SimulatedFleet(fault);
  const random = new Random(seed);
  for (let step = 0; step < 2000; step++) fleet.step(random);
  fleet.end();
  return judge(fleet.history, {
    counter: "shop_orders_total",
    unpublished: INTERVAL + 10,
    last: fleet.answer(0),
  });
}

const EXPECTED: readonly (readonly [Fault, readonly string[]])[] = [
  ["none", []],
  ["answers unpublished counts", ["falls"]],
  ["publishes too rarely", ["lost"]],
  ["counts a dead member twice", ["invented"]],
  ["forgets dead members", ["falls", "lost"]],
  ["publishes half of a histogram", ["torn"]],
  ["waits for frozen members", ["slow"]],
];

for (const [fault, laws] of EXPECTED) {
  test(`judge() reports a fleet whose fault is: ${fault}`, () => {
    assertAll(
      property(integer(), (seed) => {
        assert.deepEqual(broken(simulate(fault, seed)), laws);
      }),
      { numRuns: 10 },
    );
  });
}

function scrape(begun: number, ended: number, text: string) {
  return { begun, ended, text };
}

test("judge() compares only scrapes that do not overlap", () => {
  const [low, high] = [1, 2].map((value) =>
    `# TYPE a counter\na_total ${value}\n`
  ) as [string, string];
  const terms = { counter: "a_total", unpublished: 0, last: "" };
  const falls = (...scrapes: History["scrapes"]): number =>
    judge({ ...newHistory(), scrapes }, terms).falls.length;
  assert.equal(falls(scrape(0, 9, high), scrape(5, 20, low)), 0);
  assert.equal(falls(scrape(0, 4, high), scrape(5, 20, low)), 1);
  assert.equal(falls(scrape(5, 20, low), scrape(0, 4, high)), 1);
  assert.equal(falls(scrape(0, 4, high), scrape(5, 20, "")), 1, "it vanished");
});

test("judge() reports buckets that fall, and counts of other labels", () => {
  const histogram = (bucket: number, count: number, label: string): string =>
    [
      "# TYPE a histogram",
      `a_bucket{x="${label}",le="1"} ${bucket}`,
      `a_bucket{x="${label}",le="+Inf"} 5`,
      `a_count{x="1"} ${count}`,
    ].join("\n");
  const torn = (text: string): number =>
    judge({ ...newHistory(), scrapes: [scrape(0, 1, text)] }, {
      counter: "a_count",
      unpublished: 0,
      last: "",
    }).torn.length;
  assert.equal(torn(histogram(5, 5, "1")), 0);
  assert.equal(torn(histogram(6, 5, "1")), 1);
  assert.equal(torn(histogram(4, 6, "1")), 1);
  assert.equal(torn(histogram(4, 5, "2")), 1);
});

test("judge() does not count frozen time as time in which a member ran", () => {
  assertAll(
    property(integer({ min: 0, max: 500 }), constantFrom(0, 7), (span, gap) => {
      const acks = [0, 100, 200].map((at) => ({ member: "a", at }));
      const history = {
        ...newHistory(),
        acks,
        pauses: [{ member: "a", from: 210, to: 210 + span }],
        kills: [{ member: "a", at: 210 + span + gap }],
      };
      const terms = { counter: "a_total", unpublished: 115, last: "" };
      assert.equal(judge(history, terms).allowed, gap === 0 ? 2 : 1);
    }),
  );
});

test("judge() reports slow answers of members to which nothing was done", () => {
  const slow = (member: string, begun: number, took: number): number => {
    const scrapes = [{ begun, ended: begun + 200, text: "", member, took }];
    const pauses = [{ member: "12", from: 500, to: 600 }];
    return judge({ ...newHistory(), scrapes, pauses }, {
      counter: "a_total",
      unpublished: 0,
      last: "",
    }).slow.length;
  };
  assert.equal(slow("12", 0, 101), 1);
  assert.equal(slow("12", 0, 100), 0);
  assert.equal(slow("12", 400, 101), 0, "it was frozen");
  assert.equal(slow("12-a", 400, 101), 0, "its process was frozen");
  assert.equal(slow("123", 400, 101), 1, "another one was frozen");
});

test("judge() allows for all threads of a process that was killed", () => {
  const history = {
    ...newHistory(),
    acks: ["12-a", "12-b", "123-a", "12"].map((member) => ({ member, at: 50 })),
    kills: [{ member: "12", at: 60 }],
  };
  const terms = { counter: "a_total", unpublished: 20, last: "" };
  assert.equal(judge(history, terms).allowed, 3);
});
