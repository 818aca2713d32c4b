/**
 * The last line of a terminal, which shows the state of the demo.
 *
 * - It is never wider than the terminal, so that it does not wrap and scroll.
 * - It is written at most four times a second.
 * - Without a terminal, it is a line of its text every ten seconds.
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

/** Seconds between two lines without a terminal. */
const LINE_INTERVAL = 10;
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

  /** Whether there is a terminal. */
  get isTerminal(): boolean {
    return this.#terminal.isTTY === true;
  }

  /** Shows `text`, unless another text was shown a moment ago. */
  show(text: string): void {
    const now = this.#now();
    const interval = this.isTerminal ? INTERVAL : LINE_INTERVAL;
    if (now - this.#last < interval) return;
    this.#last = now;
    if (!this.isTerminal) return void this.#terminal.write(`${text}\n`);
    this.#text = text;
    this.#draw();
  }

  /** Removes the line, until the next text. */
  clear(): void {
    if (this.#text !== "") this.#terminal.write(CLEAR);
    this.#text = "";
    this.#last = -Infinity;
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
