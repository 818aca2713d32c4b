/**
 * The refreshes in progress, shared by all scrapes that wait for them.
 *
 * - A part refreshes once at a time, however many scrapes wait for it.
 * - Each scrape waits until its own deadline. When no scrape waits for a part
 *   any more, its refresh is aborted.
 */
import { untilAborted } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";

interface Running {
  readonly work: Promise<void>;
  readonly stop: AbortController;
  /** The number of scrapes that wait for it. */
  waiting: number;
}

/** Refreshes parts of a source and shares the results. */
export class Refreshes {
  readonly #running = new Map<Source, Running>();

  /**
   * Refreshes all of `parts` that can refresh, and waits for them until
   * `signal` aborts. Never rejects.
   *
   * @returns The parts that failed or were late, with the reason.
   */
  async wait(
    parts: readonly Source[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Source, unknown>> {
    const failed = new Map<Source, unknown>();
    const waiting = parts.map(async (part) => {
      if (part.refresh === undefined) return;
      try {
        await this.#refresh(part, signal);
      } catch (error) {
        failed.set(part, error);
      }
    });
    await Promise.all(waiting);
    return failed;
  }

  async #refresh(part: Source, signal: AbortSignal): Promise<void> {
    const running = this.#running.get(part) ?? this.#start(part);
    running.waiting++;
    try {
      await untilAborted(running.work, signal);
    } finally {
      running.waiting--;
      // Still in the map means unfinished. The next scrape starts a new one.
      if (running.waiting === 0 && this.#running.get(part) === running) {
        this.#running.delete(part);
        running.stop.abort(signal.reason);
      }
    }
  }

  #start(part: Source): Running {
    const stop = new AbortController();
    // Async, because refresh() may throw synchronously.
    const refresh = (async () => await part.refresh?.(stop.signal))();
    const work = refresh.finally(() => {
      if (this.#running.get(part) === running) this.#running.delete(part);
    });
    const running = { work, stop, waiting: 0 };
    this.#running.set(part, running);
    return running;
  }
}
