/**
 * Words for numbers: three digits, one unit, and a sign for "too small to say".
 *
 * - Pure; nothing here knows the document.
 * - Seconds scale to µs, ms, s, min; bytes are binary; ratios are percent.
 * - A number that is unknown is "–", never 0.
 */

/** A number in words: its digits and, apart, its unit. */
export interface Figure {
  readonly digits: string;
  /** Such as `ms`, `/s`, `%`; empty if there is none. */
  readonly unit: string;
}

/** Turns a value into a figure. */
export type Format = (value: number) => Figure;

/** Keeps a number and its unit on one line. */
const NO_BREAK = "\u00a0";

/** Parts thousands, and keeps them on one line. */
const THIN = "\u202f";

const UNKNOWN: Figure = { digits: "–", unit: "" };

/** Returns three digits of a number from 0 to 1000: `0.35`, `4.92`, `46.7`, `312`. */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  return size >= 0.01 ? value.toFixed(2) : value.toPrecision(2);
}

/** Returns two digits, three from 100 on: `2.0`, `13`, `256`. */
function twoDigits(value: number): string {
  return Math.abs(value) >= 9.95 ? value.toFixed(0) : value.toFixed(1);
}

/** Returns a whole number with its thousands apart. */
export function wholeNumber(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** Numbers without a unit: `46.7`, `1 000`, `12.4 k`, `3.20 M`. */
export const plain: Format = (value) => {
  if (Number.isNaN(value)) return UNKNOWN;
  if (!Number.isFinite(value)) {
    return { digits: value > 0 ? "∞" : "−∞", unit: "" };
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 10_000) {
    return { digits: wholeNumber(value), unit: "" };
  }
  for (const [limit, by, unit] of SCALES) {
    if (size >= limit) return { digits: threeDigits(value / by), unit };
  }
  return { digits: threeDigits(value), unit: "" };
};

/** The size from which on a number is in thousands, millions and so on. */
const SCALES: readonly (readonly [number, number, string])[] = [
  [999.5e9, 1e12, "T"],
  [999.5e6, 1e9, "G"],
  [999.5e3, 1e6, "M"],
  [999.5, 1e3, "k"],
];

/** Durations in seconds: `240 µs`, `13 ms`, `1.53 s`, `2 min 5 s`, `3 h 10 min`. */
export const seconds: Format = (value) => {
  if (!Number.isFinite(value)) return plain(value);
  const size = Math.abs(value);
  if (size === 0) return { digits: "0", unit: "s" };
  if (size < 999.5e-9) return { digits: twoDigits(value * 1e9), unit: "ns" };
  if (size < 999.5e-6) return { digits: twoDigits(value * 1e6), unit: "µs" };
  if (size < 0.9995) return { digits: twoDigits(value * 1e3), unit: "ms" };
  if (size < 59.95) return { digits: threeDigits(value), unit: "s" };
  return longTime(value);
};

function longTime(value: number): Figure {
  const sign = value < 0 ? "−" : "";
  const whole = Math.round(Math.abs(value));
  if (whole < 3600) return pair(sign, whole, 60, "min", 1, "s");
  return whole < 86_400
    ? pair(sign, whole, 3600, "h", 60, "min")
    : pair(sign, whole, 86_400, "d", 3600, "h");
}

function pair(
  sign: string,
  whole: number,
  large: number,
  largeUnit: string,
  small: number,
  smallUnit: string,
): Figure {
  const rest = Math.floor((whole % large) / small);
  const first = sign + Math.floor(whole / large);
  return rest === 0 ? { digits: first, unit: largeUnit } : {
    digits: `${first}${NO_BREAK}${largeUnit}${NO_BREAK}${rest}`,
    unit: smallUnit,
  };
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes, binary: `412 B`, `1.9 MiB`, `96 MiB`. */
export const bytes: Format = (value) => {
  if (!Number.isFinite(value)) return plain(value);
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 999.5 && step < BYTE_UNITS.length - 1) {
    size /= 1024;
    step++;
  }
  const digits = step === 0 ? threeDigits(size) : twoDigits(size);
  return { digits: size === 0 ? "0" : digits, unit: BYTE_UNITS[step]! };
};

/** Shares from 0 to 1, as percent: `22.4 %`, `2.03 %`, `0.7 %`, `< 0.1 %`, `0 %`. */
export const ratio: Format = (value) => {
  if (!Number.isFinite(value)) return plain(value);
  const percent = value * 100;
  const size = Math.abs(percent);
  if (size === 0) return { digits: "0", unit: "%" };
  if (size < 0.1) return { digits: `<${NO_BREAK}0.1`, unit: "%" };
  if (size < 0.995) return { digits: percent.toFixed(1), unit: "%" };
  return { digits: threeDigits(percent), unit: "%" };
};

/** Returns the format of a family by its unit, such as `seconds`. */
export function formatOf(unit: string): Format {
  if (unit === "seconds") return seconds;
  if (unit === "bytes") return bytes;
  if (unit === "ratio") return ratio;
  if (unit === "") return plain;
  return (value) => {
    const { digits, unit: scale } = plain(value);
    return { digits, unit: scale === "" ? unit : `${scale} ${unit}` };
  };
}

/** Returns the format of what a family of this unit grows by in a second. */
export function rateOf(unit: string): Format {
  const format = formatOf(unit);
  return (value) => {
    if (Number.isNaN(value)) return UNKNOWN;
    const figure = unit === "" ? plain(rounded(value)) : format(value);
    return { digits: figure.digits, unit: `${figure.unit}/s` };
  };
}

/** A rate of 14 is "14.0": it was measured, not counted. */
function rounded(value: number): number {
  return Number.isInteger(value) && value !== 0 ? value + 1e-9 : value;
}

/** Leaves zeros at the end out: a bound of 1 s is exact, it was not measured. */
export function brief({ digits, unit }: Figure): Figure {
  return {
    digits: digits.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""),
    unit,
  };
}

