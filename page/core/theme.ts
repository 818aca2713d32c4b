/** Dark or light: as the system has it, until the reader chooses. */

/** A theme of the page. */
export type Theme = "light" | "dark";

const STORED = "barograph-theme";

function stored(): Theme | undefined {
  try {
    const text = localStorage.getItem(STORED);
    return text === "light" || text === "dark" ? text : undefined;
  } catch {
    return undefined; // storage is forbidden in some frames
  }
}

/** Sets the theme of the document, and follows the system. */
export class Themes {
  readonly #system = matchMedia("(prefers-color-scheme: dark)");
  readonly #onChange: () => void;
  #chosen = stored();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#system.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  get now(): Theme {
    return this.#chosen ?? (this.#system.matches ? "dark" : "light");
  }

  /** Chooses the other theme. */
  toggle(): void {
    this.#chosen = this.now === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(STORED, this.#chosen);
    } catch {
      // Chosen for this page alone.
    }
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset["theme"] = this.now;
    this.#onChange();
  }
}
