/**
 * The data that views read: the address, and everything that came by the feed. Nothing here
 * knows the document, so that the logic of views can be tested on every runtime.
 */
import type {
  EventGap,
  EventMessage,
  FamilyId,
  FamilyInfo,
  Findings,
  FrameGap,
  Health,
  Hello,
  Role,
  SeriesId,
  SeriesInfo,
  TraceSummary,
} from "../../src/dashboard/protocol.ts";

/** Names of the views, which begin the hash: `#/overview?range=15m`. */
export type ViewName =
  | "overview"
  | "routes"
  | "metrics"
  | "traces"
  | "events"
  | "fleet"
  | "health";

/** The ranges of time, in seconds. */
export const RANGES = { "5m": 300, "15m": 900, "1h": 3600 } as const;

/** The hash, read: everything that is worth sending to a colleague. */
export interface Address {
  readonly view: ViewName;
  /** Segments after the view, decoded: a family, or the ids of trace and span. */
  readonly path: readonly string[];
  readonly range: keyof typeof RANGES;
  /** Such as `POST /orders`; empty for all routes. */
  readonly route: string;
  /** All other parameters, such as `by`, `q`, `list`, `topics`, `text`. */
  readonly rest: Readonly<Record<string, string>>;
}

/** The address bar. */
export interface Location {
  readonly now: Address;
  /** Goes to another address; `replace` adds no entry to the history. */
  go(change: Partial<Address>, replace?: boolean): void;
  /** Returns the hash of an address, for the `href` of links. */
  href(change: Partial<Address>): string;
}

/**
 * One series in columns of the current range, oldest first. The arrays are
 * reused: read them within `update`.
 */
export interface Series {
  readonly info: SeriesInfo;
  /**
   * Counter and histogram: what it grew by in each column (histogram: number of
   * observations). Gauge and others: its level. NaN: no data, or the series is
   * not there.
   */
  readonly values: Float64Array;
  /** Gauges: least and largest level of each column; else undefined. */
  readonly least?: Float64Array;
  readonly most?: Float64Array;
  /** Histograms and summaries: growth of the sum in each column. */
  readonly sums?: Float64Array;
  /**
   * Histograms: growth of each bucket in each column, by number of the bucket; 0
   * without data.
   */
  readonly buckets?: ReadonlyMap<number, Float64Array>;
  /** Summaries: each quantile in each column, in the order of the family. */
  readonly quantiles?: readonly Float64Array[];
  /** Total at the end of the last column: value of a counter, count of others. */
  readonly total: number;
}

/** Time without data; `cut`: the page has no connection. */
export interface Gap extends Omit<FrameGap, "why"> {
  readonly why: FrameGap["why"] | "cut";
}

/** The time axis that all series share. */
export interface Axis {
  /** Start of column 0 in unix seconds. */
  readonly from: number;
  /** Seconds of a column. */
  readonly step: number;
  readonly columns: number;
  /** End of the newest frame, in or at the end of the last column. */
  readonly to: number;
  /** Time without data, to be hatched and named. */
  readonly gaps: readonly Gap[];
}

/** Changes since the last `update`. */
export interface Changes {
  readonly address: boolean;
  readonly hello: boolean;
  readonly names: boolean;
  /** A column was added or the last one has grown; the axis may have moved. */
  readonly data: boolean;
  readonly findings: boolean;
  readonly traces: boolean;
  readonly events: boolean;
  readonly health: boolean;
  readonly theme: boolean;
  readonly size: boolean;
}

/** Everything that came by the feed and by `history`. */
export interface Store {
  readonly hello: Hello | null;
  readonly axis: Axis;
  readonly families: ReadonlyMap<FamilyId, FamilyInfo>;
  family(name: string): FamilyInfo | undefined;
  role(role: Role): FamilyInfo | undefined;
  /** Series of a family that is in `want`; empty until its history has come. */
  series(family: FamilyId): readonly Series[];
  /** Whether the history of a family has come. */
  isLoaded(family: FamilyId): boolean;
  one(series: SeriesId): Series | undefined;
  readonly findings: Findings | null;
  /** Traces that the feed has sent, newest last; a bounded list. */
  readonly traces: readonly TraceSummary[];
  /** Events and gaps, oldest first; at most 5000. */
  readonly events: readonly (EventMessage | EventGap)[];
  readonly health: Health | null;
}
