/**
 * Reads environment variables by the rules of the OpenTelemetry specification,
 * "Environment Variable Specification": an empty variable counts as unset, words
 * are compared without regard to case, and a wrong value is reported and counts
 * as unset.
 */
import { callSafely, quoted } from "../base/internal.ts";

/** Returns a variable; undefined if it is unset. */
export type GetVariable = (name: string) => string | undefined;

/** Values by the words that stand for them, in lower case. */
type Words<T> = Readonly<Record<string, T>>;

/** Milliseconds that stand for no limit: the longest wait is a day. */
const DAY = 86_400_000;

/** Reads variables, and collects complaints about them. */
export class Variables {
  readonly #get: GetVariable;
  /** The reasons why values are ignored, by variable; one line each. */
  readonly complaints: Map<string, string> = new Map();

  constructor(get: GetVariable) {
    this.#get = get;
  }

  /** Reports what is wrong with a variable. */
  complain(name: string, text: string): void {
    this.complaints.set(name, `${name} ${text}`);
  }

  /** Returns a text without the white space around it. */
  text(name: string): string | undefined {
    const value: unknown = callSafely(this.#get, name);
    return typeof value === "string" && value.trim() || undefined;
  }

  /** Returns whether a variable is `true`. */
  isTrue(name: string): boolean {
    return this.oneOf(name, { true: true, false: false }) === true;
  }

  /** Returns the value that `words` has for a variable. */
  oneOf<T>(name: string, words: Words<T>): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = valueIn(words, text);
    if (found === undefined) this.#wrong(name, [text], words);
    return found;
  }

  /**
   * Returns the values that `words` has for the items of a list, each once;
   * undefined if it has none for any item.
   */
  list<T>(name: string, words: Words<T>): readonly T[] | undefined {
    const texts = this.texts(name) ?? [];
    const found = new Set<T>();
    const wrong: string[] = [];
    for (const text of texts) {
      const value = valueIn(words, text);
      if (value === undefined) wrong.push(text);
      else found.add(value);
    }
    if (wrong.length > 0) this.#wrong(name, wrong, words);
    return found.size === 0 ? undefined : [...found];
  }

  /** Returns the items of a list. */
  texts(name: string): readonly string[] | undefined {
    const items = this.text(name)?.split(",").map((item) => item.trim());
    return items?.filter((item) => item !== "");
  }

  /** Returns a whole number from `min` to `max`. */
  whole(name: string, min: number, max = 2 ** 31 - 1): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    const limits = `a whole number from ${min} to ${max}`;
    this.complain(name, `is ${quoted(text)}; give ${limits}`);
    return undefined;
  }

  /** Returns milliseconds, at least one, as seconds; at most a day. */
  delay(name: string): number | undefined {
    const value = this.whole(name, 0);
    return value === undefined
      ? undefined
      : Math.min(Math.max(value, 1), DAY) / 1000;
  }

  /** Returns milliseconds as seconds; 0 means no limit, which is a day. */
  timeout(name: string): number | undefined {
    const value = this.whole(name, 0);
    return value === undefined ? undefined : Math.min(value || DAY, DAY) / 1000;
  }

  /**
   * Returns the pairs of a list such as `a=1,b=2`, with percent-encoded names and
   * values. No complaint has a value in it, which may be a secret.
   *
   * With `areAllNeeded`, nothing is returned if one pair is malformed; otherwise
   * that pair is left out.
   */
  pairs(
    name: string,
    isLegal: (key: string, value: string) => boolean,
    areAllNeeded: boolean,
  ): Readonly<Record<string, string>> | undefined {
    const items = this.texts(name);
    if (items === undefined) return undefined;
    const pairs = new Map<string, string>();
    for (const item of items) {
      const [key, value] = pairOf(item);
      if (key !== "" && isLegal(key, value)) pairs.set(key, value);
      else {
        const place = `item ${items.indexOf(item) + 1} of ${items.length}`;
        this.complain(
          name,
          `has a malformed ${place}, so ${
            areAllNeeded ? "all of it" : "that item"
          } is ignored; give a list such as "name=value,other=value", ` +
            `with "%2C" for a comma in a value`,
        );
        if (areAllNeeded) return undefined;
      }
    }
    return Object.fromEntries(pairs);
  }

  #wrong(name: string, texts: readonly string[], words: Words<unknown>): void {
    const legal = Object.keys(words).join(", ");
    const verb = texts.length === 1 ? "is" : "are";
    this.complain(
      name,
      `has ${texts.map(quoted).join(", ")}, which ${verb} not supported; ` +
        `give ${legal}`,
    );
  }
}

function valueIn<T>(words: Words<T>, text: string): T | undefined {
  const word = text.toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** Returns the name and the value of a pair; an empty name if it is malformed. */
function pairOf(item: string): readonly [key: string, value: string] {
  const at = item.indexOf("=");
  try {
    const key = decodeURIComponent(item.slice(0, Math.max(at, 0)).trim());
    return [key, decodeURIComponent(item.slice(at + 1).trim())];
  } catch {
    return ["", ""]; // no percent-encoded UTF-8
  }
}
