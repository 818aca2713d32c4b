/**
 * A route whose requests fail more often than usual.
 *
 * The simulation (tests/dashboard/findings/failing_prop_test.ts) chose windows
 * and thresholds: a fixed share of 60 s is wrong twice an hour.
 */
import type { About } from "./finding_state.ts";
import { type Counted, lowerBound } from "./share.ts";
import { PARTS, ShareState, type Terms, type Window } from "./share_state.ts";
import { SlotCounts } from "./slot_counts.ts";
import { percent, span } from "./words.ts";

/** Seconds of a slot: the shortest window has 6 of them. */
export const FAILING_SLOT = 5;

const WINDOWS: readonly Window[] = [30, 120, 600].map((seconds) => ({
  slots: seconds / FAILING_SLOT,
  part: seconds / FAILING_SLOT / PARTS,
}));

/** Minimum number of failures, and of parts of the window that have some. */
const MINIMUM = 5;
const SPREAD = 3;

/** The lowest limit, and the usual share of a route without a past. */
const LOWEST = 0.02;

/** The limit, as a multiple of the usual share. */
const TIMES = 3;

/** Minimum number of requests of the past. */
const KNOWN = 20;

/** Seconds without a past since the start, and the rule until then. */
const FIRST = 600;
const FIRST_MINIMUM = 10;
const FIRST_LIMIT = 0.05;

const [REQUESTS, FAILURES] = [0, 1];

/** The rule `failing` for one route. */
export class FailingRoute extends ShareState {
  constructor(about: About) {
    super(about, new SlotCounts(2, FAILING_SLOT));
  }

  /** Counts requests in `slot`, of which `failures` have failed. */
  observe(slot: number, requests: number, failures: number): void {
    this.counts.add(slot, REQUESTS, requests);
    this.counts.add(slot, FAILURES, failures);
  }

  protected override terms(now: number): readonly Terms[] {
    const slots = Math.floor(now / FAILING_SLOT);
    return [
      now < FIRST ? this.#first({ slots, part: slots / PARTS }) : this.#terms(),
    ];
  }

  #count(from: number, to: number): Counted {
    return {
      k: this.counts.sum(FAILURES, from, to),
      n: this.counts.sum(REQUESTS, from, to),
    };
  }

  #first(window: Window): Terms {
    return {
      usual: null,
      limit: FIRST_LIMIT,
      above: null,
      minimum: FIRST_MINIMUM,
      spread: 0,
      windows: [window],
      share: (k, n) => k / n,
      isCounted: true,
      count: (from, to) => this.#count(from, to),
      threshold: () =>
        `At least ${FIRST_MINIMUM} requests and ${
          percent(FIRST_LIMIT)
        } of all ` +
        "failed since the start; there is no past yet to compare with.",
    };
  }

  #terms(): Terms {
    const requests = this.counts.past[REQUESTS]!;
    const usual = requests < KNOWN
      ? null
      : (this.counts.past[FAILURES]! + 0.5) / (requests + 1);
    const limit = Math.max(LOWEST, TIMES * (usual ?? LOWEST));
    return {
      usual,
      limit,
      above: null,
      minimum: MINIMUM,
      spread: SPREAD,
      windows: WINDOWS,
      share: lowerBound,
      isCounted: true,
      count: (from, to) => this.#count(from, to),
      threshold: (seconds) =>
        `At least ${MINIMUM} requests in ${
          span(seconds)
        } failed, in ${SPREAD} ` +
        `of ${PARTS} parts of it, and for certain more than ${
          percent(limit)
        } ` +
        `(lower Wilson bound, z = 3). ${limitWords(usual)}`,
    };
  }
}

function limitWords(usual: number | null): string {
  return usual === null
    ? "That is the limit of a route without a past."
    : `The limit is ${TIMES} times the usual ${percent(usual)}, ` +
      `at least ${percent(LOWEST)}.`;
}
