/**
 * The messages between the server and the page, as they stand in JSON. Other
 * front ends can read them: `docs/dashboard.md` describes them in words.
 *
 * - Times are unix seconds, durations in seconds, unless the name says `ms`.
 * - Families, series and traces are named by ids; ids of families and series are
 *   small whole numbers, valid for one `epoch`.
 * - All requests are GET, with the key in the header `x-barograph-key`:
 *   `feed`, `history`, `traces`, `traces/ID`, `health`, below the path of the page.
 */
import type { MetricType } from "../model/mod.ts";
import type { Health, TraceSummary } from "./protocol_traces.ts";

export type {
  FleetMember,
  Health,
  Trace,
  TraceList,
  TraceSpan,
  TraceSummary,
} from "./protocol_traces.ts";

/** The header that carries the key. */
export const KEY_HEADER = "x-barograph-key";

/** Id of a family, from 1. */
export type FamilyId = number;

/** Id of a series, from 1. */
export type SeriesId = number;

/**
 * Buckets of native histograms have one resolution, of four buckets a
 * doubling: bucket `i` covers 2^((i-1)/4) (excluded) to 2^(i/4) (included).
 */
export const NATIVE_SCHEMA = 2;

/** The bucket of a native histogram with everything that is not above zero. */
export const ZERO_BUCKET = -100_000;

/** A family, sent before the first message that names it. */
export interface FamilyInfo {
  /** Identifies the family. */
  readonly id: FamilyId;
  /** Name of the family, without suffixes. */
  readonly name: string;
  /** Type of the family. */
  readonly type: MetricType;
  /** Help of the family; may be empty. */
  readonly help: string;
  /** The unit, such as `seconds`; empty if unknown. */
  readonly unit: string;
  /** Names of labels, in the order of the values in `SeriesInfo`. */
  readonly labels: readonly string[];
  /** Upper bounds of classic buckets without +Inf; null if there are none. */
  readonly bounds: readonly number[] | null;
  /** Whether the buckets are native ones, of `NATIVE_SCHEMA`. */
  readonly native: boolean;
  /** Quantiles of a summary; null if the family is none. */
  readonly quantiles: readonly number[] | null;
  /** Number of series. */
  readonly series: number;
  /** Maximum number of series; null if there is none. */
  readonly limit: number | null;
  /** Meaning of the family for the page; null if it has none. See `Role`. */
  readonly role: Role | null;
  /**
   * Present if the family is read only every 10 seconds, such as callbacks: in
   * columns of 1 second, each of its changes covers the 10 seconds before.
   */
  readonly every?: 10;
}

/** A series, sent before the first message that names it. */
export interface SeriesInfo {
  /** Identifies the series. */
  readonly id: SeriesId;
  /** The family of the series. */
  readonly family: FamilyId;
  /** Values of the labels of the family, in its order; "" for an absent label. */
  readonly values: readonly string[];
}

/**
 * Parts of the page that need to know a family by its meaning; the server finds
 * them by name under either naming scheme.
 *
 * - `requests`, `calls`: durations of requests and outgoing calls (histogram).
 * - `inFlight`: requests in flight. `loopDelay`: delay of the event loop
 *   (histogram). `memory`: resident bytes. `cpu`: total seconds of processor time.
 * - `overflows`: observations in overflow series, by family.
 */
export type Role =
  | "requests"
  | "calls"
  | "inFlight"
  | "loopDelay"
  | "memory"
  | "cpu"
  | "overflows";

/** Names of the labels that `requests` and `calls` have in the scheme in use. */
export interface RoleLabels {
  /** Label with the method. */
  readonly method: string | null;
  /** Label with the route. */
  readonly route: string | null;
  /** Label with a status class (`5xx`) or code (`503`). */
  readonly status: string | null;
  /** Label with the name of the called service. */
  readonly peer: string | null;
}

/** The state of one tier of the history. */
export interface TierInfo {
  /** Seconds of a column. */
  readonly step: number;
  /** Maximum number of seconds that are kept. */
  readonly span: number;
  /** Unix time of the oldest column that is kept; null if there is none. */
  readonly since: number | null;
  /** Whether it is sampled now. */
  readonly isOn: boolean;
}

