/** A set of lists of texts, such as the label values of the series of a family. */

/** The lists that share their first texts: the only one, or all by the next text. */
type Branch = number | Map<string, Branch>;

/**
 * A set of lists of the same length, as a tree whose branches end where only one
 * list is left. Texts are not joined, and no object is made per list.
 */
export class DistinctTexts {
  readonly #root = new Map<string, Branch>();
  /** The texts of all lists, list after list; a branch ends at one of them. */
  readonly #texts: string[] = [];

  /** Adds a copy of `list`; returns false if the set has it already. */
  add(list: readonly string[]): boolean {
    const texts = this.#texts;
    let branches = this.#root;
    for (let at = 0;; at++) {
      const text = list[at] ?? "";
      const found = branches.get(text);
      if (found === undefined) {
        branches.set(text, texts.length);
        for (let i = 0; i < list.length; i++) texts.push(list[i]!);
        return true;
      }
      if (typeof found !== "number") {
        branches = found;
        continue;
      }
      let i = at;
      while (i < list.length && texts[found + i] === list[i]) i++;
      if (i >= list.length) return false;
      const split = new Map<string, Branch>([[texts[found + at + 1]!, found]]);
      branches.set(text, split);
      branches = split;
    }
  }
}
