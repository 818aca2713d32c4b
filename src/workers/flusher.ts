/**
 * Decides which event flushes: at most one flush begins in each interval.
 *
 * - The first event after the interval flushes when it has ended.
 * - An event within the interval waits for its end and then flushes, so that the
 *   last events of an isolate are sent, too. One event waits at a time.
 * - The runtime may end the event that waits: once its time is over, another one
 *   takes its place.
 */
import type { Clock, Timers } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";

/** Options of a flusher, all of them required. All times are seconds. */
export interface FlusherOptions {
  /** Flushes; never rejects. */
  readonly flush: (env: unknown) => Promise<unknown>;
  /** Returns whether there is anything to flush, now or later. */
  readonly hasWork: () => boolean;
  /** The minimum time between the beginnings of two flushes. */
  readonly interval: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Seconds after which an event that waits is known to have been ended. */
const SLACK = 1;

/** Flushes by the events of one isolate. */
export class Flusher {
  readonly #options: FlusherOptions;
  /** The time, of the clock `mono`, from which the next flush may begin. */
  #next = -Infinity;
  /** The time until which an event waits to flush. */
  #awaitedUntil = -Infinity;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /**
   * Flushes after `work`, the result of an event, if it is time. `context` is the
   * third argument of the event's handler.
   */
  after(work: unknown, env: unknown, context: unknown): void {
    const { waitUntil } = (context ?? {}) as { waitUntil?: unknown };
    if (typeof waitUntil !== "function") return;
    const flushed = this.#after(work, env).catch(() => {}); // a broken clock
    callSafely(() => waitUntil.call(context, flushed), undefined);
  }

  async #after(work: unknown, env: unknown): Promise<void> {
    try {
      await work;
    } catch {
      // The runtime reports the error of the event itself.
    }
    const { clock, timers, interval, hasWork, flush } = this.#options;
    const now = clock.mono();
    if (now < this.#awaitedUntil || !hasWork()) return;
    if (now < this.#next) {
      const due = this.#next;
      this.#awaitedUntil = due + SLACK;
      await new Promise<void>((resolve) => timers.after(due - now, resolve));
      // Not compared with the time: a timer may be early by a fraction.
      if (this.#next !== due) return; // another event has flushed meanwhile
      this.#awaitedUntil = -Infinity;
      if (!hasWork()) return;
    }
    this.#next = clock.mono() + interval;
    await flush(env);
  }
}
