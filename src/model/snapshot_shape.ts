/**
 * The shape of snapshots, and its check: they come from other threads and
 * processes. The values are checked when a replay is collected, as those of
 * every source.
 */
import { display } from "../base/internal.ts";
import { nativeOf } from "./copies.ts";
import { type FamilyDesc, VERBS } from "./desc.ts";
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  SummaryView,
} from "./points.ts";

/** One family at one moment, as columns: row i is series i. */
export interface FamilySnapshot {
  /** The description of the family. */
  readonly desc: FamilyDesc;
  /** `desc.labelNames.length` values per series, series after series. */
  readonly labelValues: readonly string[];
  /** The start of each series in unix seconds; 0: unknown. */
  readonly starts: Float64Array;
  /** When each series was captured, in unix seconds; 0: unknown. */
  readonly times: Float64Array;
  /** The values of a family of numbers; otherwise empty. */
  readonly numbers: Float64Array;
  /** The exemplars of `numbers` by row; rows without one are absent. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
  /** The distributions of a family of histograms; otherwise empty. */
  readonly histograms: readonly HistogramView[];
  /** The summaries of a family of summaries; otherwise empty. */
  readonly summaries: readonly SummaryView[];
}

/** Everything that a source wrote in one pass. */
export interface Snapshot {
  /** The families in the order in which they were opened. */
  readonly families: readonly FamilySnapshot[];
}

/**
 * Refuses what is no snapshot; `action` begins the error.
 *
 * @throws {TypeError} Naming the family and the property that is wrong.
 */
export function assertSnapshot(
  action: string,
  value: unknown,
): asserts value is Snapshot {
  const families = (value as Partial<Snapshot> | null | undefined)?.families;
  if (!Array.isArray(families)) {
    throw new TypeError(
      `${action} ${display(value)}: give a snapshot, such as capture(registry)`,
    );
  }
  for (const family of families) assertFamily(action, family);
}

/** Throws unless `isRight`, with what the property must be instead. */
type Check = (isRight: boolean, what: string, found: unknown) => void;

function assertFamily(
  action: string,
  family: Partial<FamilySnapshot> | null | undefined,
): void {
  const check: Check = (isRight, what, found) => {
    if (isRight) return;
    throw new TypeError(
      `${action} ${family?.desc?.name ?? "a family"}: ${what}, not ` +
        `${display(found)}; pass a snapshot on by postMessage or ` +
        "structuredClone, because JSON keeps neither typed arrays nor maps",
    );
  };
  check(isObject(family?.desc), "a family must have a description", family);
  const { labelNames, type, name, help, unit, merge } = family!.desc!;
  check(
    [name, help, unit, merge].every((text) => typeof text === "string") &&
      Object.hasOwn(VERBS, type) && Array.isArray(labelNames),
    "a description must have a type, texts and labels",
    family!.desc,
  );
  const { labelValues, starts, times, numbers } = family!;
  const { exemplars, histograms, summaries } = family!;
  check(isFloats(starts), "its starts must be a Float64Array", starts);
  const rows = starts!.length;
  check(isFloats(times, rows), `its times must be ${rows} numbers`, times);
  const verb = VERBS[type];
  const size = (of: typeof verb): number => verb === of ? rows : 0;
  const count = size("number");
  check(isFloats(numbers, count), `its numbers must be ${count}`, numbers);
  const texts = rows * labelNames.length;
  check(
    isList(labelValues, texts) &&
      labelValues!.every((value) => typeof value === "string"),
    `its label values must be ${texts} strings`,
    labelValues,
  );
  check(tagOf(exemplars) === "Map", "its exemplars must be a Map", exemplars);
  for (const exemplar of exemplars!.values()) assertExemplar(check, exemplar);
  const lists = [
    ["histogram", histograms],
    ["summary", summaries],
  ] as const;
  for (const [of, list] of lists) {
    const what = `its list of the type ${of} must have ${size(of)} items`;
    check(isList(list, size(of)), what, list);
  }
  for (const view of histograms!) assertHistogram(check, view);
  for (const view of summaries!) {
    check(
      isObject(view) && isFloats(view.quantiles) &&
        isFloats(view.values, view.quantiles.length) &&
        areNumbers(view.count, view.sum),
      "its summaries must have counts, sums, quantiles and values",
      view,
    );
  }
}

function assertHistogram(check: Check, view: HistogramView): void {
  check(
    isObject(view) && isFloats(view.bounds) &&
      isFloats(view.counts) &&
      areNumbers(view.count, view.sum) && Array.isArray(view.exemplars),
    "its histograms must have counts, sums, bounds and exemplars",
    view,
  );
  for (const exemplar of view.exemplars) {
    if (exemplar !== undefined) assertExemplar(check, exemplar);
  }
  const native = nativeOf(view);
  if (native === undefined) return;
  check(
    isObject(native) && isSide(native.positive) && isSide(native.negative) &&
      areNumbers(native.schema, native.zeroThreshold, native.zeroCount),
    "its native buckets must have a schema, a zero bucket and two sides",
    native,
  );
}

function isSide(side: DenseBuckets): boolean {
  return isObject(side) && isFloats(side.counts) &&
    areNumbers(side.offset, side.size, side.overflow);
}

function assertExemplar(check: Check, exemplar: Exemplar): void {
  check(
    isObject(exemplar) && isObject(exemplar.labels) &&
      areNumbers(exemplar.value, exemplar.timestamp) &&
      Object.values(exemplar.labels).every((text) => typeof text === "string"),
    "its exemplars must have labels, a value and a timestamp",
    exemplar,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "number");
}

function isList(list: unknown, length: number): boolean {
  return Array.isArray(list) && list.length === length;
}

/** Returns whether `list` is a Float64Array, of any realm, and of `length`. */
function isFloats(
  list: unknown,
  length?: number,
): list is Float64Array {
  return tagOf(list) === "Float64Array" &&
    (length === undefined || (list as Float64Array).length === length);
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
