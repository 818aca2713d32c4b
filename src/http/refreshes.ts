/**
 * The refreshes that are under way, shared by all scrapes that wait for them.
 *
 * - A part is asked once at a time, however many scrapes want it.
 * - Each scrape waits until its own deadline; a part that nobody waits for any
 *   more is told to stop.
 */
import { untilAborted } from "../base/internal.ts";
import type { Source } from "../model/mod.ts";

interface Running {
  readonly work: Promise<void>;
  readonly stop: AbortController;
  waiting: number;
}

/** Asks parts to refresh, and shares the answers. */
export class Refreshes {
  readonly #running = new Map<Source, Running>();

  /**
   * Waits for all of `parts` that have something to refresh, until `signal`
   * aborts; never rejects.
   *
   * @returns What is not fresh, and why.
   */
  async wait(
    parts: readonly Source[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Source, unknown>> {
    const failed = new Map<Source, unknown>();
    const waiting = parts.map(async (part) => {
      if (part.refresh === undefined) return;
      try {
        await this.#one(part, signal);
      } catch (error) {
        failed.set(part, error);
      }
    });
    await Promise.all(waiting);
    return failed;
  }

  async #one(part: Source, signal: AbortSignal): Promise<void> {
    const running = this.#running.get(part) ?? this.#start(part);
    running.waiting++;
    try {
      await untilAborted(running.work, signal);
    } finally {
      running.waiting--;
      // Still there, it is not done; and whoever asks next asks anew.
      if (running.waiting === 0 && this.#running.get(part) === running) {
        this.#running.delete(part);
        running.stop.abort(signal.reason);
      }
    }
  }

  #start(part: Source): Running {
    const stop = new AbortController();
    // In a promise, for it may throw at once.
    const asked = (async () => await part.refresh?.(stop.signal))();
    const work = asked.finally(() => {
      if (this.#running.get(part) === running) this.#running.delete(part);
    });
    const running = { work, stop, waiting: 0 };
    this.#running.set(part, running);
    return running;
  }
}
