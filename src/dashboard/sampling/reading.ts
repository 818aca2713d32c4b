/** The results of one pass over the families of a registry. */
import type { Change } from "../protocol.ts";
import type { KnownFamily } from "./known_series.ts";

/** Collects the changes of one pass. */
export class Reading {
  readonly changes = new Map<KnownFamily, Change[]>();
  /** The family of the last change: most changes come family by family. */
  #family: KnownFamily | undefined;
  #list: Change[] = [];

  add(family: KnownFamily, change: Change | undefined): void {
    if (change === undefined) return;
    if (family !== this.#family) {
      this.#family = family;
      this.#list = this.changes.get(family) ?? [];
      this.changes.set(family, this.#list);
    }
    this.#list.push(change);
  }
}

/** A pass that readers take part in. */
export interface Pass {
  readonly reading: Reading;
  /** Number of the second in which it happens. */
  readonly tick: number;
  /** Unix time of its begin. */
  readonly unix: number;
  /** Whether values that change without a record are read, too. */
  readonly isFull: boolean;
}

/** Reads one part of a registry without disturbing it. */
export interface PartReader {
  /**
   * Adds what has happened since the last call. The first call adds a change
   * without growth for each series, unless it began after `readAt`.
   *
   * @throws The error of the part. Its series are then not there.
   */
  read(pass: Pass): void;
  /** Ends the series of a part that is no longer exposed. */
  close(pass: Pass): void;
}
