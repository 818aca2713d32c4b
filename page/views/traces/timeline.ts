/**
 * The time axis of a waterfall: milliseconds to pixels. Long times without any
 * span are cut to a strip.
 */
import { seconds, tickWords, words } from "../../core/units.ts";
import { merged } from "./rows.ts";

/** Pixels of a cut. */
export const CUT_WIDTH = 34;
/** A gap is cut if it is longer than this times all that is around it. */
const CUT_FROM = 3;
/** Pixels before the first bar. */
const LEFT = 8;
/** Pixels after the last bar: without and with a cut, for the label. */
const RIGHT = 20;
const RIGHT_OF_CUT = 84;
/** Least pixels between two ticks with labels. */
const TICK_DISTANCE = 84;

/** A stretch of the axis. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly width: number;
  /** A gap that is cut; its key names it. */
  readonly isCut: boolean;
}

/** A line with a label. */
export interface Tick {
  readonly x: number;
  readonly text: string;
  /** Whether the label begins at the line instead of being centred on it. */
  readonly isStart: boolean;
}

/** A span in milliseconds. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The axis of one trace at one width. */
export interface Timeline {
  readonly width: number;
  readonly pieces: readonly Piece[];
  readonly ticks: readonly Tick[];
  /** Gaps that the user has opened, and that can be cut again. */
  readonly opened: readonly Piece[];
  /** Returns the place of a time in pixels. */
  x(ms: number): number;
}

/**
 * Returns the axis of spans in `width` pixels. `isOpened` says whether a gap that
 * begins at a time is shown uncut.
 */
export function timeline(
  spans: readonly Extent[],
  width: number,
  isOpened: (from: number) => boolean,
): Timeline {
  const busy = merged(spans.map(({ from, to }) => [from, to] as const));
  if (busy.length === 0) busy.push(0, 0);
  let busyTime = 0;
  for (let i = 0; i < busy.length; i += 2) busyTime += busy[i + 1]! - busy[i]!;
  const stretches: { from: number; to: number; isCut: boolean }[] = [];
  const opened: { from: number; to: number }[] = [];
  let from = busy[0]!;
  for (let i = 1; i + 1 < busy.length; i += 2) {
    const gap = { from: busy[i]!, to: busy[i + 1]! };
    if (gap.to - gap.from <= CUT_FROM * busyTime) continue;
    if (isOpened(gap.from)) opened.push(gap);
    else {
      stretches.push({ from, to: gap.from, isCut: false });
      stretches.push({ ...gap, isCut: true });
      from = gap.to;
    }
  }
  stretches.push({ from, to: busy.at(-1)!, isCut: false });

  const cuts = stretches.filter(({ isCut }) => isCut).length;
  const right = cuts > 0 ? RIGHT_OF_CUT : RIGHT;
  const time = stretches.reduce(
    (sum, { from, to, isCut }) => isCut ? sum : sum + to - from,
    0,
  );
  const room = Math.max(1, width - LEFT - right - CUT_WIDTH * cuts);
  const scale = time > 0 ? room / time : 0;
  let x = LEFT;
  const pieces = stretches.map(({ from, to, isCut }): Piece => {
    const piece = {
      from,
      to,
      x,
      width: isCut ? CUT_WIDTH : (to - from) * scale,
      isCut,
    };
    x += piece.width;
    return piece;
  });
  const place = (ms: number): number => {
    const piece = pieces.find(({ to }) => ms <= to) ?? pieces.at(-1)!;
    const length = piece.to - piece.from;
    const share = length > 0 ? (ms - piece.from) / length : 0;
    return piece.x + Math.min(1, Math.max(0, share)) * piece.width;
  };
  return {
    width,
    pieces,
    ticks: ticksOf(pieces, scale),
    opened: opened.map(({ from, to }) => ({
      from,
      to,
      x: place(from),
      width: place(to) - place(from),
      isCut: false,
    })),
    x: place,
  };
}

function ticksOf(pieces: readonly Piece[], scale: number): Tick[] {
  const [first, ...others] = pieces as [Piece, ...Piece[]];
  const ticks: Tick[] = [];
  if (scale > 0) {
    const step = niceStep(TICK_DISTANCE / scale);
    const times: number[] = [];
    const begin = Math.ceil(first.from / step - 1e-9);
    for (let i = begin; i * step <= first.to; i++) times.push(i * step);
    tickWords(times.map((ms) => ms / 1000), seconds).forEach((text, index) => {
      const x = first.x + (times[index]! - first.from) * scale;
      // A label at the very end would meet that of the cut behind it.
      const isBlocked = others.length > 0 && x > first.x + first.width - 30;
      ticks.push({ x, text: isBlocked ? "" : text, isStart: index === 0 });
    });
  } else ticks.push({ x: first.x, text: "0", isStart: true });
  for (const { from, x, isCut } of others) {
    if (isCut) continue;
    const text = `+${words(seconds(from / 1000))}`;
    ticks.push({ x, text, isStart: true });
  }
  return ticks;
}

/** Returns the least of 1, 2, 2.5 and 5 times a power of ten from `least` on. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const found = [1, 2, 2.5, 5].find((each) => each * power >= least * 0.999);
  return (found ?? 10) * power;
}
