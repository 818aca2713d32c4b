/** The parts of a sample that are written as text: names, labels, exemplars. */
import { type Fragment, fragment, type TextWriter } from "../base/mod.ts";
import {
  boundText,
  isClassicLabel,
  isClassicMetric,
  isLabelName,
} from "../base/internal.ts";
import type { Exemplar, LabelSet } from "../model/mod.ts";
import { MAX_SECONDS } from "../model/internal.ts";

const QUOTE = 0x22;

/** Cached values per label; labels with more values are not cached. */
const MAX_CACHED = 256;

/**
 * Writes the label at `index` of a family with its value; `isFirst` if no label
 * of the series precedes it.
 */
export type PairWriter<W extends TextWriter = TextWriter> = (
  index: number,
  value: string,
  out: W,
  isFirst: boolean,
) => void;

/**
 * Writes the label sets of one family, pair by pair.
 *
 * Most labels have few values, so the text of each pair is cached and copied. A
 * label with more than 256 values is rendered each time.
 */
export class LabelPairs<W extends TextWriter = TextWriter> {
  /** By label: the text of each value; undefined if there are too many. */
  readonly #cached: (Map<string, Fragment> | undefined)[] = [];
  /** The same for pairs that begin a label set although another label could. */
  readonly #firsts: (Map<string, Fragment> | undefined)[] = [];
  readonly #write: PairWriter<W>;

  /** `size` is the number of labels of the family. */
  constructor(size: number, write: PairWriter<W>) {
    for (let i = 0; i < size; i++) this.#cached.push(new Map());
    for (let i = 1; i < size; i++) this.#firsts[i] = new Map();
    this.#write = write;
  }

  /**
   * Writes all labels whose value is not empty: an empty label is absent. Returns
   * whether there are any.
   */
  write(labels: LabelSet, out: W): boolean {
    const size = this.#cached.length;
    let cached = this.#cached;
    let isFirst = true;
    for (let index = 0; index < size; index++) {
      const value = labels.value(index);
      if (value === "") {
        if (isFirst) cached = this.#firsts;
        continue;
      }
      const pair = cached[index]?.get(value);
      if (pair !== undefined) out.copy(pair);
      else this.#writeNew(cached, index, value, out, isFirst);
      isFirst = false;
      cached = this.#cached;
    }
    return !isFirst;
  }

  #writeNew(
    cached: (Map<string, Fragment> | undefined)[],
    index: number,
    value: string,
    out: W,
    isFirst: boolean,
  ): void {
    const from = out.length;
    this.#write(index, value, out, isFirst);
    const values = cached[index];
    if (values === undefined) return;
    if (values.size < MAX_CACHED) values.set(value, out.piece(from));
    else cached[index] = undefined;
  }
}

/** Returns `name`, in quotes if it is not classic: `"na.me"`. */
export function metricText(name: string): string {
  return isClassicMetric(name) ? name : quoteName(name);
}

/**
 * Returns a writer of `,name="value"`, with `opening` instead of the comma if it
 * is the first pair; names that are not classic are quoted.
 */
export function textPairs(
  names: readonly string[],
  opening: "{" | ",",
): PairWriter {
  const texts = names.map((name) =>
    isClassicLabel(name) ? name : quoteName(name)
  );
  const heads = texts.map((text) => fragment(`,${text}="`));
  const firsts = texts.map((text) => fragment(`${opening}${text}="`));
  return (index, value, out, isFirst) => {
    out.copy((isFirst ? firsts : heads)[index]!);
    out.escaped(value, true);
    out.byte(QUOTE);
  };
}

function quoteName(name: string): string {
  const escaped = name.replace(
    /[\\\n"]/g,
    (c) => c === "\n" ? "\\n" : `\\${c}`,
  );
  return `"${escaped}"`;
}

/**
 * The text of bucket bounds or quantiles, such as `le="0.1"} `. It is made once
 * for successive series with equal bounds, as most series of a family have.
 */
export class BoundTexts {
  readonly #before: string;
  readonly #after: string;
  #values: readonly number[] = [];
  #texts: readonly Fragment[] = [];
  #infinite: Fragment | undefined;

  /** `before` and `after` enclose each of the numbers. */
  constructor(before: string, after: string) {
    this.#before = before;
    this.#after = after;
  }

  /** The text of `+Inf`. */
  get infinite(): Fragment {
    return this.#infinite ??= this.#text(Infinity);
  }

  /** Returns the text of each of `values`. */
  of(values: Float64Array): readonly Fragment[] {
    // Compared by value: the array is borrowed and may be reused for others.
    if (!this.#isOf(values)) {
      this.#values = [...values];
      this.#texts = this.#values.map((value) => this.#text(value));
    }
    return this.#texts;
  }

  #isOf(values: Float64Array): boolean {
    const known = this.#values;
    if (values.length !== known.length) return false;
    for (let i = 0; i < known.length; i++) {
      if (values[i] !== known[i]) return false;
    }
    return true;
  }

  #text(value: number): Fragment {
    return fragment(`${this.#before}${boundText(value)}${this.#after}`);
  }
}

/** Returns whether a start or timestamp is known, and in reach of all readers. */
export function isKnownTime(seconds: number): boolean {
  return seconds > 0 && seconds <= MAX_SECONDS;
}

/** Returns whether every reader accepts the label names of an exemplar. */
export function hasLegalNames({ labels }: Exemplar): boolean {
  return Object.keys(labels).every(isLabelName);
}

/**
 * Returns the number of code points in the labels of an exemplar, names and
 * values together; any number above `max` if there are more than `max`.
 */
export function codePointsOf({ labels }: Exemplar, max: number): number {
  let size = 0;
  for (const [name, value] of Object.entries(labels)) {
    if (name.length > 2 * max || value.length > 2 * max) return max + 1;
    size += [...name].length + [...value].length;
  }
  return size;
}

/**
 * Writes ` # {labels} value timestamp`, the syntax of both OpenMetrics versions;
 * an unknown timestamp is left out.
 */
export function writeExemplar(exemplar: Exemplar, out: TextWriter): void {
  let separator = " # {";
  for (const [name, label] of Object.entries(exemplar.labels)) {
    out.ascii(`${separator}${name}="`);
    out.escaped(label, true);
    out.ascii('"');
    separator = ",";
  }
  out.ascii(separator === "," ? "} " : " # {} ");
  out.number(exemplar.value);
  if (!isKnownTime(exemplar.timestamp)) return;
  out.ascii(" ");
  out.number(exemplar.timestamp);
}
