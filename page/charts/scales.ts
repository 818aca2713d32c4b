/**
 * The ruling of the paper: scales, their majors and minors, and the ticks of time.
 *
 * - Linear scales begin at zero; log scales cover whole decades.
 * - Pure; positions are fractions from 0 (bottom, left) to 1 (top, right).
 */

/** A scale of values. */
export interface Scale {
  readonly isLog: boolean;
  readonly low: number;
  readonly high: number;
  /** Values with a label and a stronger rule. */
  readonly majors: readonly number[];
  /** Values with a fine rule. */
  readonly minors: readonly number[];
  /** Returns where a value lies; values outside lie at the edge. */
  at(value: number): number;
  /** Returns the value at a fraction. */
  invert(fraction: number): number;
}

/** Steps of a ruling, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10] as const;

/** Fine rules between two majors of a linear scale, and the major itself. */
const MINORS = 5;

/** Absorbs what is lost in sums of decimal fractions. */
const EPSILON = 1e-9;

/** Keeps a number within 0 and 1. */
function fraction(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}

/** Returns the least of 1, 2, 2.5, 5 × 10ⁿ that is not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = STEPS.find((each) => each * power >= least * (1 - EPSILON));
  return (step ?? 10) * power;
}

/**
 * Returns a scale from zero that holds `most`, of about `majors` steps. Without
 * anything above zero it is a scale to one.
 */
export function linearScale(most: number, majors = 4): Scale {
  const largest = most > 0 && Number.isFinite(most) ? most : 1;
  const step = niceStep(largest / majors);
  // `niceStep` may have rounded the step down by as much.
  const count = Math.max(1, Math.ceil(largest / step * (1 - 2 * EPSILON)));
  const high = step * count;
  return {
    isLog: false,
    low: 0,
    high,
    majors: Array.from({ length: count + 1 }, (_, i) => i * step),
    minors: Array.from(
      { length: count * MINORS + 1 },
      (_, i) => i * step / MINORS,
    ),
    at: (value) => fraction(value / high),
    invert: (at) => at * high,
  };
}

/** Returns a scale from `least`, below zero, to `most` or zero. */
export function signedScale(least: number, most: number, majors = 4): Scale {
  const top = Math.max(0, most);
  const step = niceStep((top - least) / majors);
  const first = Math.floor(least / step + EPSILON);
  const count = Math.ceil(top / step - EPSILON) - first;
  const low = first * step;
  const height = count * step;
  const rules = (parts: number) =>
    Array.from(
      { length: count * parts + 1 },
      (_, i) => (first * parts + i) * step / parts,
    );
  return {
    isLog: false,
    low,
    high: low + height,
    majors: rules(1),
    minors: rules(MINORS),
    at: (value) => fraction((value - low) / height),
    invert: (at) => low + at * height,
  };
}

/** A scale is kept while the largest value fills this share of it. */
const FILLED = 0.45;

/**
 * Returns `previous` while it still suits `most`, so that the paper is not
 * exchanged at each small change, else a new scale.
 */
export function steadyScale(
  previous: Scale | null,
  most: number,
  majors = 4,
): Scale {
  const suits = previous !== null && !previous.isLog &&
    most <= previous.high && most > previous.high * FILLED;
  return suits ? previous : linearScale(most, majors);
}

/** Returns a log scale from `low` to `high`, both above zero; majors are decades. */
export function logScale(low: number, high: number): Scale {
  const bottom = Math.log10(low);
  const decades = Math.log10(high) - bottom;
  const majors: number[] = [];
  const minors: number[] = [];
  const isWithin = (value: number) =>
    value >= low * (1 - EPSILON) && value <= high * (1 + EPSILON);
  const last = Math.ceil(Math.log10(high) - EPSILON);
  for (
    let exponent = Math.floor(bottom + EPSILON);
    exponent <= last;
    exponent++
  ) {
    for (let digit = 1; digit < 10; digit++) {
      const value = Number(`${digit}e${exponent}`);
      if (isWithin(value)) (digit === 1 ? majors : minors).push(value);
    }
  }
  return {
    isLog: true,
    low,
    high,
    majors,
    minors,
    at: (value) =>
      value > 0 ? fraction((Math.log10(value) - bottom) / decades) : 0,
    invert: (at) => 10 ** (bottom + at * decades),
  };
}

/** Returns a log scale of whole decades, at least one, that holds both values. */
export function decadeScale(low: number, high: number): Scale {
  const first = Math.floor(Math.log10(low) + EPSILON);
  const last = Math.ceil(Math.log10(high) - EPSILON);
  return logScale(
    Number(`1e${first}`),
    Number(`1e${Math.max(first + 1, last)}`),
  );
}

/** The ticks of a time axis, in seconds. */
export interface TimeRuling {
  readonly minor: number;
  readonly major: number;
}

const RULINGS: readonly TimeRuling[] = [
  { minor: 1, major: 5 },
  { minor: 1, major: 10 },
  { minor: 5, major: 30 },
  { minor: 10, major: 60 },
  { minor: 30, major: 180 },
  { minor: 60, major: 300 },
  { minor: 120, major: 600 },
];

/** At most this many majors on one axis. */
const MOST_MAJORS = 6;

/** Returns the ruling of a span of time: 10 s and 1 min for five minutes. */
export function timeRuling(span: number): TimeRuling {
  return RULINGS.find(({ major }) => span / major <= MOST_MAJORS) ??
    RULINGS.at(-1)!;
}

/** Returns the multiples of `step` from `from` to `to`. */
export function multiples(from: number, to: number, step: number): number[] {
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
    ticks.push(tick);
  }
  return ticks;
}

/**
 * Moves labels apart: returns positions in the order of `wanted` (ascending) that
 * are at least `height` apart and within `top` and `bottom`. If they cannot all
 * fit, they are evenly close.
 */
export function spread(
  wanted: readonly number[],
  height: number,
  top: number,
  bottom: number,
): number[] {
  const room = wanted.length > 1 ? (bottom - top) / (wanted.length - 1) : 0;
  const apart = wanted.length > 1 ? Math.min(height, room) : height;
  const placed: number[] = [];
  let least = top;
  for (const at of wanted) {
    placed.push(Math.max(at, least));
    least = placed.at(-1)! + apart;
  }
  let most = bottom;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i]!, most);
    most = placed[i]! - apart;
  }
  return placed;
}
