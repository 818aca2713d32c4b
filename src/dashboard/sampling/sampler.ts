/**
 * Reads all parts of a registry: rows each second or every ten, all other sources
 * every ten seconds.
 *
 * - Code of users, such as callbacks, is only called in full passes.
 * - Failures are noted here. No metric counts them, and no scrape observer sees
 *   them.
 */
import type { Cancel, Clock, Timers } from "../../base/mod.ts";
import {
  callSafely,
  cutText,
  errorMessage,
  untilAborted,
} from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import { canRefresh, nameOf, partsOf, rowsOf } from "../../model/internal.ts";
import { scopeIn } from "../../metrics/internal.ts";
import type { Pass } from "./reading.ts";
import { RowsReader } from "./rows_reader.ts";
import type { SeriesBook } from "./series_book.ts";
import { SourceReader } from "./source_reader.ts";

/** The state of a source, as the Health view shows it. */
export interface SourceState {
  readonly name: string;
  readonly ok: boolean;
  /** Failures since the start, and those since the last success. */
  readonly failures: number;
  readonly inARow: number;
  /** Message of the newest failure; empty if there is none. */
  readonly error: string;
}

/** Seconds after which a refresh is late. */
const LATE = 8;

/** Maximum length of an error message. */
const MAX_MESSAGE = 300;

/** The newest refresh of a source. */
interface Refresh {
  isPending: boolean;
  /** Whether the last one that has settled has failed. */
  hasFailed: boolean;
  cancel: Cancel;
}

/** Reads the parts of one registry. */
export class Sampler {
  readonly #source: Source;
  readonly #book: SeriesBook;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #tables = new Map<Source, RowsReader>();
  readonly #others = new Map<Source, SourceReader>();
  readonly #states = new Map<string, SourceState>();
  readonly #refreshes = new Map<Source, Refresh>();
  /** Tables that could not be read in the last pass. */
  readonly #failed = new Set<Source>();
  /** Unix time of the pass before. */
  #readAt = Infinity;

