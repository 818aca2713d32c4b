/**
 * Delivery of items in batches to a remote collector, with retries.
 *
 * - Adding an item is O(1), never waits and never fails; an unreachable
 *   collector delays nothing.
 * - Items wait in a ring. A cursor moves past a batch once it is accepted or
 *   refused for good. Items that the ring evicts meanwhile are counted as lost.
 * - One request at a time. The process is held only while a caller waits for
 *   `flush` or `shutdown`.
 *
 * Items may be of any type: `send` encodes and posts them.
 */
import type { Timers } from "../base/mod.ts";
import { callSafely, ignoreRejection, Ring } from "../base/internal.ts";
import { asError } from "./fault.ts";
import { holdProcess } from "./lifetime.ts";
import type { ItemEnd, SendOutcome } from "./send_outcome.ts";
import { withTimeout } from "./with_timeout.ts";

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
  /** Maximum duration of `send`; undefined if `send` limits itself. */
  readonly timeout: number | undefined;
  readonly timers: Timers;
  /** Returns a random number from 0 up to 1, for the jitter of retries. */
  readonly random: () => number;
  /** Called for each request that failed. Its exceptions and rejections are ignored. */
  readonly onError: ((error: Error) => void) | undefined;
  /** Called once for each item, when it no longer waits. Must not throw. */
  readonly onEnd?: ((item: T, end: ItemEnd) => void) | undefined;
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
  /** The items after the cursor that the current request carries. */
  #sending: readonly T[] = [];
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
      this.#options.onEnd?.(item, "lost");
      return;
    }
    this.#evict();
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
    if (signal?.aborted || this.#isStopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      const release = holdProcess(this.#options.timers);
      const abort = () => finish(false);
      const finish = (isComplete: boolean): void => {
        release();
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
    return this.#shutdown ??= this.#flushAndStop(seconds);
  }

  /** Whether a request is in progress. */
  get isSending(): boolean {
    return this.#working;
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

  async #flushAndStop(seconds: number): Promise<boolean> {
    const isComplete = await this.finish(seconds);
    this.stop();
    return isComplete;
  }

  /** Stops at once. Waiting items are lost. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { newest, oldest } = this.#ring;
    const sending = this.#sending;
    this.#sending = [];
    const first = Math.max(oldest, this.#cursor + sending.length + 1);
    this.#lost += newest - this.#cursor;
    this.#cursor = newest;
    this.#cancelTimer?.();
    this.#request?.abort(new DOMException("the exporter is shut down"));
    this.#end(sending, "lost");
    for (let id = first; id <= newest; id++) {
      this.#options.onEnd?.(this.#ring.get(id) as T, "lost");
    }
    for (const { finish } of this.#waiters) finish(false);
  }

  /** Reports the end of `items`. */
  #end(items: readonly T[], end: ItemEnd): void {
    const { onEnd } = this.#options;
    if (onEnd === undefined) return;
    for (const item of items) onEnd(item, end);
  }

  /** Reports the item that the next one replaces, unless it is being sent. */
  #evict(): void {
    const { capacity, oldest, size } = this.#ring;
    const isLost = size === capacity &&
      oldest > this.#cursor + this.#sending.length;
    if (isLost) this.#end([this.#ring.get(oldest) as T], "lost");
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
    return Math.max(
      0,
      this.#ring.oldest - 1 - this.#cursor - this.#sending.length,
    );
  }

  /** Starts sending after `seconds`. */
  #later(seconds: number): void {
    const cancel = this.#options.timers.after(seconds, () => {
      this.#cancelTimer = undefined;
      this.#start();
    });
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
        this.#sending = items;
        const outcome = await this.#send(items);
        if (this.#isStopped) return;
        this.#sending = [];
        if (outcome.state === "retry") {
          return this.#retryLater(items, outcome);
        }
        if (this.#isHalved(items, outcome)) {
          this.#end(this.#evictedOf(items), "lost");
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
    const sending = (signal: AbortSignal) => send(items, signal);
    try {
      return timeout === undefined
        ? await sending(request.signal)
        : await withTimeout(timers, timeout, request.signal, sending);
    } catch (thrown) {
      return { state: "tooLarge", error: asError(thrown) };
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
    if (outcome.state === "expired") return this.#lose(items, outcome.error);
    const rejected = outcome.state === "accepted"
      ? Math.min(outcome.rejected, length)
      : length;
    this.#failures = 0;
    if (outcome.state === "accepted") this.#loneRefusals = 0;
    else if (outcome.state === "tooLarge" && length === 1) this.#loneRefusals++;
    this.#size = Math.min(this.#batch, this.#size * 2);
    this.#rejected += rejected;
    this.#exported += length - rejected;
    const end = outcome.state === "accepted" ? "exported" : "rejected";
    this.#moveTo(this.#cursor + length);
    this.#end(items, end);
    if (outcome.error !== undefined) this.#report(outcome.error);
  }

  /** Counts a batch as lost and moves the cursor past it. */
  #lose(items: readonly T[], error: Error): void {
    this.#lost += items.length;
    this.#moveTo(this.#cursor + items.length);
    this.#end(items, "lost");
    this.#report(error);
  }

  /** Returns those of the items after the cursor that the ring has evicted. */
  #evictedOf(items: readonly T[]): readonly T[] {
    return items.slice(0, this.#evicted());
  }

  #moveTo(cursor: number): void {
    this.#cursor = cursor;
    for (const { target, lost, finish } of this.#waiters) {
      if (cursor >= target) finish(this.#lost === lost);
    }
  }

  #retryLater(
    items: readonly T[],
    { after, error, isLast = false }: Extract<SendOutcome, { state: "retry" }>,
  ): void {
    if (isLast) this.#lose(items, error);
    else {
      this.#retries++;
      this.#end(this.#evictedOf(items), "lost");
      this.#report(error);
    }
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
