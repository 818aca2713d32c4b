/**
 * The text of label sets: `{method="GET",route="/"`, without the closing brace.
 *
 * Most labels have few values, so each pair is turned to bytes once and copied
 * afterwards; a label with many values is written out each time.
 */
import { type ByteWriter, type Fragment, fragment } from "../base/mod.ts";
import type { LabelSet } from "../model/mod.ts";

/** More different values than this are not worth keeping. */
const MOST_KEPT = 256;

const QUOTE = 0x22;
const OPEN = 0x7b;

/** Writes the label sets of one family. */
export class LabelText {
  /** `,name="`, by the place of the label. */
  readonly #heads: readonly Fragment[];
  /** `,name="value"` of the values met so far; absent where they are many. */
  readonly #pairs: (Map<string, Fragment> | undefined)[];

  constructor(names: readonly string[]) {
    this.#heads = names.map((name) => fragment(`,${name}="`));
    this.#pairs = names.map(() => new Map());
  }

  /** Writes all labels that have a value; nothing at all if none has. */
  write(labels: LabelSet, out: ByteWriter): void {
    const from = out.length;
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.length; at++) {
      const value = labels.value(at);
      if (value === "") continue; // an empty label is an absent one
      const pair = pairs[at]?.get(value);
      if (pair !== undefined) out.copy(pair);
      else this.#writeNew(at, value, out);
    }
    // Every pair begins with a comma; the first one is the brace.
    if (out.length > from) out.replace(from, OPEN);
  }

  #writeNew(at: number, value: string, out: ByteWriter): void {
    const from = out.length;
    out.copy(this.#heads[at]!);
    out.escaped(value, true);
    out.byte(QUOTE);
    const pairs = this.#pairs[at];
    if (pairs === undefined) return;
    if (pairs.size < MOST_KEPT) pairs.set(value, fragment(out.slice(from)));
    else this.#pairs[at] = undefined;
  }
}