/** Joins a figure: `13 ms`, `46.7/s`. */
export function words(figure: Figure): string {
  const { digits, unit } = figure;
  if (unit === "" || unit.startsWith("/")) return digits + unit;
  return digits + NO_BREAK + unit;
}

/** Returns the labels of an axis, all in the unit of the largest tick. */
export function tickWords(
  ticks: readonly number[],
  format: Format,
): readonly string[] {
  const largest = ticks.reduce((most, tick) => Math.max(most, tick), 0);
  const { digits, unit } = format(largest);
  const by = largest / Number(digits.replaceAll(THIN, ""));
  if (!Number.isFinite(by) || by === 0) {
    return ticks.map((tick) => words(format(tick)));
  }
  return ticks.map((tick) => {
    if (tick === 0) return "0";
    // Ticks are 1, 2, 2.5 or 5 times a power of ten: four digits hold them.
    const text = String(Number((tick / by).toPrecision(4)));
    return words({ digits: text, unit: unit === "/s" ? "" : unit });
  });
}

/** The times of day on the page. */
export interface Clock {
  /** `14:21:07`. */
  seconds(time: number): string;
  /** `14:21`. */
  minutes(time: number): string;
}

/** Times of day in UTC, from unix seconds. */
export const utc: Clock = {
  seconds: (time) => new Date(time * 1000).toISOString().slice(11, 19),
  minutes: (time) => new Date(time * 1000).toISOString().slice(11, 16),
};

/** Returns a time in whole numbers of its largest unit: `4 s`, `6 min`, `2 h`. */
export function passedTime(seconds: number): string {
  const passed = Math.max(0, Math.round(seconds));
  if (passed < 60) return `${passed}${NO_BREAK}s`;
  if (passed < 3600) return `${Math.floor(passed / 60)}${NO_BREAK}min`;
  return `${Math.floor(passed / 3600)}${NO_BREAK}h`;
}

/** Returns how long ago a time was: `4 s ago`, `6 min ago`. */
export function ago(time: number, now: number): string {
  return `${passedTime(now - time)} ago`;
}
