/**
 * The last line of a terminal, which shows the state of the demo.
 *
 * - It is never wider than the terminal, so that it does not wrap and scroll.
 * - It is written at most four times a second.
 * - Other output stands above it. Without a terminal it is not written.
 */

/** The part of a standard output that the line needs. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  /** Width in characters; undefined or 0 if it is unknown. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Seconds between two texts. */
const INTERVAL = 0.25;
const USUAL_WIDTH = 80;
/** Room for `^C`, and for the last column, in which some terminals wrap. */
const MARGIN = 3;
const CLEAR = "\r\x1b[K";

/** The status line of a terminal. */
export class StatusLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #text = "";
  #last = -Infinity;

  /** `now` returns seconds. */
  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** Shows `text`, unless another text was shown a moment ago. */
  show(text: string): void {
    const now = this.#now();
    if (!this.#terminal.isTTY || now - this.#last < INTERVAL) return;
    this.#last = now;
    this.#text = text;
    this.#draw();
  }

  /** Prints whole lines above the status line. */
  print(lines: string): void {
    if (this.#text !== "") this.#terminal.write(CLEAR);
    this.#terminal.write(`${lines}\n`);
    if (this.#text !== "") this.#draw();
  }

  /** Ends the line: what follows begins below it. */
  end(): void {
    if (this.#text !== "") this.#terminal.write("\n");
    this.#text = "";
  }

  #draw(): void {
    const width = (this.#terminal.columns || USUAL_WIDTH) - MARGIN;
    this.#terminal.write(CLEAR + this.#text.slice(0, Math.max(0, width)));
  }
}
