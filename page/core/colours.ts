/**
 * Colours of series. A series keeps its colour while the page is open: it comes
 * from a hash of the labels, and is the next free one if another line has it.
 */

/** The number of colours, `--s1` to `--s6`. `--s0` is that of all others. */
export const COLOURS = 6;

/** Gives colours to lines that are drawn together. */
export class Colours {
  readonly #known = new Map<string, number>();

  /**
   * Returns a colour from 1 to `COLOURS` for each key, all different while there
   * are enough. Keys that had a colour before choose first.
   */
  of(keys: readonly string[]): Map<string, number> {
    const taken = new Set<number>();
    const colours = new Map<string, number>();
    const give = (key: string, wished: number) => {
      let colour = wished;
      for (let i = 0; taken.has(colour) && i < COLOURS; i++) {
        colour = colour % COLOURS + 1;
      }
      taken.add(colour);
      colours.set(key, colour);
    };
    for (const key of keys) {
      const known = this.#known.get(key);
      if (known !== undefined) give(key, known);
    }
    for (const key of keys) {
      if (!colours.has(key)) give(key, hash(key) % COLOURS + 1);
    }
    for (const [key, colour] of colours) {
      if (!this.#known.has(key)) this.#known.set(key, colour);
    }
    return colours;
  }
}

/** FNV-1a of 32 bits over the code units of a text. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  }
  // The low bits alone would follow the last code unit.
  return (sum ^ sum >>> 15) >>> 0;
}