  constructor(source: Source, book: SeriesBook, clock: Clock, timers: Timers) {
    this.#source = source;
    this.#book = book;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Whether a source has to be refreshed before a full pass. */
  get canRefresh(): boolean {
    return [...this.#others.keys()].some(canRefresh);
  }

  /** All sources but rows that never failed, those that fail first. */
  get states(): readonly SourceState[] {
    return [...this.#states.values()].sort((a, b) =>
      Number(a.ok) - Number(b.ok)
    );
  }

  /** Reads everything for the first time; callers may pause between steps. */
  *first(pass: Pass): Generator<void, void> {
    this.#listAll(pass);
    for (const [part, reader] of this.#tables) {
      const steps = reader.reading(pass);
      let isDone = false;
      while (!isDone) {
        isDone = true; // unless there is another step
        this.#tryTable(part, () => isDone = steps.next().done === true);
        yield;
      }
    }
    for (const [part, reader] of this.#others) {
      if (needsRefresh(part)) continue; // it has no values yet
      this.#try(part, () => reader.read(pass));
      yield;
    }
    this.#readAt = pass.unix;
  }

  /** Reads rows; in a full pass all sources. */
  read(pass: Pass): void {
    if (pass.isFull) this.#listAll(pass);
    else this.#listTables(pass);
    for (const [part, reader] of this.#tables) {
      if (reader.isSlow && !pass.isFull) continue;
      this.#tryTable(part, () => reader.read(pass));
    }
    if (pass.isFull) {
      for (const [part, reader] of this.#others) {
        this.#readOther(part, reader, pass);
      }
    }
    this.#readAt = pass.unix;
  }

  /** Starts to refresh all sources that need it; they are read in a later pass. */
  refresh(): void {
    for (const part of this.#others.keys()) {
      if (!canRefresh(part)) continue;
      let refresh = this.#refreshes.get(part);
      if (refresh?.isPending) continue;
      const late = new AbortController();
      const cancel = this.#timers.after(
        LATE,
        () => late.abort(new Error(`refresh() took longer than ${LATE} s`)),
      );
      refresh ??= { isPending: true, hasFailed: false, cancel };
      refresh.isPending = true;
      refresh.cancel = cancel;
      this.#refreshes.set(part, refresh);
      void this.#refresh(part, refresh, late.signal).finally(cancel);
    }
  }

  /** Never rejects. */
  async #refresh(
    part: Source,
    refresh: Refresh,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const work = part.refresh?.(signal);
      if (work !== undefined) await untilAborted(work, signal);
      refresh.hasFailed = false;
    } catch (error) {
      refresh.hasFailed = true;
      this.#noteFailure(part, error);
    }
    refresh.isPending = false;
  }

  /** Stops waiting for refreshes. */
  close(): void {
    for (const { cancel } of this.#refreshes.values()) cancel();
    this.#refreshes.clear();
  }

  #readOther(part: Source, reader: SourceReader, pass: Pass): void {
    const refresh = this.#refreshes.get(part);
    if (refresh?.hasFailed) return reader.fail(pass);
    if (refresh?.isPending) return;
    if (refresh === undefined && needsRefresh(part)) return;
    this.#try(part, () => reader.read(pass));
  }

  /** Finds the rows of the registry without calling code of users. */
  #listTables(pass: Pass): void {
    const families = scopeIn(this.#source)?.families;
    if (families === undefined) return; // full passes find them
    const tables = new Set<Source>();
    for (const { sources } of families.below()) {
      for (const part of sources) {
        if ("collect" in part && rowsOf(part) !== undefined) tables.add(part);
      }
    }
    if (families.exposesSelfMetrics) {
      for (const table of families.selfMetrics.tables) tables.add(table);
    }
    this.#keepTables(tables, pass);
  }

  #listAll(pass: Pass): void {
    const tables = new Set<Source>();
    const others = new Set<Source>();
    for (const part of partsOf(this.#source)) {
      if (rowsOf(part) !== undefined) tables.add(part);
      else others.add(part);
    }
    for (const [part, reader] of this.#others) {
      if (others.has(part)) continue;
      reader.close(pass);
      this.#others.delete(part);
      this.#refreshes.get(part)?.cancel();
      this.#refreshes.delete(part);
    }
    this.#keepTables(tables, pass);
    const names = new Set<string>();
    for (const part of others) {
      names.add(nameOf(part));
      if (this.#others.has(part)) continue;
      this.#others.set(
        part,
        new SourceReader(part, this.#book, this.#clock, this.#readAt),
      );
    }
    for (const part of tables) names.add(nameOf(part));
    for (const name of this.#states.keys()) {
      if (!names.has(name)) this.#states.delete(name);
    }
  }

  /** Reads exactly these tables from now on. */
  #keepTables(tables: ReadonlySet<Source>, pass: Pass): void {
    for (const [part, reader] of this.#tables) {
      if (tables.has(part)) continue;
      reader.close(pass);
      this.#tables.delete(part);
    }
    for (const part of tables) {
      if (this.#tables.has(part)) continue;
      this.#tables.set(
        part,
        new RowsReader(
          part,
          rowsOf(part)!,
          this.#book,
          this.#clock,
          this.#readAt,
        ),
      );
    }
  }

  /** Does `work`, and notes whether it throws. */
  #try(part: Source, work: () => void): void {
    try {
      work();
    } catch (error) {
      return this.#noteFailure(part, error);
    }
    this.#noteSuccess(part);
  }

  /** Like `#try`, but notes nothing of tables that never fail. */
  #tryTable(part: Source, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed.add(part);
      return this.#noteFailure(part, error);
    }
    if (this.#failed.delete(part)) this.#noteSuccess(part);
  }

  #noteSuccess(part: Source): void {
    const name = nameOf(part);
    const { ok = false, failures = 0, error = "" } = this.#states.get(name) ??
      {};
    if (ok) return;
    this.#states.set(name, { name, ok: true, failures, inARow: 0, error });
  }

  #noteFailure(part: Source, error: unknown): void {
    const name = nameOf(part);
    const { failures = 0, inARow = 0 } = this.#states.get(name) ?? {};
    this.#states.set(name, {
      name,
      ok: false,
      failures: failures + 1,
      inARow: inARow + 1,
      error: cutText(errorMessage(error), MAX_MESSAGE),
    });
  }
}

/** Returns whether a source has no values before its first refresh. */
function needsRefresh(part: Source): boolean {
  return canRefresh(part) && callSafely((of) => of.peek, part) === undefined;
}
