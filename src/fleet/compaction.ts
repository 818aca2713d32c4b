/**
 * Rewrites the file of a slot when most lines of its log are no longer used.
 *
 * The search for them visits all series, so it waits until there are many new lines,
 * or for a minute: gauges that are removed leave no line.
 */
import { hidesIn } from "./publisher/hides_in.ts";
import type { Publisher } from "./publisher/publisher.ts";
import type { SlotState } from "./slot/slot.ts";
import type { SlotWriter } from "./slot/slot_writer.ts";

/** Number of lines out of use from which on a file is rewritten. */
const MIN_WASTE = 1024;

/** The share of the log that must be new before it is searched again. */
const MIN_GROWTH = 1 / 16;

/** The maximum number of calls between two searches. */
const MAX_CALLS = 60;

/** Decides when the file of a slot is rewritten. */
export class Compaction {
  readonly #writer: SlotWriter;
  readonly #publisher: Publisher;
  /** The tombstones that the last compaction has kept. */
  #keptTombstones = 0;
  /** The lines at the last search, and the calls since. */
  #searched = 0;
  #calls = 0;

  constructor(writer: SlotWriter, publisher: Publisher) {
    this.#writer = writer;
    this.#publisher = publisher;
  }

  /**
   * Drops unused lines with the next publish, if there are enough. `others` are
   * the other slots. Returns whether it does.
   */
  run(others: () => readonly (SlotState | undefined)[]): boolean {
    const { rows, tombstones } = this.#writer;
    const lines = rows.length + tombstones.length - this.#keptTombstones;
    if (lines < MIN_WASTE || !this.#isDue(lines)) return false;
    const used = this.#publisher.used();
    if (lines - used.size < MIN_WASTE + used.size) return false;
    const isKept = hidesIn(others(), this.#writer);
    const numbers = this.#writer.compact((row) => used.has(row), isKept);
    this.#publisher.renumber(numbers);
    this.#keptTombstones = this.#writer.tombstones.length;
    this.#searched = 0;
    return true;
  }

  #isDue(lines: number): boolean {
    const isDue = ++this.#calls >= MAX_CALLS ||
      lines - this.#searched > lines * MIN_GROWTH;
    if (!isDue) return false;
    this.#searched = lines;
    this.#calls = 0;
    return true;
  }
}
