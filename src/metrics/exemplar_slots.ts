/**
 * Exemplars that come by themselves: from whoever knows which trace the work
 * at hand belongs to.
 *
 * - Each cell takes one between two collections, so that a busy series asks
 *   once a scrape and reads one byte otherwise: no clock, no allocation.
 * - What is given by hand goes before it.
 */
import type { ExemplarLabels } from "./labels.ts";

/**
 * Tells which trace the work at hand belongs to; undefined if to none that is
 * recorded. It is asked only when its answer will be kept.
 */
export type ExemplarSource = () => ExemplarLabels | undefined;

/** Which cells of one table may still take an exemplar. */
export class ExemplarSlots {
  readonly #source: ExemplarSource;
  /** By cell, how many it has taken since the last collection. */
  #taken = new Uint8Array(0);
  #anyTaken = false;
  #asking = false;

  /**
   * `source` may throw; then there is no exemplar.
   *
   * @throws {TypeError} If it is no function.
   */
  constructor(source: ExemplarSource) {
    if (typeof source !== "function") {
      throw new TypeError(
        `Cannot take exemplars from a ${typeof source}: give a function, ` +
          `such as () => ({ trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" })`,
      );
    }
    this.#source = source;
  }

  /** The labels that a cell is to take now; undefined if it takes none. */
  ask(cell: number, most: number): ExemplarLabels | undefined {
    // A source may record something itself, and is not asked about that.
    if (this.#taken[cell]! >= most || this.#asking) return undefined;
    this.#asking = true;
    let labels: ExemplarLabels | undefined;
    try {
      labels = this.#source();
    } catch {
      return undefined; // a trace must not fail the work
    } finally {
      this.#asking = false;
    }
    if (labels === undefined) return undefined;
    if (cell >= this.#taken.length) this.#grow(cell + 1);
    this.#taken[cell]!++;
    this.#anyTaken = true;
    return labels;
  }

  /** Lets every cell take anew. */
  open(): void {
    if (!this.#anyTaken) return;
    this.#taken.fill(0);
    this.#anyTaken = false;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, 2 * this.#taken.length));
    larger.set(this.#taken);
    this.#taken = larger;
  }
}
