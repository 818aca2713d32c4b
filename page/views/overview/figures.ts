/**
 * The nine figures of the overview, their course and their usual.
 * Pure; nothing here knows the document.
 */
import type {
  FamilyInfo,
  History,
  Role,
  RoleLabels,
} from "../../../src/dashboard/protocol.ts";
import { Distribution } from "../../charts/buckets.ts";
import {
  lastOf,
  levelTrack,
  rateTrack,
  type Track,
  type Usual,
  usualOf,
} from "../../charts/tracks.ts";
import { FamilyColumns } from "../../core/columns.ts";
import type { Axis, Series, Store } from "../../core/data.ts";
import {
  bytes,
  type Figure,
  type Format,
  plain,
  rateOf,
  ratio,
  seconds,
  wholeNumber,
  words,
} from "../../core/units.ts";
import {
  figuresOf,
  groupRequests,
  type Histograms,
  joinGroups,
  lastWindow,
  sampledSeconds,
} from "../../parts/requests.ts";
import { MINUTE } from "../../parts/route_rows.ts";

/** The figures, in the order of their tiles. */
export const FIGURES = [
  "requests",
  "errors",
  "inFlight",
  "p50",
  "p95",
  "p99",
  "loopDelay",
  "memory",
  "cpu",
] as const;

/** Name of a figure. */
export type FigureName = typeof FIGURES[number];

/** How each figure is written. */
export const FORMATS: Readonly<Record<FigureName, Format>> = {
  requests: rateOf(""),
  errors: ratio,
  inFlight: plain,
  p50: seconds,
  p95: seconds,
  p99: seconds,
  loopDelay: seconds,
  memory: bytes,
  cpu: ratio,
};

/** Inputs of the figures; null where nothing is measured. */
export interface Sources {
  readonly axis: Axis;
  readonly requests:
    | (Histograms & { readonly failed: readonly Series[] })
    | null;
  readonly inFlight: readonly Series[] | null;
  readonly loopDelay: Histograms | null;
  readonly memory: readonly Series[] | null;
  readonly cpu: readonly Series[] | null;
}

const QUANTILES = [0.5, 0.95, 0.99] as const;

/** Returns the figures of now; NaN for those that are unknown. */
export function figuresNow(
  sources: Sources,
): Readonly<Record<FigureName, number>> {
  const { axis, requests, inFlight, loopDelay, memory, cpu } = sources;
  const window = lastWindow(axis, MINUTE);
  const of = (part: Histograms | null, failed: readonly Series[] = []) =>
    part === null ? null : figuresOf(
      { series: part.series, failed },
      part.family,
      window,
      sampledSeconds(axis, window, part.series),
    );
  const all = of(requests, requests?.failed);
  const level = (series: readonly Series[] | null) =>
    series === null
      ? NaN
      : lastOf(levelTrack(axis, series.map(({ values }) => values)).values);
  return {
    requests: all?.rate ?? NaN,
    errors: all?.errors ?? NaN,
    inFlight: level(inFlight),
    p50: all?.p50 ?? NaN,
    p95: all?.p95 ?? NaN,
    p99: all?.p99 ?? NaN,
    loopDelay: of(loopDelay)?.p99 ?? NaN,
    memory: level(memory),
    cpu: cpu === null ? NaN : figuresOf(
      { series: cpu, failed: [] },
      { native: false, bounds: null },
      window,
      sampledSeconds(axis, window, cpu),
    ).rate,
  };
}

/** The course of each figure, in columns of `step` seconds. */
export class Courses {
  readonly #requests = new Distribution(QUANTILES);
  readonly #loop = new Distribution([0.99]);

  /** Returns the tracks; null for what is not measured. */
  read(
    sources: Sources,
    step: number,
    isAll = false,
  ): Readonly<Record<FigureName, Track | null>> {
    const { axis, requests, inFlight, loopDelay, memory, cpu } = sources;
    const values = (series: readonly Series[]) =>
      series.map((each) => each.values);
    const rate = requests && rateTrack(axis, values(requests.series), step);
    const failed = requests && rateTrack(axis, values(requests.failed), step);
    const quantile = (index: number) => requests && this.#requests.track(index);
    if (requests) this.#requests.update({ axis, step, ...requests }, isAll);
    if (loopDelay) this.#loop.update({ axis, step, ...loopDelay }, isAll);
    return {
      requests: rate,
      errors: rate && failed && shareTrack(failed, rate),
      inFlight: inFlight && levelTrack(axis, values(inFlight), step),
      p50: quantile(0),
      p95: quantile(1),
      p99: quantile(2),
      loopDelay: loopDelay && this.#loop.track(0),
      memory: memory && levelTrack(axis, values(memory), step),
      cpu: cpu && rateTrack(axis, values(cpu), step),
    };
  }
}

