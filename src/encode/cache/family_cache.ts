/** The cached families of one format, within a budget that caches share. */
import type { FamilyDesc, Rows } from "../../model/mod.ts";

/** A limit of cached bytes that several caches can share. */
export interface CacheBudget {
  /** The bytes that are left: caches subtract what they use. */
  left: number;
}

/** A cached family. */
export interface Cached {
  /** Approximate memory in bytes. */
  readonly size: number;
  /** The part of `size` that the cache has taken from the budget. */
  accounted: number;
}

/** Caches families by their rows. */
export class FamilyCache<F extends Cached> {
  readonly #budget: CacheBudget;
  readonly #families = new Map<Rows, F>();
  /** The descriptions with which families were cached: one can be replaced. */
  readonly #descs = new WeakMap<F, FamilyDesc>();
  /** The sizes of families that did not fit into the budget. */
  readonly #tooLarge = new WeakMap<Rows, number>();

  constructor(budget: CacheBudget) {
    this.#budget = budget;
  }

  /** Returns the rows whose families are cached. */
  keys(): Iterable<Rows> {
    return this.#families.keys();
  }

  /**
   * Returns the cached family of `rows`, at first a new one; undefined if it
   * would not fit into the budget.
   */
  of(rows: Rows, make: () => F): F | undefined {
    const known = this.#families.get(rows);
    const { desc } = rows;
    if (known !== undefined && this.#descs.get(known) === desc) return known;
    this.forget(rows);
    if (this.#budget.left <= (this.#tooLarge.get(rows) ?? 0)) return undefined;
    const family = make();
    this.#families.set(rows, family);
    this.#descs.set(family, desc);
    return family;
  }

  /** Takes what `family` has grown by from the budget, or else forgets it. */
  account(rows: Rows, family: F): void {
    if (this.#families.get(rows) !== family) return; // forgotten meanwhile
    this.#budget.left -= family.size - family.accounted;
    family.accounted = family.size;
    if (this.#budget.left >= 0) return;
    this.#tooLarge.set(rows, family.size);
    this.forget(rows);
  }

  /** Removes a family and returns its bytes to the budget. */
  forget(rows: Rows): void {
    const family = this.#families.get(rows);
    if (family === undefined) return;
    this.#families.delete(rows);
    this.#budget.left += family.accounted;
  }

  /** Removes all families. */
  clear(): void {
    for (const rows of this.#families.keys()) this.forget(rows);
  }
}
