/**
 * The labels of series, pair by pair.
 *
 * Most labels have few values, so each pair is turned to bytes once and copied
 * afterwards; a label with many values is written out each time.
 */
import { type ByteWriter, type Fragment, fragment } from "../base/mod.ts";
import type { LabelSet } from "../model/mod.ts";

/** More different values than this are not worth keeping. */
const MOST_KEPT = 256;

/** Writes the pair of the label at `at`. */
export type PairWriter = (at: number, value: string, out: ByteWriter) => void;

/** Writes the label sets of one family. */
export class LabelPairs {
  /** The values met so far, by the place of the label; absent for many. */
  readonly #kept: (Map<string, Fragment> | undefined)[];
  readonly #write: PairWriter;

  /** `size` is how many labels there are. */
  constructor(size: number, write: PairWriter) {
    this.#kept = Array.from({ length: size }, () => new Map());
    this.#write = write;
  }

  /** Writes all labels that have a value; nothing at all if none has. */
  write(labels: LabelSet, out: ByteWriter): void {
    const kept = this.#kept;
    for (let at = 0; at < kept.length; at++) {
      const value = labels.value(at);
      if (value === "") continue; // an empty label is an absent one
      const pair = kept[at]?.get(value);
      if (pair !== undefined) out.copy(pair);
      else this.#writeNew(at, value, out);
    }
  }

  #writeNew(at: number, value: string, out: ByteWriter): void {
    const from = out.length;
    this.#write(at, value, out);
    const kept = this.#kept[at];
    if (kept === undefined) return;
    if (kept.size < MOST_KEPT) kept.set(value, fragment(out.slice(from)));
    else this.#kept[at] = undefined;
  }
}
