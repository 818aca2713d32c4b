/**
 * The grammar of measurement: what measures is a `Source` and speaks into a
 * `Sink`; everything that leaves the process is a sink.
 *
 * - `collect` is synchronous, hence one consistent cut.
 * - Whatever must wait does so in `refresh`, before.
 * - A part that fails is taken back whole and spoils nothing else.
 */
import type { FamilyDesc, MetricType } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import type { Rows } from "./rows.ts";

/** Listens to one pass over the sources. */
export interface Sink {
  /** Opens a family. False: not interested, the source skips its series. */
  family(desc: FamilyDesc): boolean;
  /**
   * A series of any type but histograms and summaries. `start` is when it
   * began to count, in unix seconds; 0 means unknown.
   */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void;
  /** A series of type histogram or gaugehistogram. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void;
  /** A series of type summary. */
  summary(labels: LabelSet, view: SummaryView, start: number): void;
}

/** A sink that can take back what it heard since the last mark. */
export interface RevocableSink extends Sink {
  /** From here on, all can be taken back. */
  mark(): void;
  /** Forgets what was said since `mark`. */
  rollback(): void;
}

/** Something that measures. */
export interface Source {
  /** The families it may speak of; known when it is registered. */
  readonly descs: readonly FamilyDesc[];
  /**
   * What it is made of, in the order of exposition; each part can be collected
   * by itself, and fails by itself.
   */
  readonly parts?: Iterable<Source>;
  /** The one family that it speaks of, if that stands in rows of numbers. */
  readonly rows?: Rows | undefined;
  /**
   * The only asynchronous step: ask workers, read files. Whoever collects
   * waits for it until `signal` aborts.
   */
  refresh?(signal: AbortSignal): Promise<void>;
  /** Speaks its present state into `sink`, synchronously. */
  collect(sink: Sink): void;
  /** Told when one of its parts could not be collected or refreshed. */
  failed?(part: Source, error: unknown): void;
  /** Told how a scrape of it went. */
  scraped?(report: ScrapeReport): void;
}

/** How a scrape went. */
export interface ScrapeReport {
  /**
   * `served` to the last byte; `abandoned` by a client that went away, or did
   * not read on in time; `failed`, as all parts did; `refused`, because too
   * many others were under way.
   */
  readonly outcome: "served" | "abandoned" | "failed" | "refused";
  /** Seconds from the request to the last byte handed over. */
  readonly seconds: number;
  /** The longest time in seconds for which it held the event loop. */
  readonly blocked: number;
  /** Size of what was written, before compression. */
  readonly bytes: number;
}

/** Told of a part that could not be collected, and why. */
export type FailureListener = (part: Source, error: unknown) => void;

/** The parts of `source`, or itself if it is of one piece. */
export function partsOf(source: Source): Iterable<Source> {
  return source.parts ?? [source];
}

/** By which name a part is told of: that of its first family. */
export function nameOf(part: Source): string {
  return part.descs[0]?.name ?? "unnamed";
}

/**
 * Collects one part of `whole` into `sink`; a part that throws is taken back.
 *
 * `whole.failed` and `onFailure` hear of it. Where nobody listens it is thrown,
 * so that no failure passes in silence.
 */
export function collectPart(
  whole: Source,
  part: Source,
  sink: RevocableSink,
  onFailure?: FailureListener,
): void {
  sink.mark();
  try {
    part.collect(sink);
  } catch (error) {
    sink.rollback();
    failPart(whole, part, error, onFailure);
  }
}

/**
 * Tells that `part` could not be collected.
 *
 * @throws `error`, where nobody listens.
 */
export function failPart(
  whole: Source,
  part: Source,
  error: unknown,
  onFailure: FailureListener | undefined,
): void {
  if (whole.failed === undefined && onFailure === undefined) throw error;
  tell(whole, part, error, onFailure);
}

/** Tells of a part that failed; who listens cannot spoil the pass. */
export function tell(
  whole: Source,
  part: Source,
  error: unknown,
  onFailure: FailureListener | undefined,
): void {
  try {
    whole.failed?.(part, error);
  } catch {
    // There is nobody left to tell.
  }
  try {
    onFailure?.(part, error);
  } catch {
    // As above.
  }
}

/** Collects all parts of `source` into `sink`; see `collectPart`. */
export function collectParts(
  source: Source,
  sink: RevocableSink,
  onFailure?: FailureListener,
): void {
  for (const part of partsOf(source)) {
    collectPart(source, part, sink, onFailure);
  }
}

/** Which of the three verbs of a sink a type is spoken with. */
export function verbOf(type: MetricType): "number" | "histogram" | "summary" {
  if (type === "histogram" || type === "gaugehistogram") return "histogram";
  return type === "summary" ? "summary" : "number";
}

/** The error of a source that speaks out of turn. */
export function grammarError(
  desc: FamilyDesc | undefined,
  verb: "number" | "histogram" | "summary",
): TypeError {
  if (desc === undefined) {
    return new TypeError(
      `Cannot take a ${verb}: no family is open; call sink.family(desc) first`,
    );
  }
  return new TypeError(
    `Cannot take a ${verb} in ${desc.type} "${desc.name}": ` +
      `call sink.${verbOf(desc.type)}() for it`,
  );
}
