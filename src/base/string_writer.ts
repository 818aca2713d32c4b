/**
 * A text writer that collects strings.
 *
 * Its work is done by the engine's native string functions, which are as fast in
 * the first call as in the millionth. A `ByteWriter` runs a loop over each byte:
 * until the compiler has optimised the loop, it takes four times as long.
 */
import { numberText } from "./number_text.ts";
import {
  type Fragment,
  fragment,
  textOf,
  type TextWriter,
} from "./text_writer.ts";

/** The ASCII characters by code. */
const ASCII: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 128 },
  (_, code) => String.fromCharCode(code),
);

const IN_HELP = /[\\\n]/;
const IN_LABELS = /[\\\n"]/;

/** Collects text piece by piece; a position is a number of pieces. */
export class StringWriter implements TextWriter {
  readonly #pieces: string[] = [];
  /** The range that was repeated last, joined. */
  #repeated = "";
  #from = -1;
  #to = -1;

  get length(): number {
    return this.#pieces.length;
  }

  byte(code: number): void {
    this.#pieces.push(ASCII[code]!);
  }

  bytes(first: number, second: number): void {
    this.#pieces.push(ASCII[first]! + ASCII[second]!);
  }

  ascii(text: string): void {
    this.#pieces.push(text);
  }

  utf8(text: string): void {
    this.#pieces.push(text.toWellFormed());
  }

  escaped(text: string, quotes: boolean): void {
    const whole = text.toWellFormed();
    const special = quotes ? IN_LABELS : IN_HELP;
    this.#pieces.push(special.test(whole) ? escape(whole, quotes) : whole);
  }

  number(value: number): void {
    this.#pieces.push(numberText(value));
  }

  copy(fragment: Fragment): void {
    this.#pieces.push(fragment.text ?? textOf(fragment));
  }

  repeat(from: number, to: number): void {
    if (from !== this.#from || to !== this.#to) {
      this.#repeated = this.textOf(from, to);
      this.#from = from;
      this.#to = to;
    }
    this.#pieces.push(this.#repeated);
  }

  piece(from: number): Fragment {
    return fragment(this.textOf(from, this.#pieces.length));
  }

  rollback(mark: number): void {
    this.#pieces.length = mark;
    this.#from = -1;
  }

  /** Returns the text as one flat string, and empties the writer. */
  take(): string {
    const text = this.#pieces.join("");
    this.rollback(0);
    return text;
  }

  /** Returns what was written from the position `from` up to `to`. */
  textOf(from: number, to: number): string {
    let text = "";
    for (let i = from; i < to; i++) text += this.#pieces[i]!;
    return text;
  }
}

function escape(text: string, quotes: boolean): string {
  const special = quotes ? /[\\\n"]/g : /[\\\n]/g;
  return text.replace(special, (c) => c === "\n" ? "\\n" : `\\${c}`);
}
