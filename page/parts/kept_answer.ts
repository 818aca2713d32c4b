/** Answers of the server that a view keeps while it is shown. */

/** The part of the app that asks the server. */
interface Asking {
  readonly api: { get<T>(path: string): Promise<T> };
}

/**
 * The newest answer to one request. It is asked for again when its path changes,
 * when the program has restarted, and when it has aged; a failure is asked for
 * again at the same age.
 */
export class KeptAnswer<T> {
  readonly #app: Asking;
  readonly #seconds: number;
  readonly #onCome: () => void;
  #path = "";
  #epoch = "";
  #askedAt = -Infinity;
  #value: T | null = null;

  /** `seconds` is the age after which it is asked for again. */
  constructor(app: Asking, seconds: number, onCome: () => void) {
    this.#app = app;
    this.#seconds = seconds;
    this.#onCome = onCome;
  }

  /** Returns the answer of a run of the program to a path; null until it has come. */
  read(path: string, epoch: string): T | null {
    const now = performance.now();
    const isOther = path !== this.#path || epoch !== this.#epoch;
    if (isOther) this.#value = null;
    if (isOther || now - this.#askedAt > this.#seconds * 1000) {
      this.#path = path;
      this.#epoch = epoch;
      this.#askedAt = now;
      void this.#ask(path, epoch);
    }
    return this.#value;
  }

  async #ask(path: string, epoch: string): Promise<void> {
    try {
      const value = await this.#app.api.get<T>(path);
      if (path !== this.#path || epoch !== this.#epoch) return;
      this.#value = value;
      this.#onCome();
    } catch {
      // The pen shows that the server does not answer.
    }
  }
}
