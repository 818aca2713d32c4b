/** The label names of a family, over all of its series. */
import { ESCAPING_SCHEMES } from "../base/mod.ts";
import {
  escapedLabel,
  isLabelName,
  isUtf8Name,
  quoted,
} from "../base/internal.ts";
import { invalid, Rejection } from "./rejection.ts";

/** The maximum number of label names of a family. */
const MAX_NAMES = 128;

/** Adds names one by one: each costs the same, however many there are. */
export class LabelNames {
  readonly #names = new Set<string>();
  /** By scheme: the names as it escapes them. */
  readonly #escaped = ESCAPING_SCHEMES.map((scheme) => ({
    scheme,
    texts: new Set(["__name__"]),
  }));

  get size(): number {
    return this.#names.size;
  }

  /** Iterates over the names in the order in which they were added. */
  [Symbol.iterator](): Iterator<string> {
    return this.#names.values();
  }

  /** Adds all of `names`, or none. Returns undefined, or why they cannot be. */
  add(names: readonly string[]): Rejection | undefined {
    const more = names.filter((name) => !this.#names.has(name));
    if (this.#names.size + more.length > MAX_NAMES) {
      const words = `its series have over ${MAX_NAMES} different labels`;
      return new Rejection("limit", words);
    }
    const clash = more.find((name, at) => !this.#add(name, more.slice(0, at)));
    return clash === undefined ? undefined : invalid(
      `the label ${quoted(clash)} is illegal, or the same as another one ` +
        "where names are escaped",
    );
  }

  /** Adds a name; if it cannot be added, removes those `before` it. */
  #add(name: string, before: readonly string[]): boolean {
    const isLegal = isLabelName(name) || isUtf8Name(name);
    const isFree = this.#escaped.every(({ scheme, texts }) =>
      !texts.has(escapedLabel(name, scheme))
    );
    if (isLegal && isFree) {
      this.#names.add(name);
      for (const { scheme, texts } of this.#escaped) {
        texts.add(escapedLabel(name, scheme));
      }
      return true;
    }
    for (const added of before) {
      this.#names.delete(added);
      for (const { scheme, texts } of this.#escaped) {
        texts.delete(escapedLabel(added, scheme));
      }
    }
    return false;
  }
}
