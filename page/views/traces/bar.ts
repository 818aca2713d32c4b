/** Bars of a waterfall and their labels, in pixels. */
import type { TraceSpan } from "../../../src/dashboard/protocol_traces.ts";
import { seconds, words } from "../../core/units.ts";
import type { Row } from "./rows.ts";
import type { Timeline } from "./timeline.ts";

/** Least width of a bar, and of a part of it. */
const LEAST_BAR = 2;
const LEAST_PART = 1;
/** Pixels of a letter and around a label, for its place. */
const LETTER = 6.8;
const LABEL_SPACE = 16;
/** Labels of bars that end beyond this share stand on the left. */
const LEFT_FROM = 0.58;
/** Longest words of a failure. */
const MAX_WORD = 28;

/** A bar in pixels. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  /** Own time: places and widths, relative to the bar. */
  readonly parts: readonly (readonly [number, number])[];
}

/** Returns the bar of a row. Parts that touch on the screen become one. */
export function barOf({ from, to, parts }: Row, axis: Timeline): Bar {
  const x = axis.x(from);
  const width = Math.max(LEAST_BAR, axis.x(to) - x);
  const shown: [number, number][] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const begin = axis.x(parts[i]!) - x;
    const end = Math.max(axis.x(parts[i + 1]!) - x, begin + LEAST_PART);
    const last = shown.at(-1);
    if (last !== undefined && begin < last[0] + last[1] + LEAST_PART) {
      last[1] = Math.max(last[1], end - last[0]);
    } else shown.push([begin, end - begin]);
  }
  return {
    x,
    width,
    parts: shown.map(([begin, length]) => {
      const at = Math.min(begin, width - LEAST_PART);
      return [at, Math.min(length, width - at)] as const;
    }),
  };
}

/** Where a label stands: beside the bar, or on a chip in it. */
export interface LabelPlace {
  readonly side: "right" | "left" | "inside";
  /** Left edge; for `left` the right edge. */
  readonly x: number;
}

/** Returns where the label of a bar stands. */
export function labelPlace(
  text: string,
  { x, width }: Pick<Bar, "x" | "width">,
  axis: Pick<Timeline, "width" | "pieces">,
): LabelPlace {
  const end = x + width;
  const needed = text.length * LETTER + LABEL_SPACE;
  // The label must not stand on a cut.
  const cuts = axis.pieces.filter(({ isCut }) => isCut);
  const before = Math.max(
    0,
    ...cuts.map((cut) => cut.x + cut.width).filter((edge) => edge <= x),
  );
  const after = Math.min(
    axis.width,
    ...cuts.map((cut) => cut.x).filter((edge) => edge >= end),
  );
  const fitsRight = end + needed <= after;
  const fitsLeft = x - needed >= before;
  if (fitsRight && (end <= LEFT_FROM * axis.width || !fitsLeft)) {
    return { side: "right", x: end };
  }
  if (fitsLeft) return { side: "left", x };
  return { side: "inside", x: x + Math.min(40, width * 0.05) };
}

/** Returns the label of a row: its time, and the word of a failure. */
export function labelOf(row: Row): string {
  if (row.kind === "missing") return "";
  if (row.kind === "span") {
    const time = words(seconds(row.span.ms / 1000));
    return row.span.failed ? `✕ ${time}, ${failureWord(row.span)}` : time;
  }
  const time = words(seconds(row.ms / 1000));
  return row.failed > 0 ? `✕ ${time}, ${row.failed} failed` : time;
}

/** Returns the shortest words that say how a span failed. */
export function failureWord({ attributes, error }: TraceSpan): string {
  const code = attributes["http.response.status_code"];
  if (typeof code === "number" && code >= 400) return String(code);
  if (error !== "" && error.length <= MAX_WORD) return error;
  const type = attributes["error.type"];
  return typeof type === "string" && type !== "" && type.length <= MAX_WORD
    ? type
    : "failed";
}
