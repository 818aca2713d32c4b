/**
 * Delivery of items in batches to a remote collector, with retries.
 *
 * - Adding an item is O(1), never waits and never fails; an unreachable
 *   collector delays nothing.
 * - Items wait in a ring. A cursor moves past a batch once it is accepted or
 *   refused for good. Items that the ring evicts meanwhile are counted as lost.
 * - One request at a time. Timers hold the process only while a caller waits
 *   for `flush` or `shutdown`.
 *
 * Items may be of any type: `send` encodes and posts them.
 */
import type { Timers } from "../base/mod.ts";
import { callSafely, ignoreRejection, Ring } from "../base/internal.ts";
import { asError } from "./fault.ts";

/** The result of sending a batch. */
export type SendOutcome =
  /** Accepted, except for `rejected` of the items. */
  | {
    readonly state: "accepted";
    readonly rejected: number;
    /** Why items were rejected. */
    readonly error?: Error | undefined;
  }
  /** Failed temporarily: retried, after at least `after` seconds if it is set. */
  | {
    readonly state: "retry";
    readonly after: number | undefined;
    readonly error: Error;
  }
  /**
   * Too large, by the own limit or by that of the collector: sent again in halves.
   * A single item counts as refused for good.
   */
  | { readonly state: "tooLarge"; readonly error: Error }
  /** Refused for good. */
  | { readonly state: "refused"; readonly error: Error };

/** Options of a delivery. All times are seconds. */
export interface DeliveryOptions<T> {
  /**
   * Sends a batch; must stop when `signal` aborts. If it throws, the batch cannot
   * be encoded as a whole and counts as too large.
   */
  readonly send: (
    items: readonly T[],
    signal: AbortSignal,
  ) => Promise<SendOutcome>;
  /** Maximum number of waiting items; beyond it the oldest are lost. */
  readonly capacity: number;
  /** Maximum number of items in a batch. A full batch is sent at once. */
  readonly batch: number;
  /** Maximum time for which an item waits until its batch is full. */
  readonly interval: number;
  /** Maximum duration of a request. */
  readonly timeout: number;
  readonly timers: Timers;
  /** Returns a random number from 0 up to 1, for the jitter of retries. */
  readonly random: () => number;
  /** Called for each request that failed. Its exceptions and rejections are ignored. */
  readonly onError: ((error: Error) => void) | undefined;
}

/** Counts of an exporter. Each item is in exactly one of the first four. */
export interface ExporterStats {
  /** Items waiting, including those of a request in progress. */
  readonly queued: number;
  /** Items that the collector accepted. */
  readonly exported: number;
  /** Items evicted by newer ones, or added after the shutdown. */
  readonly lost: number;
  /** Items that the collector refused for good. */
  readonly rejected: number;
  /** Requests that failed and were, or will be, repeated. */
  readonly retries: number;
}

const FIRST_BACKOFF = 1;
const MAX_BACKOFF = 30;

/**
 * Single items that are too large, without an accepted batch in between, until
 * batches are no longer halved: a collector that calls everything too large gets
 * few requests, not two for each item.
 */
const MAX_LONE_REFUSALS = 8;

/** A caller that waits until the cursor reaches an id. */
interface Waiter {
  readonly target: number;
  /** Number of lost items when the caller began to wait. */
  readonly lost: number;
  readonly finish: (isComplete: boolean) => void;
}

/** A queue of items and the loop that sends them. */
export class Delivery<T> {
  readonly #options: DeliveryOptions<T>;
  readonly #ring: Ring<T>;
  readonly #batch: number;
  #isStopped = false;
  /** Aborts the current request, if there is one. */
  #request: AbortController | undefined;
  /** Id of the newest item that is accepted, refused or lost. */
  #cursor = 0;
  /** Number of items after the cursor that the current request carries. */
  #sending = 0;
  /** Size of the next batch: below `#batch` after a body was too large. */
  #size: number;
  #exported = 0;
  #lost = 0;
  #rejected = 0;
  #retries = 0;
  /** Failed requests in a row. */
  #failures = 0;
  /** Single items refused as too large since the last accepted batch. */
  #loneRefusals = 0;
  #working = false;
  /** Whether a timer of zero seconds is set, because a batch is full. */
  #hurried = false;
  /** Cancels the current timer, if there is one. */
  #cancelTimer: (() => void) | undefined;
  #waiters: readonly Waiter[] = [];
  #shutdown: Promise<boolean> | undefined;

