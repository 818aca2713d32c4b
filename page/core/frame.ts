/** The one animation frame of the page. */
import type { Changes } from "./app.ts";

type Marks = { -readonly [Name in keyof Changes]: boolean };

function noMarks(): Marks {
  return {
    address: false,
    hello: false,
    names: false,
    data: false,
    findings: false,
    traces: false,
    events: false,
    health: false,
    theme: false,
    size: false,
  };
}

/**
 * Collects what has changed, and draws it once a frame. Nothing is drawn while
 * the page is hidden; its marks are kept until it is seen.
 */
export class Frame {
  readonly #draw: (changes: Changes) => void;
  #marks = noMarks();
  #isAsked = false;

  constructor(draw: (changes: Changes) => void) {
    this.#draw = draw;
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  /** Marks parts as changed, and asks for a frame. */
  mark(...names: readonly (keyof Changes)[]): void {
    for (const name of names) this.#marks[name] = true;
    this.#isAsked = true;
    this.#ask();
  }

  /** Marks everything, as for a view that is shown again. */
  markAll(): void {
    this.mark(...Object.keys(this.#marks) as (keyof Changes)[]);
  }

  #isPending = false;

  #ask(): void {
    if (!this.#isAsked || this.#isPending || document.hidden) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      if (document.hidden) return;
      this.#isAsked = false;
      const marks = this.#marks;
      this.#marks = noMarks();
      this.#draw(marks);
    });
  }
}
