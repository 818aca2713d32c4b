/**
 * The interface of the history that the process keeps: the feed, the answers to
 * `history` and the rules of findings read it.
 */
import type {
  Change,
  FamilyId,
  FamilyInfo,
  FrameGap,
  Hello,
  History,
  Names,
  Role,
  RoleLabels,
  SeriesId,
  SeriesInfo,
} from "../protocol.ts";
import type { SourceState } from "../sampling/sampler.ts";

export type { SourceState } from "../sampling/sampler.ts";

/** All that was read at one moment. */
export interface Frame {
  /** Number of the frame. It grows by one each second, whether or not read. */
  readonly seq: number;
  /** End of the column in unix seconds, aligned to the clock. */
  readonly t: number;
  /** Seconds since the frame before: 1 while a page is open, else 10. */
  readonly step: number;
  /** Changes by family; families without changes are left out. */
  readonly changes: ReadonlyMap<FamilyId, readonly Change[]>;
  /** Families and series that are new or different since the frame before. */
  readonly names: Names;
  /** Series that were removed. */
  readonly gone: readonly SeriesId[];
  /** Time before this frame that was not sampled; null if there is none. */
  readonly gap: FrameGap | null;
}

/** Receives each new frame once. Errors that it throws are ignored. */
export type FrameListener = (frame: Frame) => void;

/** The frames that a client has missed. */
export interface Missed {
  /** Times for which there are no frames. */
  readonly gaps: readonly FrameGap[];
  /** Oldest first, each with the families that were asked for. */
  readonly frames: readonly Pick<Frame, "seq" | "t" | "step" | "changes">[];
}

/** The part of `Hello` that the history knows. */
export type HistoryState = Pick<
  Hello,
  | "epoch"
  | "seq"
  | "now"
  | "history"
  | "sampled"
  | "of"
  | "cost"
  | "requests"
  | "calls"
>;

/** An hour of all series of a registry, in bounded memory. */
export interface KeptHistory extends Disposable {
  /** Random text of this start of the program. */
  readonly epoch: string;
  /** Number of the newest frame; 0 before the first one. */
  readonly seq: number;
  /** All families, by id. */
  readonly families: ReadonlyMap<FamilyId, FamilyInfo>;
  /** Returns the family of that name. */
  family(name: string): FamilyInfo | undefined;
  /** Returns the family of that role. */
  role(role: Role): FamilyInfo | undefined;
  /** Names of the labels that the family of a role has. */
  labels(role: "requests" | "calls"): RoleLabels;
  /** Returns a series that exists, or is in a frame that is kept. */
  series(id: SeriesId): SeriesInfo | undefined;
  /** Returns these families, or all, and their series. */
  names(families?: Iterable<FamilyId>): Names;
  /** Returns what `Hello` says about the history. */
  state(): HistoryState;
  /** Returns the state of all sources, those that fail first. */
  sources(): readonly SourceState[];
  /** Samples each second until 5 minutes after the result was disposed. */
  look(): Disposable;
  /**
   * Calls `listener` with each new frame: with `step` 10 only with frames of ten
   * seconds, else with all frames as they are read.
   */
  follow(listener: FrameListener, step?: 1 | 10): Disposable;
  /**
   * Returns the history of some families. `range` is in seconds, at most 3600;
   * columns have 1 second if it is at most 300 and the last seconds are kept.
   */
  query(families: Iterable<FamilyId>, range: number): History;
  /**
   * Returns the frames after `seq`, of one second if they are kept, else of ten.
   * Default for `families`: all.
   */
  after(seq: number, families?: Iterable<FamilyId>): Missed;
}
