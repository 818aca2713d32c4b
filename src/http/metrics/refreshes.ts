/**
 * Refreshes in progress, shared by all scrapes that wait for them.
 *
 * - A part runs one refresh at a time, however many scrapes wait for it.
 * - Each scrape waits until its own deadline. A refresh is aborted when no
 *   scrape waits for it.
 */
import { untilAborted } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import { canRefresh } from "../../model/internal.ts";

/** A refresh in progress. */
interface Running {
  readonly work: Promise<void>;
  readonly stop: AbortController;
  /** The number of scrapes that wait for the refresh. */
  waiting: number;
}

/** Refreshes parts of a source and shares the results. */
export class Refreshes {
  readonly #running = new Map<Source, Running>();

  /**
   * Refreshes the `parts` that can refresh, and waits for them until `signal`
   * aborts. Returns the parts that failed or were late, with the reason. Never
   * rejects.
   */
  async wait(
    parts: readonly Source[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Source, unknown>> {
    const failed = new Map<Source, unknown>();
    const waiting = parts.map(async (part) => {
      if (!canRefresh(part)) return;
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
      // Unfinished, since it is still in the map. Remove it, so that the next
      // scrape starts a new refresh.
      if (running.waiting === 0 && this.#running.get(part) === running) {
        this.#running.delete(part);
        running.stop.abort(signal.reason);
      }
    }
  }

  #start(part: Source): Running {
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = promise.finally(() => {
      if (this.#running.get(part) === running) this.#running.delete(part);
    });
    const running = { work, stop, waiting: 0 };
    // First, because refresh() may cause another scrape, which must share it.
    this.#running.set(part, running);
    // Async, because refresh() may throw synchronously.
    resolve((async () => await part.refresh?.(stop.signal))());
    return running;
  }
}
