/**
 * Snapshots: `capture` copies one pass over a source, `replay` is a source that
 * writes the copy.
 *
 * - Replaying a capture writes the same bytes as the source, in every format.
 * - A snapshot survives `structuredClone`; it shares no view with the source.
 */
import { ofType, readOptions, type SchemaOf, text } from "../base/internal.ts";
import { copyExemplar, copyHistogram, copySummary } from "./copies.ts";
import { type FamilyDesc, VERBS } from "./desc.ts";
import { ExposedNames } from "./exposed_names.ts";
import { Labels, type LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import { grammarError, type RevocableSink, type Sink } from "./sink.ts";
import { collectParts } from "./collect.ts";
import { SCRAPE_OBSERVER, type ScrapeObserver, type Source } from "./source.ts";
import {
  assertSnapshot,
  type FamilySnapshot,
  type Snapshot,
} from "./snapshot_shape.ts";

/** A family that is being copied. */
class FamilyCopy {
  readonly labelValues: string[] = [];
  readonly starts: number[] = [];
  readonly numbers: number[] = [];
  readonly exemplars = new Map<number, Exemplar>();
  readonly histograms: HistogramView[] = [];
  readonly summaries: SummaryView[] = [];
  readonly desc: FamilyDesc;
  /** The number of labels that the source writes: all except `worker`. */
  readonly arity: number;

  constructor(desc: FamilyDesc, arity: number) {
    this.desc = desc;
    this.arity = arity;
  }
}

/** Options of `capture`. */
export interface CaptureOptions {
  /** Notified of each part that failed, after the source's own observer. */
  readonly observer?: ScrapeObserver | undefined;
  /**
   * The time of the capture in unix seconds; the merge rule `last` takes the
   * latest. Default: 0, unknown.
   */
  readonly time?: number | undefined;
  /**
   * The name of this worker. Families whose merge rule is `each-worker` get it
   * as the value of an additional label, `worker`. Default: no such label.
   */
  readonly worker?: string | undefined;
}

const SCHEMA = {
  observer: SCRAPE_OBSERVER,
  time: ofType(["number"], "unix seconds, such as Date.now() / 1000", 0),
  worker: text("1"),
} satisfies SchemaOf<CaptureOptions>;

/** The label that separates the series of different workers. */
const WORKER = "worker";

/** Returns the index of the label `worker`: the state of a stateset is last. */
function workerAt(type: FamilyDesc["type"], arity: number): number {
  return type === "stateset" ? arity - 1 : arity;
}

class CaptureSink implements RevocableSink {
  readonly families: FamilyCopy[] = [];
  /** All names of the families: a replay can write each of them once. */
  readonly #names = new ExposedNames();
  readonly #worker: string | undefined;
  #family: FamilyCopy | undefined;
  #verb = "";
  #mark = 0;

  constructor(worker: string | undefined) {
    this.#worker = worker;
  }

  mark(): void {
    this.#mark = this.families.length;
    this.#family = undefined;
    this.#verb = "";
  }

  rollback(): void {
    for (const { desc } of this.families.splice(this.#mark)) {
      this.#names.release(desc);
    }
    this.#family = undefined;
    this.#verb = "";
  }

  family(desc: FamilyDesc): boolean {
    const family = this.#copyOf(desc);
    this.#names.check(family.desc);
    this.#names.reserve(family.desc);
    this.#family = family;
    this.#verb = VERBS[desc.type];
    this.families.push(family);
    return true;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const family = this.#row("number", labels, start);
    if (exemplar !== undefined) {
      family.exemplars.set(family.numbers.length, copyExemplar(exemplar));
    }
    family.numbers.push(value);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const { histograms } = this.#row("histogram", labels, start);
    histograms.push(copyHistogram(view, histograms.at(-1)?.bounds));
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    this.#row("summary", labels, start).summaries.push(copySummary(view));
  }

  /** Adds the labels and start of a row; returns the open family. */
  #row(
    verb: "number" | "histogram" | "summary",
    labels: LabelSet,
    start: number,
  ): FamilyCopy {
    const family = this.#family;
    if (family === undefined || this.#verb !== verb) {
      throw grammarError(family?.desc, verb);
    }
    const { arity, desc } = family;
    const at = desc.labelNames.length > arity ? workerAt(desc.type, arity) : -1;
    for (let i = 0; i < arity; i++) {
      if (i === at) family.labelValues.push(this.#worker!);
      family.labelValues.push(labels.value(i));
    }
    if (at === arity) family.labelValues.push(this.#worker!);
    family.starts.push(start);
    return family;
  }

  #copyOf(desc: FamilyDesc): FamilyCopy {
    const { labelNames, merge } = desc;
    const needsLabel = this.#worker !== undefined && merge === "each-worker" &&
      !labelNames.includes(WORKER);
    if (!needsLabel) return new FamilyCopy(desc, labelNames.length);
    const at = workerAt(desc.type, labelNames.length);
    const widened = {
      ...desc,
      labelNames: [...labelNames.slice(0, at), WORKER, ...labelNames.slice(at)],
    };
    return new FamilyCopy(widened, labelNames.length);
  }
}

/**
 * Copies everything that `source` writes in one pass. Cost: linear in the number
 * of series.
 *
 * A part that throws, or that writes a name of an earlier part, is left out, as
 * in a scrape, and reported to the observer.
 *
 * @throws The error of a part if neither the source nor the caller observes
 *   failures.
 * @throws {TypeError} If an option is wrong or does not exist.
 */
export function capture(
  source: Source,
  options: CaptureOptions = {},
): Snapshot {
  const action = "Cannot capture a source";
  const { observer, time, worker } = readOptions(action, SCHEMA, options);
  const sink = new CaptureSink(worker);
  collectParts(source, sink, observer);
  return {
    families: sink.families.map(({ arity: _, ...family }) => ({
      ...family,
      starts: Float64Array.from(family.starts),
      times: new Float64Array(family.starts.length).fill(time),
      numbers: Float64Array.from(family.numbers),
    })),
  };
}

/**
 * Returns a source that writes a snapshot each time it is collected. Each family
 * is a part: one that is illegal is left out, and the others are written.
 *
 * @throws {TypeError} If `snapshot` is not a snapshot, or was turned into JSON.
 */
export function replay(snapshot: Snapshot): Source {
  assertSnapshot("Cannot replay", snapshot);
  const parts = snapshot.families.map((family): Source => ({
    descs: [family.desc],
    collect: (sink) => writeFamily(family, sink),
  }));
  return {
    descs: snapshot.families.map((family) => family.desc),
    parts,
    collect(sink: Sink): void {
      for (const part of parts) part.collect(sink);
    },
  };
}

function writeFamily(family: FamilySnapshot, sink: Sink): void {
  if (!sink.family(family.desc)) return;
  const names = family.desc.labelNames;
  const verb = VERBS[family.desc.type];
  for (let row = 0; row < family.starts.length; row++) {
    const from = row * names.length;
    const values = family.labelValues.slice(from, from + names.length);
    const labels = new Labels(names, values);
    const start = family.starts[row]!;
    if (verb === "number") {
      const exemplar = family.exemplars.get(row);
      sink.number(labels, family.numbers[row]!, start, exemplar);
    } else if (verb === "histogram") {
      sink.histogram(labels, family.histograms[row]!, start);
    } else {
      sink.summary(labels, family.summaries[row]!, start);
    }
  }
}
