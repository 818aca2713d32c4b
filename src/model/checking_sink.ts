/**
 * The sink between the source of a user and the sinks of the library.
 *
 * - It passes on checked copies: nothing that the source does later, or that a
 *   getter returns the second time, reaches an exposition.
 * - Besides the rules for each point it refuses families that are opened twice,
 *   families of other sources, and label sets that are written twice.
 * - After the first error it refuses everything, so that a source that catches
 *   the error fails too. After the pass it is closed.
 */
import { FamilyConflictError } from "../base/mod.ts";
import {
  checkedExemplar,
  checkedHistogram,
  checkedNumber,
  checkedSummary,
  checkedTime,
  copyLabels,
  LabelsCopy,
} from "./copy_point.ts";
import { type FamilyDesc, VERBS } from "./desc.ts";
import { DistinctTexts } from "./distinct_texts.ts";
import { fixedDesc, isSameDesc } from "./fixed_desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { PartFacts } from "./parts.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import { grammarError, type Sink } from "./sink.ts";

/** Checks what one part writes in one pass, and passes it on. */
export class CheckingSink implements Sink {
  readonly #sink: Sink;
  readonly #facts: PartFacts;
  /** The names of the families that were opened. */
  readonly #opened = new Set<string>();
  /** The labels of the series that is being written. */
  readonly #labelsCopy = new LabelsCopy();
  #desc: FamilyDesc | undefined;
  /** Whether the sink takes the series of the family. */
  #isTaken = false;
  /** The label sets of the family. */
  #written = new DistinctTexts();
  /** The labels without the state of the last series, if it is a stateset. */
  #group: readonly string[] | undefined;
  #groups = new DistinctTexts();
  #fault: { readonly error: unknown } | undefined;
  #isClosed = false;
  /** Whether a call is in progress: a getter of its arguments can cause another. */
  #isBusy = false;

  /** Passes on to `sink` what the part with these facts writes. */
  constructor(sink: Sink, facts: PartFacts) {
    this.#sink = sink;
    this.#facts = facts;
  }

  /** Refuses all further calls: the pass is over. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws The first error, if there was one. */
  throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  /** Opens a family of the source; returns false if its series are skipped. */
  family(given: FamilyDesc): boolean {
    this.#enter();
    try {
      const desc = this.#fixed(given);
      if (this.#opened.has(desc.name)) {
        const { type, name } = desc;
        throw new FamilyConflictError(
          `Cannot write ${type} "${name}": ${type} "${name}" already writes ` +
            `"${name}"; open each family once, and write all its series then`,
          name,
          name,
        );
      }
      this.#opened.add(desc.name);
      this.#desc = desc;
      this.#written = new DistinctTexts();
      this.#groups = new DistinctTexts();
      this.#group = undefined;
      this.#isTaken = this.#sink.family(desc);
      this.#isBusy = false;
      return this.#isTaken;
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /** Checks and passes on a number. */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    this.#enter();
    try {
      const desc = this.#open("number");
      if (desc !== undefined) {
        this.#sink.number(
          this.#labels(desc, labels),
          checkedNumber(desc, value),
          checkedTime(desc, "start", start),
          checkedExemplar(desc, exemplar),
        );
      }
      this.#isBusy = false;
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /** Checks and passes on a histogram. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    this.#enter();
    try {
      const desc = this.#open("histogram");
      if (desc !== undefined) {
        const copied = this.#labels(desc, labels);
        const time = checkedTime(desc, "start", start);
        this.#sink.histogram(copied, checkedHistogram(desc, view), time);
      }
      this.#isBusy = false;
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /** Checks and passes on a summary. */
  summary(labels: LabelSet, view: SummaryView, start: number): void {
    this.#enter();
    try {
      const desc = this.#open("summary");
      if (desc !== undefined) {
        const copied = this.#labels(desc, labels);
        const time = checkedTime(desc, "start", start);
        this.#sink.summary(copied, checkedSummary(desc, view), time);
      }
      this.#isBusy = false;
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /** Begins a call; repeats an earlier error. */
  #enter(): void {
    if (this.#isClosed) {
      throw new TypeError(
        "Cannot write to a sink after collect has returned: collect must be " +
          "synchronous; do asynchronous work in refresh()",
      );
    }
    if (this.#fault !== undefined) throw this.#fault.error;
    if (this.#isBusy) {
      throw this.#remember(
        new TypeError(
          "Cannot write to a sink while it reads the arguments of another call",
        ),
      );
    }
    this.#isBusy = true;
  }

  /** Keeps the first error, which ends the pass; returns `error`. */
  #remember(error: unknown): unknown {
    this.#fault ??= { error };
    return error;
  }

  /** Returns the family as it is reserved, or as it is now. */
  #fixed(given: FamilyDesc): FamilyDesc {
    const desc = fixedDesc(given);
    for (const adoption of this.#facts.adoptions) {
      const reserved = adoption.descs.get(desc.name);
      if (reserved !== undefined && isSameDesc(reserved, desc)) return reserved;
      adoption.check(desc);
    }
    return desc;
  }

  /** Returns the open family; undefined if its series are skipped. */
  #open(verb: "number" | "histogram" | "summary"): FamilyDesc | undefined {
    const desc = this.#desc;
    if (desc === undefined || VERBS[desc.type] !== verb) {
      throw grammarError(desc, verb);
    }
    return this.#isTaken ? desc : undefined;
  }

  /** Returns a copy of labels that no earlier series of the family has. */
  #labels(desc: FamilyDesc, labels: LabelSet): LabelSet {
    const copy = this.#labelsCopy;
    copyLabels(desc, labels, copy);
    const { values } = copy;
    if (!this.#written.add(values)) {
      throw new RangeError(
        `Cannot write ${desc.type} "${desc.name}": two series have the labels ` +
          `[${values.join(", ")}]`,
      );
    }
    if (desc.type === "stateset") this.#enterGroup(desc, values);
    return copy;
  }

  /** Refuses a stateset without a state, or whose states are not adjacent. */
  #enterGroup(desc: FamilyDesc, values: readonly string[]): void {
    if (values.at(-1) === "") {
      throw new RangeError(
        `Cannot write stateset "${desc.name}": its last label, the state, ` +
          "must not be empty",
      );
    }
    const group = values.slice(0, -1);
    if (this.#group?.every((text, i) => text === group[i])) return;
    if (!this.#groups.add(group)) {
      throw new RangeError(
        `Cannot write stateset "${desc.name}": write all states of the same ` +
          "labels one after the other",
      );
    }
    this.#group = group;
  }
}