/** The first message of a feed, repeated each minute. */
export interface Hello {
  /** The version of the protocol. */
  readonly v: 1;
  /** Random text of this start of the program. */
  readonly epoch: string;
  /** Number of the newest frame. */
  readonly seq: number;
  /** Unix time of the server. */
  readonly now: number;
  /** Name of the service; empty if unknown. */
  readonly service: string;
  /** Version of the service; empty if unknown. */
  readonly version: string;
  /** Such as `Deno 2.9.5`. */
  readonly runtime: string;
  /** When the program started; null if unknown. */
  readonly started: number | null;
  /** The two tiers of the history, and the bytes that they take. */
  readonly history: {
    readonly fast: TierInfo;
    readonly slow: TierInfo;
    readonly bytes: number;
    readonly max: number;
    /** Sentence that says what was shortened; empty if nothing. */
    readonly shortened: string;
  };
  /** Numbers of series that are sampled, and that exist. */
  readonly sampled: number;
  /** See `sampled`. */
  readonly of: number;
  /** Share of one core that sampling takes; null if not measured yet. */
  readonly cost: number | null;
  /** Labels of the family with the role `requests`. */
  readonly requests: RoleLabels;
  /** Labels of the family with the role `calls`. */
  readonly calls: RoleLabels;
  /** Whether a fleet is joined, events are published, traces are kept. */
  readonly has: {
    readonly fleet: boolean;
    readonly events: boolean;
    readonly traces: boolean;
    readonly health: boolean;
  };
}

/** Families and series that later messages name. Updates replace earlier ones. */
export interface Names {
  /** Families. */
  readonly f: readonly FamilyInfo[];
  /** Series. */
  readonly s: readonly SeriesInfo[];
}

/** Series that are no longer there. */
export interface Gone {
  /** Ids of the series. */
  readonly s: readonly SeriesId[];
}

/**
 * The change of one series in one column: its id and numbers that depend on the
 * type of its family.
 *
 * - counter: what it has grown by.
 * - gauge, unknown, info, stateset: its level; in merged frames, its last, least
 *   and largest level.
 * - histogram, gaugehistogram: growth of the sum, then pairs of the number of a
 *   bucket and its growth. Buckets are not cumulative; the bucket after the last
 *   bound is +Inf. Those of native ones: see `NATIVE_SCHEMA` and `ZERO_BUCKET`.
 * - summary: growth of the count, growth of the sum, then its quantiles (null:
 *   none).
 * - of any type, a single null: the series is absent from this column on, until
 *   its next change. A series that appears has a change, even without growth.
 *
 * A sum that is NaN is null. Numbers that are not whole have seven digits.
 */
export type Change = readonly [SeriesId, ...(number | null)[]];

/** The changes of one column; series that have not changed are left out. */
export interface Delta {
  /** Number of the frame. */
  readonly seq: number;
  /** End of the column. */
  readonly t: number;
  /** Seconds of the column: 1, or up to 10 if no page was open before. */
  readonly step: number;
  /** The changes. */
  readonly d: readonly Change[];
}

/** Columns that this client will not get, or that were never sampled. */
export interface FrameGap {
  /** Unix times of the start and the end. */
  readonly from: number;
  /** See `from`. */
  readonly to: number;
  /** Reason of the gap. */
  readonly why: "slow" | "asleep" | "restarted" | "unsampled";
}

/** The rules of findings. */
export type Rule =
  | "failing"
  | "slow"
  | "loop"
  | "overflow"
  | "loss"
  | "source";

/**
 * A finding, as data that the page puts into words. Each is a state: open from
 * `opened` on, closed at `until`.
 */
