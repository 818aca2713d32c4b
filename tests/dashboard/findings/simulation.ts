/**
 * Runs rules over simulated histories, and counts what they do.
 *
 * The tables of the rules are of 200 histories each. Tests run fewer, and allow
 * for their chance; to see the tables themselves, with bounds near the figures:
 *
 *     BAROGRAPH_ROUNDS=30 deno test --config tests/deno.json -A tests/dashboard/findings
 */
import type { FindingState } from "../../../src/dashboard/findings/finding_state.ts";
import { rounds } from "../../support/rounds.ts";
import { Random } from "./traffic.ts";

const HOUR = 3600;

/** Seconds of the longest window of a rule. */
const LONGEST = 600;

/** One subject of a history: `step` gives its rule the cases of a slot. */
export interface Simulated {
  readonly state: FindingState;
  readonly step: (slot: number) => void;
}

/** Seconds between two judgements. */
export const PERIOD = 10;

/**
 * Calls `onEvent` for each opening and closing in [`from`, `to`), until it returns
 * true. Before `from` cases are counted, not judged.
 */
export function run(
  { state, step }: Simulated,
  slotSeconds: number,
  { from, to }: Trouble,
  onEvent: (what: "opened" | "closed", now: number) => boolean | void,
): void {
  let slot = 0;
  for (let now = PERIOD; now <= to; now += PERIOD) {
    for (; (slot + 1) * slotSeconds <= now; slot++) step(slot);
    if (now < from) continue;
    const what = state.judge(now);
    if (what !== undefined && onEvent(what, now) === true) return;
  }
}

/** Returns the number of histories: `written`, fewer in the everyday run. */
export function histories(written: number): number {
  return rounds(written, 10);
}

/** Counts what opens in the second hour of histories without any trouble. */
export function falseFindings(
  histories: number,
  slotSeconds: number,
  make: (random: Random) => readonly Simulated[],
): number {
  let found = 0;
  for (let seed = 0; seed < histories; seed++) {
    for (const simulated of make(new Random(7919 * seed + 13))) {
      // Trouble that begins in the first hour does not open in the second.
      const judged = { from: HOUR - LONGEST, to: 2 * HOUR };
      run(simulated, slotSeconds, judged, (what, now) => {
        if (what === "opened" && now > HOUR) found++;
      });
    }
  }
  return found;
}

/** Outcomes of one trouble in many histories, in seconds. */
export interface Detection {
  readonly runs: number;
  /** Histories in which nothing opened while the trouble lasted. */
  readonly missed: number;
  /** From the begin of the trouble to the opening. */
  readonly detection: number[];
  /** By how much the begin was misjudged. */
  readonly off: number[];
  /** The same where the finding calls it exact. */
  readonly exactOff: number[];
  /** Histories in which the finding closed while the trouble lasted. */
  readonly closedLive: number;
  /** From the end of the trouble to the closing, and by how much the end was off. */
  readonly closing: number[];
  readonly untilOff: number[];
}

/** A trouble: when it begins and ends. */
export interface Trouble {
  readonly from: number;
  readonly to: number;
}

/** Runs a trouble of `lasts` seconds after an hour of past. */
export function detect(
  runs: number,
  slotSeconds: number,
  lasts: number,
  make: (random: Random, trouble: Trouble) => Simulated,
): Detection {
  const detection: number[] = [];
  const [off, exactOff, closing, untilOff]: number[][] = [[], [], [], []];
  let [missed, closedLive] = [0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const random = new Random(104_729 * seed + 7);
    const from = HOUR + Math.floor(random.between(0, 60));
    const trouble = { from, to: from + lasts };
    const simulated = make(random, trouble);
    const { state } = simulated;
    let opened = false;
    const judged = { from: HOUR, to: trouble.to + 900 };
    run(simulated, slotSeconds, judged, (what, now) => {
      const isLive = now > from && now <= trouble.to;
      if (what === "opened" && isLive && !opened) {
        opened = true;
        const { since, isSinceExact } = state.evidence!;
        detection.push(now - from);
        off!.push(Math.abs(since - from));
        if (isSinceExact) exactOff!.push(Math.abs(since - from));
      }
      if (what !== "closed" || !opened) return false;
      if (isLive) closedLive++;
      else {
        closing!.push(now - trouble.to);
        const { until } = state.toFinding((time) => time);
        untilOff!.push(Math.abs(until! - trouble.to));
      }
      return true;
    });
    if (!opened) missed++;
  }
  return {
    ...{ runs, missed, detection, closedLive },
    ...{
      off: off!,
      exactOff: exactOff!,
      closing: closing!,
      untilOff: untilOff!,
    },
  };
}

/** Returns a quantile of numbers; 0 without any. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

/**
 * Returns how many of `runs` may do what `perTwoHundred` of 200 runs of the table
 * did: three standard deviations more, of this count and that of the table. It is
 * `runs` or more where too few run for a test that could fail.
 */
export function allowed(perTwoHundred: number, runs: number): number {
  const share = perTwoHundred / 200;
  const variance = share * (1 - share) * (runs + runs ** 2 / 200);
  return share * runs + 3 * Math.sqrt(variance) + 0.5;
}

/** Returns how large the median of `runs` may be that is `median` in the table. */
export function aroundMedian(median: number, runs: number): number {
  return median * (1 + 3 / Math.sqrt(runs)) + PERIOD;
}