  constructor(options: DeliveryOptions<T>) {
    const { capacity, batch } = options;
    this.#options = options;
    this.#ring = new Ring(capacity);
    // At most half of the ring: with larger batches it would overflow first.
    this.#batch = Math.min(batch, Math.ceil(capacity / 2));
    this.#size = this.#batch;
  }

  /** Adds an item. After the shutdown it is counted as lost. */
  add(item: T): void {
    if (this.#isStopped) {
      this.#lost++;
      return;
    }
    this.#ring.push(item);
    if (this.#working) return;
    if (this.#cancelTimer === undefined) this.#later(this.#options.interval);
    if (this.#hurried || this.#queued() < this.#batch) return;
    if (this.#failures > 0) return; // full batches do not shorten the backoff
    this.#hurried = true;
    this.#cancelTimer?.();
    this.#later(0); // the caller of `add` does not pay for encoding a batch
  }

  /**
   * Sends all waiting items at once, without regard to backoff. Resolves to
   * true when the collector has accepted or refused all of them; to false if
   * some were lost, or if `signal` aborts first.
   */
  flush(signal?: AbortSignal): Promise<boolean> {
    const target = this.#ring.newest;
    if (this.#cursor >= target) return Promise.resolve(true);
    if (signal?.aborted || this.#isStopped) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const abort = () => finish(false);
      const finish = (isComplete: boolean): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        signal?.removeEventListener("abort", abort);
        resolve(isComplete);
      };
      const lost = this.#lost + this.#evicted();
      const waiter: Waiter = { target, lost, finish };
      this.#waiters = [...this.#waiters, waiter];
      signal?.addEventListener("abort", abort, { once: true });
      this.#start();
    });
  }

  /**
   * Flushes for at most `seconds` and stops, once. Items left after that are
   * counted as lost. Never rejects.
   */
  shutdown(seconds: number): Promise<boolean> {
    return this.#shutdown ??= this.#end(seconds);
  }

  /** Returns the current counts. */
  stats(): ExporterStats {
    return {
      queued: this.#queued(),
      exported: this.#exported,
      lost: this.#lost + this.#evicted(),
      rejected: this.#rejected,
      retries: this.#retries,
    };
  }

  /** Flushes for at most `seconds`; see `flush`. */
  async finish(seconds: number): Promise<boolean> {
    const deadline = new AbortController();
    const cancel = this.#options.timers.after(
      seconds,
      () => deadline.abort(),
      { holds: true },
    );
    try {
      return await this.flush(deadline.signal);
    } finally {
      cancel();
    }
  }

  async #end(seconds: number): Promise<boolean> {
    const isComplete = await this.finish(seconds);
    this.#lost += this.#ring.newest - this.#cursor;
    this.#cursor = this.#ring.newest;
    this.#sending = 0;
    this.#cancelTimer?.();
    this.#isStopped = true;
    this.#request?.abort(new DOMException("the exporter is shut down"));
    for (const { finish } of this.#waiters) finish(false);
    return isComplete;
  }

  #queued(): number {
    return this.#ring.newest - this.#cursor - this.#evicted();
  }

  /**
   * Returns the number of items after the cursor that the ring has evicted,
   * without those of the current request: the collector may still accept them,
   * and the count of lost items never decreases.
   */
  #evicted(): number {
    return Math.max(0, this.#ring.oldest - 1 - this.#cursor - this.#sending);
  }

  /** Starts sending after `seconds`. */
  #later(seconds: number): void {
    const holds = this.#waiters.length > 0;
    const cancel = this.#options.timers.after(seconds, () => {
      this.#cancelTimer = undefined;
      this.#start();
    }, { holds });
    this.#cancelTimer = () => {
      this.#cancelTimer = undefined;
      cancel();
    };
  }

  #start(): void {
    if (this.#working) return;
    this.#cancelTimer?.();
    this.#hurried = false;
    this.#working = true;
    ignoreRejection(this.#work()); // rejects only with errors of `timers`
  }

  /** Sends until less than a batch is left, or until a request fails. */
  async #work(): Promise<void> {
    try {
      do {
        const items = this.#read();
        if (items.length === 0) return;
        this.#sending = items.length;
        const outcome = await this.#send(items);
        if (this.#isStopped) return;
        this.#sending = 0;
        if (outcome.state === "retry") return this.#retryLater(outcome);
        if (this.#isHalved(items, outcome)) {
          this.#size = Math.ceil(items.length / 2);
        } else this.#finishBatch(items, outcome);
      } while (this.#queued() >= this.#size || this.#waiters.length > 0);
      if (this.#queued() > 0) this.#later(this.#options.interval);
    } finally {
      this.#working = false;
    }
  }

  /** Returns the items after the cursor; evicted ones are counted as lost. */
  #read(): T[] {
    const evicted = this.#evicted();
    this.#lost += evicted;
    this.#moveTo(this.#cursor + evicted);
    const length = Math.min(this.#size, this.#queued());
    return Array.from(
      { length },
      (_, i) => this.#ring.get(this.#cursor + i + 1) as T,
    );
  }

  async #send(items: readonly T[]): Promise<SendOutcome> {
    const { timers, timeout, send } = this.#options;
    const request = this.#request = new AbortController();
    const cancel = timers.after(timeout, () => {
      request.abort(
        new DOMException("the collector is too slow", "TimeoutError"),
      );
    });
    try {
      return await send(items, request.signal);
    } catch (thrown) {
      return { state: "tooLarge", error: asError(thrown) };
    } finally {
      cancel();
    }
  }

  #isHalved({ length }: readonly T[], { state }: SendOutcome): boolean {
    return state === "tooLarge" && length > 1 &&
      this.#loneRefusals < MAX_LONE_REFUSALS;
  }

  /** Counts the outcome of a batch and moves the cursor past it. */
  #finishBatch(
    items: readonly T[],
    outcome: Exclude<SendOutcome, { state: "retry" }>,
  ): void {
    const { length } = items;
    const rejected = outcome.state === "accepted"
      ? Math.min(outcome.rejected, length)
      : length;
    this.#failures = 0;
    if (outcome.state === "accepted") this.#loneRefusals = 0;
    else if (outcome.state === "tooLarge" && length === 1) this.#loneRefusals++;
    this.#size = Math.min(this.#batch, this.#size * 2);
    this.#rejected += rejected;
    this.#exported += length - rejected;
    this.#moveTo(this.#cursor + length);
    if (outcome.error !== undefined) this.#report(outcome.error);
  }

  #moveTo(cursor: number): void {
    this.#cursor = cursor;
    for (const { target, lost, finish } of this.#waiters) {
      if (cursor >= target) finish(this.#lost === lost);
    }
  }

  #retryLater(
    { after, error }: Extract<SendOutcome, { state: "retry" }>,
  ): void {
    this.#retries++;
    this.#report(error);
    const max = Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** this.#failures++);
    // Full jitter: exporters do not all retry a restarted collector at once.
    this.#later(Math.max(after ?? 0, max * this.#jitter()));
  }

  /** Returns a number from 0 to 1; 1 if the function of the user returns another. */
  #jitter(): number {
    const { random } = this.#options;
    const drawn: unknown = callSafely(random, undefined);
    return typeof drawn === "number" && drawn >= 0 && drawn < 1 ? drawn : 1;
  }

  #report(error: Error): void {
    const { onError } = this.#options;
    if (onError !== undefined) callSafely(onError, error);
  }
}