export interface Finding {
  /** Identifier, such as `failing:POST /orders`. */
  readonly id: string;
  /** The rule that found it. */
  readonly rule: Rule;
  /** Labels of the series that it is about, such as method and route. */
  readonly subject: Readonly<Record<string, string>>;
  /** The family with the proof; null if there is none. */
  readonly family: string | null;
  /** Start of the trouble; see `isSinceExact`. */
  readonly since: number;
  /** False: the start is known only roughly, or lies before the history. */
  readonly isSinceExact: boolean;
  /** When the rule found it. */
  readonly opened: number;
  /** End of the trouble; null while it lasts. */
  readonly until: number | null;
  /**
   * Seconds of the window to which `k` and `n` belong: the last one in which the
   * rule has held.
   */
  readonly window: number;
  /**
   * Number of bad cases out of `n`.
   *
   * - `failing`, `slow`: requests. `loss`: items. `source`: readings.
   * - `loop`: seconds later than `above`, of `n` seconds; if `above` is 1, the
   *   number of times in `n` seconds.
   * - `overflow`: look-ups that a full family has refused, the same as `n`; if
   *   `limit` is not null, the series of a family that may have `n`.
   */
  readonly k: number;
  /** See `k`. */
  readonly n: number;
  /**
   * The usual share, and the share at which the finding opened; null without a
   * past to compare with, or if the rule needs none.
   */
  readonly usual: number | null;
  /** See `usual`. */
  readonly limit: number | null;
  /** Bound that `k` of `n` were above, in seconds; null if the rule has none. */
  readonly above: number | null;
  /** Rule and threshold in words, for the tooltip. */
  readonly threshold: string;
  /** Short cause, such as the most frequent error of kept traces; empty if none. */
  readonly cause: string;
}

/** All findings that are open or were closed in the last 10 minutes, worst first. */
export interface Findings {
  /** The findings. */
  readonly all: readonly Finding[];
  /** Numbers of routes and rules, for "Nothing needs a look". */
  readonly judged: {
    readonly routes: number;
    readonly rules: number;
    /** Routes of the last minute beyond the limit of judged ones; absent if none. */
    readonly leftOut?: number;
  };
}

/** Topics and data of the events about findings, on the bus of a telemetry. */
export interface FindingEvents {
  /** A rule has found something. */
  "finding.opened": Finding;
  /** The trouble of a finding has ended. */
  "finding.closed": Finding;
}

/** Series of one family in the answer to `history`. */
export interface SeriesHistory {
  /** The series. */
  readonly id: SeriesId;
  /**
   * Level of a gauge before the first column, 0 for other types; null if the
   * series did not exist, or is not known that far back.
   */
  readonly base: number | null;
  /** Total of a counter, count of a histogram, at the end. */
  readonly total: number;
  /** Changes: the number of a column, then numbers as in `Change`. */
  readonly d: readonly (readonly [number, ...(number | null)[]])[];
}

/** The answer to `history?f=3,7&range=900`. */
export interface History {
  /** See `Hello.epoch`. */
  readonly epoch: string;
  /** Number of the last frame in the answer: the feed goes on after it. */
  readonly seq: number;
  /** Start of column 0. Columns are aligned to the clock. */
  readonly from: number;
  /** Seconds of a column: 1 or 10. */
  readonly step: number;
  /** Number of columns. */
  readonly columns: number;
  /** Times without data. */
  readonly gaps: readonly FrameGap[];
  /** The families and series of the answer. */
  readonly names: Names;
  /** Changes by family and series. */
  readonly families: readonly {
    readonly id: FamilyId;
    readonly series: readonly SeriesHistory[];
  }[];
}

/** An event of the bus, as `/events` has it. */
export interface EventMessage {
  /** Id of the event. */
  readonly id: number;
  /** Topic of the event. */
  readonly topic: string;
  /** Unix time of the event. */
  readonly time: number;
  /** Data of the event, without what `redact` removes. */
  readonly data: unknown;
}

/** Events that are missing in the feed. */
export interface EventGap {
  /** `lagged`, `expired` or `restarted`. */
  readonly gap: string;
  /** Id of the first missing event. */
  readonly from: number;
  /** Id of the last missing event. */
  readonly to: number;
  /** Number of missing events. */
  readonly missed: number;
}

/**
 * The events of the feed, by name. `feed?want=overview`, `want=f:3,7`,
 * `want=traces`, `want=events:topic,topic`, `want=health`; several are joined by
 * `;`. Findings and hello are always sent. `after=EPOCH:SEQ` resumes.
 */
export interface FeedEvents {
  /** First message. */
  readonly hello: Hello;
  /** Before the first message that names them. */
  readonly names: Names;
  /** Removed series. */
  readonly gone: Gone;
  /** Changes of one column. */
  readonly d: Delta;
  /** Missing columns. */
  readonly gap: FrameGap;
  /** All findings, at each change. */
  readonly findings: Findings;
  /** A trace that has ended. */
  readonly trace: TraceSummary;
  /** An event. */
  readonly ev: EventMessage;
  /** Missing events. */
  readonly evgap: EventGap;
  /** State of checks and sources, every 10 seconds. */
  readonly health: Health;
}
