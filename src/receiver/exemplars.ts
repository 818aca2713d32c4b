/** Exemplars of OTLP: the ids of a trace, and as many attributes as fit. */
import type { Exemplar, HistogramView } from "../model/mod.ts";
import { OTEL_TRANSLATIONS, otelLabels } from "../model/internal.ts";
import { attributesOf } from "./attributes.ts";
import { secondsOf } from "./times.ts";
import type { OtlpExemplar } from "./wire/messages.ts";

/** The most code points that the labels of an exemplar may have. */
const MAX_LENGTH = 128;

/** The maximum number of exemplars of a histogram with native buckets. */
const MAX_EXEMPLARS = 10;

/** The maximum number of attributes of an exemplar that are read. */
const MAX_ATTRIBUTES = 64;

const IDS = /* @__PURE__ */ new Set(["trace_id", "span_id"]);

/** Returns an exemplar, which must have a value. */
function exemplarOf(given: OtlpExemplar): Exemplar {
  const { traceId = "", spanId = "", filteredAttributes } = given;
  const labels: [string, string][] = [];
  if (isId(traceId, 32)) labels.push(["trace_id", traceId]);
  if (isId(spanId, 16)) labels.push(["span_id", spanId]);
  const others = otelLabels(
    attributesOf(filteredAttributes.slice(0, MAX_ATTRIBUTES)),
    OTEL_TRANSLATIONS[0]!,
    IDS,
  );
  let length = labels.reduce((sum, pair) => sum + pair.join("").length, 0);
  for (const [name, text] of others) {
    // Characters beyond 16 bits count as two here, and as one in the limit.
    length += name.length + text.length;
    if (length > MAX_LENGTH) break;
    labels.push([name, text]);
  }
  const timestamp = secondsOf(given.timeUnixNano);
  return {
    labels: Object.fromEntries(labels),
    value: valueOf(given),
    timestamp,
  };
}

/** Returns whether `digits` are an id of that length, of which 0 is none. */
function isId(digits: string, length: number): boolean {
  return digits.length === length && !/^0*$/.test(digits);
}

/** Returns the newest exemplar; undefined if there is none. */
export function newestOf(
  given: readonly OtlpExemplar[],
): Exemplar | undefined {
  const [newest] = newestFirst(given);
  return newest && exemplarOf(newest);
}

/** Returns the newest exemplar of each classic bucket. */
export function bucketExemplars(
  given: readonly OtlpExemplar[],
  bounds: Float64Array,
): readonly (Exemplar | undefined)[] {
  const found: (Exemplar | undefined)[] = [];
  for (const exemplar of newestFirst(given)) {
    found[bucketOf(valueOf(exemplar), bounds)] ??= exemplarOf(exemplar);
  }
  return Array.from(found); // a list without holes
}

/** Returns the index of the first bound that is not below `value`. */
function bucketOf(value: number, bounds: Float64Array): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns the newest exemplars, by rising value. */
export function newestExemplars(
  given: readonly OtlpExemplar[],
): readonly Exemplar[] {
  return newestFirst(given).slice(0, MAX_EXEMPLARS).map(exemplarOf)
    .sort((a, b) => a.value - b.value);
}

/** Returns by bucket: the exemplar of `given`, unless the one before is newer. */
export function newerOf(
  before: HistogramView["exemplars"],
  given: HistogramView["exemplars"],
): HistogramView["exemplars"] {
  if (before.length === 0) return given;
  const length = Math.max(before.length, given.length);
  return Array.from({ length }, (_, i) => {
    const [older, newer] = [before[i], given[i]];
    if (older === undefined || newer === undefined) return newer ?? older;
    return newer.timestamp < older.timestamp ? older : newer;
  });
}

/** Returns the newest of both lists, by rising value, those sent twice once. */
export function joinedExemplars(
  before: HistogramView["exemplars"],
  given: HistogramView["exemplars"],
): HistogramView["exemplars"] {
  if (given.length === 0) return before;
  const joined = [...given];
  for (const older of before) {
    const isAgain = given.some((newer) =>
      newer?.timestamp === older?.timestamp && newer?.value === older?.value
    );
    if (!isAgain) joined.push(older);
  }
  return joined.filter((exemplar) => exemplar !== undefined)
    .sort((a, b) => b.timestamp - a.timestamp).slice(0, MAX_EXEMPLARS)
    .sort((a, b) => a.value - b.value);
}

function newestFirst(given: readonly OtlpExemplar[]): OtlpExemplar[] {
  return given.slice(0, MAX_GIVEN)
    .filter((exemplar) => !Number.isNaN(valueOf(exemplar)))
    .sort((a, b) => (b.timeUnixNano ?? 0) - (a.timeUnixNano ?? 0));
}

/** Returns the value of an exemplar; NaN if it has none. */
function valueOf({ asDouble, asInt }: OtlpExemplar): number {
  return asDouble ?? asInt ?? NaN;
}

/** The maximum number of exemplars of a point that are read. */
const MAX_GIVEN = 1000;
