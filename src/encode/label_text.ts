/**
 * The text of label sets: `method="GET",route="/"`, without the braces.
 *
 * Most labels have few values, so each pair is turned to bytes once and copied
 * afterwards; a label with many values is written out each time.
 */
import type { ByteWriter } from "../base/mod.ts";
import type { LabelSet } from "../model/mod.ts";

/** More different values than this are not worth keeping. */
const MOST_KEPT = 256;

const COMMA = 0x2c;
const QUOTE = 0x22;

/** Writes the label sets of one family. */
export class LabelText {
  /** `name="`, by the place of the label. */
  readonly #heads: readonly string[];
  /** `name="value"` of the values met so far; absent where they are many. */
  readonly #pairs: (Map<string, Uint8Array> | undefined)[];

  constructor(names: readonly string[]) {
    this.#heads = names.map((name) => `${name}="`);
    this.#pairs = names.map(() => new Map());
  }

  /** Writes all labels that have a value, with commas between them. */
  write(labels: LabelSet, out: ByteWriter): void {
    const from = out.length;
    for (let at = 0; at < this.#heads.length; at++) {
      const value = labels.value(at);
      if (value === "") continue; // an empty label is an absent one
      if (out.length > from) out.byte(COMMA);
      const pair = this.#pairs[at]?.get(value);
      if (pair !== undefined) out.copy(pair);
      else this.#writeNew(at, value, out);
    }
  }

  #writeNew(at: number, value: string, out: ByteWriter): void {
    const from = out.length;
    out.ascii(this.#heads[at]!);
    out.escaped(value, true);
    out.byte(QUOTE);
    const pairs = this.#pairs[at];
    if (pairs === undefined) return;
    if (pairs.size < MOST_KEPT) pairs.set(value, out.slice(from));
    else this.#pairs[at] = undefined;
  }
}