/** Returns the share of failures; where nothing was asked there is none. */
export function shareTrack(failed: Track, all: Track): Track {
  const values = all.values.map((value, i) =>
    value > 0 ? (failed.values[i] || 0) / value : NaN
  );
  return { ...all, values };
}

/** The usual of each figure; null where too little is known. */
export type Usuals = Readonly<Record<FigureName, Usual | null>>;

/** No figure has a usual yet. */
export const NO_USUALS = Object.fromEntries(
  FIGURES.map((name) => [name, null]),
) as Record<FigureName, null>;

/**
 * Returns the usual of an hour, by minutes. Of errors, and of the figures
 * in an incident, it is that of the calm half: an incident is not usual.
 */
export function usualsOf(
  hour: Sources,
  incident: ReadonlySet<FigureName>,
): Usuals {
  const tracks = new Courses().read(hour, MINUTE);
  const isCalm = (name: FigureName) => name === "errors" || incident.has(name);
  return Object.fromEntries(
    FIGURES.map((name) => [
      name,
      tracks[name] && usualOf(tracks[name].values, isCalm(name)),
    ]),
  ) as Usuals;
}

/** A low end below this share of the unit of the high one has its own unit. */
const LEAST = 0.01;

/**
 * Writes a usual value as briefly as possible: `36 – 46`, `217 – 718 ms`, `0.44
 * – 1.6 s`, `0.3 %`; empty without one.
 */
export function usualWords(usual: Usual | null, format: Format): string {
  if (usual === null) return "";
  const high = format(usual.high);
  if (high.digits.startsWith("<")) return textOf(high);
  const most = numberOf(high);
  // In the unit of the high end, whose digits are rounded.
  const least = usual.low * most / usual.high;
  const isOneUnit = least === 0 || least >= LEAST;
  const low = isOneUnit
    ? { digits: String(least), unit: high.unit }
    : format(usual.low);
  const [from, to] = [low, high].map(short) as [Figure, Figure];
  if (words(from) === words(to)) return textOf(to);
  return `${isOneUnit ? from.digits : textOf(from)} – ${textOf(to)}`;
}

function numberOf({ digits }: Figure): number {
  return Number(digits.replace(/\s/g, ""));
}

/** Leaves two digits that matter of a figure, and no fraction from 10 on. */
function short(figure: Figure): Figure {
  const value = numberOf(figure);
  if (Number.isNaN(value)) return figure;
  const digits = value < 9.95
    ? String(Number(value.toPrecision(2)))
    : wholeNumber(value);
  return { ...figure, digits };
}

function textOf(figure: Figure): string {
  return figure.unit === "/s" ? figure.digits : words(figure);
}

/** An answer to `history`, as an axis and series by family. */
export interface Past {
  readonly axis: Axis;
  readonly series: ReadonlyMap<number, readonly Series[]>;
}

/** Reads an answer to `history`. */
export function readPast(
  history: History,
  families: ReadonlyMap<number, FamilyInfo>,
): Past {
  const { from, step, columns, gaps, names } = history;
  const end = Math.round(from / step) + columns;
  const isEmpty = Array.from({ length: columns }, (_, i) => {
    const begin = from + i * step;
    return gaps.some((gap) => gap.from <= begin && gap.to >= begin + step);
  });
  const infos = new Map(names.s.map((info) => [info.id, info]));
  const series = new Map<number, readonly Series[]>();
  for (const { id, series: all } of history.families) {
    const family = families.get(id);
    if (family === undefined) continue;
    const kept = new FamilyColumns(family, step, columns, end);
    for (const each of all) {
      const info = infos.get(each.id);
      if (info !== undefined) kept.fill(info, each, isEmpty);
    }
    series.set(id, kept.series);
  }
  const axis = { from, step, columns, to: from + columns * step, gaps };
  return { axis, series };
}

/** The part of the store, or of a past, that figures are computed from. */
export type FigureStore = Pick<Store, "axis" | "role" | "series">;

/** Collects what the figures are computed from, of one route or of all. */
export function sourcesOf(
  store: FigureStore,
  labels: RoleLabels,
  route: string,
): Sources {
  const seriesOf = (role: Role) => {
    const family = store.role(role);
    const series = family === undefined ? [] : store.series(family.id);
    return series.length === 0 ? null : { family: family!, series };
  };
  const requests = seriesOf("requests");
  const groups = requests === null
    ? []
    : groupRequests(requests.series, requests.family, labels)
      .filter(({ key }) => route === "" || key === route);
  return {
    axis: store.axis,
    requests: requests && { family: requests.family, ...joinGroups(groups) },
    inFlight: seriesOf("inFlight")?.series ?? null,
    loopDelay: seriesOf("loopDelay"),
    memory: seriesOf("memory")?.series ?? null,
    cpu: seriesOf("cpu")?.series ?? null,
  };
}
