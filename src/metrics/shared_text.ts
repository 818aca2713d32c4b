/**
 * One string for each text: label values come as fresh copies with every
 * request, and a copy kept for each series would cost memory at once and cache
 * misses in every scrape.
 */

/** A label with more values than this has few copies of each. */
const MOST_SHARED = 256;

/** The texts met so far, by the place of the label; forgotten where many. */
export class SharedText {
  readonly #texts: (Map<string, string> | undefined)[];

  constructor(places: number) {
    this.#texts = Array.from({ length: places }, () => new Map());
  }

  /** The first string that was met with this text, at this place. */
  of(at: number, text: string): string {
    const texts = this.#texts[at];
    if (texts === undefined) return text;
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size < MOST_SHARED) texts.set(text, text);
    else this.#texts[at] = undefined;
    return text;
  }
}
