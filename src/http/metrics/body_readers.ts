/**
 * The large bodies that clients are reading, up to a limit.
 *
 * Each holds a part of an exposition for as long as its client takes, so their
 * number is limited. A client that does not read must not keep others out: the
 * one that has paused for longest makes room for the next.
 */

/** A body that a client is reading. */
export interface BodyReader {
  /** Ends the body with an error, and then calls `BodyReaders.remove`. */
  cut(): void;
}

/** The bodies of one endpoint that are being read. */
export class BodyReaders {
  readonly #max: number;
  #count = 0;
  /** Those that wait for their client; the one that has waited longest first. */
  readonly #paused = new Set<BodyReader>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The number of bodies that are being read. */
  get count(): number {
    return this.#count;
  }

  /** Makes room for one more body. Returns false if all others make progress. */
  makeRoom(): boolean {
    if (this.#count < this.#max) return true;
    const [oldest] = this.#paused;
    oldest?.cut();
    return oldest !== undefined;
  }

  /** Adds a body that its client has not begun to read. */
  add(reader: BodyReader): void {
    this.#count++;
    this.#paused.add(reader);
  }

  /** Notes that the client has requested more. */
  resume(reader: BodyReader): void {
    this.#paused.delete(reader);
  }

  /** Notes that the client has got the bytes that it requested. */
  pause(reader: BodyReader): void {
    this.#paused.add(reader);
  }

  remove(reader: BodyReader): void {
    this.#count--;
    this.#paused.delete(reader);
  }
}
