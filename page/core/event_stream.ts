/**
 * Reads the text of an event stream, cut anywhere.
 *
 * - Events are those of the standard: `event`, `data`, `id`, comments, and lines
 *   that end in LF, CR or CRLF.
 * - An event without data is none, but its id counts.
 */

/** One event. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** The newest id so far. */
  readonly id: string;
}

/** Characters of one event at most; a longer one is an error. */
const MAX = 16 * 1024 * 1024;

/** A reader that keeps what is not complete. */
export class EventStreamReader {
  readonly #onEvent: (event: StreamEvent) => void;
  #rest = "";
  #isAfterCarriageReturn = false;
  #isFirst = true;
  #event = "";
  #data: string[] = [];
  #size = 0;
  #id = "";

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** @throws {RangeError} If an event is too long. */
  push(text: string): void {
    if (text === "") return;
    let from = 0;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (text.charCodeAt(0) === 0xfeff) from = 1;
    }
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 && this.#isAfterCarriageReturn) {
        this.#isAfterCarriageReturn = false;
        from = at + 1;
        continue;
      }
      this.#isAfterCarriageReturn = code === 13;
      if (code !== 10 && code !== 13) continue;
      this.#line(this.#rest + text.slice(from, at));
      this.#rest = "";
      from = at + 1;
    }
    this.#rest += text.slice(from);
    if (this.#rest.length + this.#size > MAX) {
      throw new RangeError("Cannot read the feed: an event is too long");
    }
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const rest = colon < 0 ? "" : line.slice(colon + 1);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (name === "event") this.#event = value;
    else if (name === "data") {
      this.#data.push(value);
      this.#size += value.length;
    } else if (name === "id" && !value.includes("\0")) this.#id = value;
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event || "message";
    this.#data = [];
    this.#size = 0;
    this.#event = "";
    if (data.length > 0) {
      this.#onEvent({ event, data: data.join("\n"), id: this.#id });
    }
  }
}
