/**
 * The part of a row that is not numbers: its exemplars and native buckets, as
 * text.
 *
 * NaN and infinities are texts in the JSON. Reading is safe against any text.
 */
import type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  NativeView,
} from "../../model/mod.ts";
import { checkedExemplar } from "../../model/internal.ts";

/** The part of a row that is not numbers. */
export interface Extra {
  /**
   * The exemplar of each cell: of a counter, or of each classic bucket. With native
   * buckets alone it is a list of any length.
   */
  readonly exemplars: readonly (Exemplar | undefined)[];
  readonly native: NativeView | undefined;
}

/** The extra of a row that has none. */
export const NO_EXTRA: Extra = { exemplars: [], native: undefined };

/** Most rows have one side of buckets only, and arrays are expensive. */
const NO_COUNTS = /* @__PURE__ */ new Float64Array(0);

/** Returns the text of an extra; undefined if it is empty. */
export function extraText(
  { exemplars, native }: Extra,
): string | undefined {
  const hasExemplars = exemplars.some((exemplar) => exemplar !== undefined);
  if (!hasExemplars && native === undefined) return undefined;
  return JSON.stringify({
    ...hasExemplars && { exemplars: Array.from(exemplars, exemplarJson) },
    ...native !== undefined && { native: nativeJson(native) },
  });
}

function exemplarJson(exemplar: Exemplar | undefined): unknown {
  if (exemplar === undefined) return null;
  const { labels, value, timestamp } = exemplar;
  return [numberJson(value), timestamp, labels];
}

function nativeJson(native: NativeView): unknown {
  const { schema, zeroThreshold, zeroCount, positive, negative } = native;
  return [
    schema,
    zeroThreshold,
    zeroCount,
    sideJson(positive),
    sideJson(negative),
  ];
}

function sideJson({ offset, size, counts, overflow }: DenseBuckets): unknown {
  const json = [size === 0 ? 0 : offset, overflow];
  for (let i = 0; i < size; i++) json.push(counts[i]!);
  return json;
}

function numberJson(value: number): unknown {
  return Number.isFinite(value) ? value : String(value);
}

/**
 * Returns the extra of a row of `desc`; undefined if `text` is not one. Counts
 * are not compared with each other: see `checkHistogram`.
 */
export function extraFrom(text: string, desc: FamilyDesc): Extra | undefined {
  try {
    const { exemplars = [], native } = JSON.parse(text);
    return {
      exemplars: listOf(exemplars).map((json) => exemplarFrom(json, desc)),
      native: native === undefined ? undefined : nativeFrom(native),
    };
  } catch {
    return undefined;
  }
}

function exemplarFrom(json: unknown, desc: FamilyDesc): Exemplar | undefined {
  if (json === null) return undefined;
  const [value, timestamp, labels] = listOf(json);
  return checkedExemplar(desc, {
    value: numberFrom(value),
    timestamp: numberFrom(timestamp),
    labels: labels as Exemplar["labels"],
  });
}

function nativeFrom(json: unknown): NativeView {
  const [schema, zeroThreshold, zeroCount, positive, negative] = listOf(json);
  return {
    schema: numberFrom(schema),
    zeroThreshold: numberFrom(zeroThreshold),
    zeroCount: numberFrom(zeroCount),
    positive: sideFrom(positive),
    negative: sideFrom(negative),
  };
}

function sideFrom(json: unknown): DenseBuckets {
  const numbers = listOf(json);
  const offset = numberFrom(numbers[0]);
  const overflow = numberFrom(numbers[1]);
  if (!Number.isSafeInteger(offset)) throw illegal();
  const size = numbers.length - 2;
  const counts = size === 0 ? NO_COUNTS : new Float64Array(size);
  for (let i = 0; i < size; i++) counts[i] = numberFrom(numbers[i + 2]);
  return { offset, size, counts, overflow };
}

function listOf(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw illegal();
  return json;
}

const NAMED: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];

function numberFrom(json: unknown): number {
  if (typeof json === "number" || NAMED.includes(json)) return Number(json);
  throw illegal();
}

function illegal(): TypeError {
  return new TypeError("Cannot read an extra: the text is illegal");
}
