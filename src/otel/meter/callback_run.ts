/**
 * A callback that reports values, and its results until they are taken.
 *
 * - Before the first run it is unknown whether a callback waits. It runs in
 *   `refresh` then; a synchronous one runs in `collect` from the second pass on.
 * - The callback of a batch runs once for all of its instruments.
 * - A pass takes the results of a synchronous callback away: the next one runs it
 *   again. Passes at the same time, such as a scrape and a push, share those of an
 *   asynchronous one.
 * - A callback that throws, rejects or is late has no results. While a late one
 *   has not ended, no pass waits for it again.
 */
import {
  callSafely,
  ignoreRejection,
  untilAborted,
} from "../../base/internal.ts";
import type { Clock } from "../../base/mod.ts";
import type { OtelAttributes } from "./api.ts";

/** A value that a callback has reported; the attributes are a copy. */
export interface Reported {
  readonly value: number;
  readonly attributes: OtelAttributes | undefined;
}

/** An instrument for which a callback reports. */
export interface Observed {
  /** Counts an error of a callback. */
  fail(): void;
}

/** Seconds after which results are out of date. */
const MAX_AGE = 5;

/** Seconds within which the instruments of a batch are peeked at. */
const PEEK_AGE = 1;

/** Reports a value of an instrument, which may be none of the callback's. */
type Observe = (
  instrument: unknown,
  value: number,
  attributes: OtelAttributes | undefined,
) => void;

/** See the head of this file. */
export class CallbackRun<I extends Observed> {
  /** The callback as it was given. */
  readonly callback: unknown;
  readonly instruments: ReadonlySet<I>;
  /** Whether it was added for a batch, and not to one instrument. */
  readonly isBatch: boolean;
  readonly #call: (observe: Observe) => unknown;
  readonly #clock: Clock;
  /** Undefined before the first run. */
  #isAsync: boolean | undefined;
  /** By instrument: what was reported, and can be taken. */
  readonly #results = new Map<I, Reported[]>();
  /** Instruments for which a failure was not counted yet. */
  readonly #failed = new Set<I>();
  /** The results of `peek`, and when it ran. */
  #peeked: ReadonlyMap<I, readonly Reported[]> = new Map();
  #peekedAt = -Infinity;
  #ranAt = -Infinity;
  /** The run that `refresh` has begun, until it ends. */
  #running: Promise<void> | undefined;
  /** The pass that has begun the run. */
  #signal: AbortSignal | undefined;

  constructor(
    callback: unknown,
    instruments: Iterable<I>,
    clock: Clock,
    call: (observe: Observe) => unknown,
    isBatch = false,
  ) {
    this.callback = callback;
    this.instruments = new Set(instruments);
    this.#clock = clock;
    this.isBatch = isBatch;
    this.#call = call;
  }

  /** Takes the results of one instrument; runs a synchronous callback if needed. */
  take(instrument: I): readonly Reported[] {
    if (this.#clock.mono() - this.#ranAt > MAX_AGE) this.#results.clear();
    const isSync = this.#isAsync !== true;
    if (isSync && !this.#results.has(instrument)) this.#runNow();
    const reported = this.#results.get(instrument) ?? [];
    if (this.#isAsync !== true) this.#results.delete(instrument);
    if (this.#failed.delete(instrument)) instrument.fail();
    return reported;
  }

  /**
   * Returns what `take` would return, and counts nothing. A synchronous callback
   * runs once for all instruments of a batch that are peeked at together.
   *
   * @throws The error of a synchronous callback.
   */
  peek(instrument: I): readonly Reported[] {
    if (this.#isAsync === true) return this.#results.get(instrument) ?? [];
    const now = this.#clock.mono();
    if (now - this.#peekedAt > PEEK_AGE) {
      const { results, observe, close } = this.#collector();
      this.#peekedAt = now;
      this.#peeked = new Map();
      try {
        this.#isAsync = ignoreRejection(this.#call(observe));
      } finally {
        close();
      }
      if (!this.#isAsync) this.#peeked = results;
    }
    return this.#peeked.get(instrument) ?? [];
  }

  /** Runs a callback that may wait, until `signal` aborts. Never rejects. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#isAsync === false) return;
    if (this.#running !== undefined && this.#signal?.aborted === true) {
      return this.#fail(); // it was late in an earlier pass, and still runs
    }
    if (this.#running === undefined) {
      this.#signal = signal;
      this.#running = this.#run(signal).finally(() => {
        this.#running = undefined;
      });
    }
    await untilAborted(this.#running, signal).catch(() => {});
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { results, observe, close } = this.#collector();
    try {
      const result = this.#call(observe);
      this.#isAsync = ignoreRejection(result);
      await result;
      if (!signal.aborted) this.#take(results);
    } catch {
      this.#fail();
    } finally {
      close();
    }
  }

  /** Runs in a pass, which does not wait. */
  #runNow(): void {
    const { results, observe, close } = this.#collector();
    try {
      const result = this.#call(observe);
      this.#isAsync = ignoreRejection(result);
      if (!this.#isAsync) this.#take(results);
    } catch {
      this.#fail();
    } finally {
      close();
    }
  }

  #take(results: ReadonlyMap<I, Reported[]>): void {
    this.#ranAt = this.#clock.mono();
    this.#results.clear();
    for (const [instrument, reported] of results) {
      this.#results.set(instrument, reported);
    }
  }

  #fail(): void {
    this.#ranAt = this.#clock.mono();
    for (const instrument of this.instruments) {
      this.#results.set(instrument, []); // the next pass runs it again
      this.#failed.add(instrument); // counted by the pass that misses its values
    }
  }

  /** Returns a function that reports into `results` until it is closed. */
  #collector() {
    const results = new Map<I, Reported[]>();
    for (const instrument of this.instruments) results.set(instrument, []);
    let isOpen = true;
    const observe: Observe = (instrument, value, attributes) => {
      const list = results.get(instrument as I);
      if (!isOpen || list === undefined) return;
      const isObject = typeof attributes === "object" && attributes !== null;
      list.push({
        value,
        // Copying calls getters, which may throw.
        attributes: isObject
          ? callSafely((of) => ({ ...of }), attributes)
          : undefined,
      });
    };
    const close = (): void => {
      isOpen = false;
    };
    return { results, observe, close };
  }
}
