/**
 * Exemplars: made from labels, sampled from a source that knows the current
 * trace, and spread over the values of a native histogram.
 */
import type { Clock } from "../base/mod.ts";
import { callSafely, isLabelName, isThenable } from "../base/internal.ts";
import type { Exemplar } from "../model/mod.ts";
import type { ExemplarLabels } from "./labels.ts";

/** OpenMetrics 1.0, section "Exemplars": names and values, in code points. */
const MAX_CODE_POINTS = 128;

/**
 * Returns an exemplar of `value` with the current time; undefined if a reader
 * would refuse its labels: illegal names, lone surrogates, or more than 128 code
 * points in total.
 */
export function exemplarFrom(
  labels: ExemplarLabels,
  value: number,
  clock: Clock,
): Exemplar | undefined {
  if (typeof labels !== "object" || labels === null) return undefined;
  let size = 0;
  const copy: [string, string][] = [];
  for (const [name, label] of entriesOf(labels)) {
    if (typeof label !== "string" || label.length > 2 * MAX_CODE_POINTS) {
      return undefined;
    }
    if (!isLabelName(name) || !label.isWellFormed()) return undefined;
    size += name.length + codePoints(label);
    if (size > MAX_CODE_POINTS) return undefined;
    copy.push([name, label]);
  }
  // Not by assignment, which a frozen Object.prototype refuses for some names.
  const own = Object.fromEntries(copy);
  return { labels: own, value, timestamp: clock.unix() };
}

/** Returns the entries; an illegal one if a getter throws. */
function entriesOf(labels: object): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(labels);
  } catch {
    return [["", undefined]];
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Returns labels that identify the current trace, such as `{ trace_id: "4bf9…" }`;
 * undefined if no trace is being recorded. Called only if an exemplar is due.
 */
export type ExemplarSource = () => ExemplarLabels | undefined;

/**
 * Decides which cells of a table take an exemplar from the source.
 *
 * Each cell takes a limited number between two scrapes, usually one. So a busy
 * series calls the source once per scrape and otherwise reads one byte: no
 * clock, no allocation. Exemplars that the caller passes take precedence.
 */
export class ExemplarSampler {
  readonly #source: ExemplarSource;
  /** By cell: how many it has taken since the last scrape. */
  #taken = new Uint8Array(0);
  #anyTaken = false;
  #calling = false;

  /** If `source` throws, there is no exemplar. */
  constructor(source: ExemplarSource) {
    this.#source = source;
  }

  /**
   * Returns the labels of a new exemplar for `cell`; undefined if the cell has
   * taken `limit` since the last scrape, or if the source has none.
   */
  sample(cell: number, limit: number): ExemplarLabels | undefined {
    // The source may itself record: such a record takes no exemplar.
    if (this.#taken[cell]! >= limit || this.#calling) return undefined;
    this.#calling = true;
    const labels = callSafely(this.#source, undefined);
    this.#calling = false;
    if (labels === undefined || isThenable(labels)) return undefined;
    if (cell >= this.#taken.length) this.#grow(cell + 1);
    this.#taken[cell]!++;
    this.#anyTaken = true;
    return labels;
  }

  /** Begins a scrape interval: every cell takes exemplars again. */
  open(): void {
    if (!this.#anyTaken) return;
    this.#taken.fill(0);
    this.#anyTaken = false;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, 2 * this.#taken.length));
    larger.set(this.#taken);
    this.#taken = larger;
  }
}

/** Exemplars per native histogram, as many as Prometheus' Go client has. */
export const MAX_EXEMPLARS = 10;

/** The age in seconds beyond which the oldest exemplar is replaced first. */
const MAX_AGE = 300;

/** Makes the sampler of a table. */
export type MakeSampler = () => ExemplarSampler;

/** Returns what makes samplers of `source`; undefined without a source. */
export function samplersOf(
  source: ExemplarSource | undefined,
): MakeSampler | undefined {
  return source && (() => new ExemplarSampler(source));
}

/**
 * The exemplars of one native series, spread over values and time: it has too
 * many buckets for one exemplar each.
 *
 * An exemplar older than `MAX_AGE` is replaced first; otherwise the older of the
 * two that are closest in value.
 */
export class ExemplarReservoir {
  /** By rising value; NaN last. */
  readonly list: Exemplar[] = [];

  /** Adds an exemplar and drops another if there are too many. */
  add(exemplar: Exemplar): void {
    const { list } = this;
    const isAbove = ({ value }: Exemplar) =>
      value > exemplar.value || Number.isNaN(value);
    const above = list.findIndex(isAbove);
    list.splice(above < 0 ? list.length : above, 0, exemplar);
    if (list.length > MAX_EXEMPLARS) {
      list.splice(this.#toDrop(exemplar), 1);
    }
  }

  /** Drops all exemplars. */
  clear(): void {
    this.list.length = 0;
  }

  /** Returns the index of the exemplar to drop after `exemplar` was added. */
  #toDrop({ timestamp }: Exemplar): number {
    const { list } = this;
    let oldest = 0;
    let nearest = 1;
    for (let i = 1; i < list.length; i++) {
      if (list[i]!.timestamp < list[oldest]!.timestamp) oldest = i;
      if (gapBefore(list, i) < gapBefore(list, nearest)) nearest = i;
    }
    if (timestamp - list[oldest]!.timestamp > MAX_AGE) return oldest;
    const isOlder = list[nearest]!.timestamp < list[nearest - 1]!.timestamp;
    return isOlder ? nearest : nearest - 1;
  }
}

/** Returns how far two neighbours are apart: by their ratio, as buckets are. */
function gapBefore(list: readonly Exemplar[], i: number): number {
  const [a, b] = [list[i - 1]!.value, list[i]!.value];
  if (a === b) return 0;
  return a * b > 0 ? Math.abs(Math.log(b / a)) : Infinity;
}
