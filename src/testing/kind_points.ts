/** The points of a source with one family as text that can be compared. */
import { capture, type FamilySnapshot, type Source } from "../model/mod.ts";

/** One point, as text that shows every difference. */
export interface Point {
  /** The labels, such as `{k="1"}`. */
  readonly labels: string;
  /** The value of the first label. */
  readonly key: string;
  /** The labels, the value, and the start and exemplar if there are any. */
  readonly text: string;
}

/**
 * Returns all points of the only family, in the order in which it writes them.
 *
 * @throws The error of a source that could not be collected.
 */
export function pointsOf(source: Source): readonly Point[] {
  const errors: unknown[] = [];
  const failed = (_part: Source, error: unknown) => void errors.push(error);
  const [family] = capture(source, { observer: { failed } }).families;
  for (const error of errors) throw error;
  if (family === undefined) return [];
  return Array.from(family.starts, (_, at) => pointOf(family, at));
}

function pointOf(family: FamilySnapshot, at: number): Point {
  const { desc: { labelNames }, starts, exemplars } = family;
  const from = at * labelNames.length;
  const values = family.labelValues.slice(from, from + labelNames.length);
  const pairs = values.map((value, i) => `${labelNames[i]}="${value}"`);
  const labels = `{${pairs.join(",")}}`;
  const value = family.histograms[at] ?? family.summaries[at] ??
    family.numbers[at]!;
  let text = `${labels} ${losslessText(value)}`;
  if (starts[at] !== 0) text += ` since ${starts[at]}`;
  const exemplar = exemplars.get(at);
  if (exemplar !== undefined) text += ` # ${losslessText(exemplar)}`;
  return { labels, key: values[0] ?? "", text };
}

/** Returns all points of the only family as text; "" if there are none. */
export function textOf(source: Source): string {
  return pointsOf(source).map(({ text }) => text).join(", ");
}

/** Returns the points by the value of their first label. */
export function textsByKey(source: Source): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { key, text } of pointsOf(source)) {
    const before = texts.get(key);
    texts.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  return texts;
}

/** Returns text of `pointsOf` for a message. */
export function shown(text: string | undefined): string {
  return text || "no point";
}

/** Returns a number as text that distinguishes -0 from 0. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Returns text in which typed arrays are lists, and all numbers distinct. */
function losslessText(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  return JSON.stringify(value, (_key, member: unknown) => {
    if (ArrayBuffer.isView(member)) {
      return Array.from(member as Float64Array, numberText);
    }
    return typeof member === "number" ? numberText(member) : member;
  });
}
