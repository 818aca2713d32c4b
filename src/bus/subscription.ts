/**
 * A subscription: a cursor in the ring of a bus.
 *
 * - It stores no events. Events that are not read in time are lost, and the next
 *   read returns a gap with their exact number.
 * - Backlog and live events are one sequence, read by the same code.
 * - It wakes up at most once for all events published in one turn of the event
 *   loop.
 */
import type { Ring } from "../base/internal.ts";
import type { BusEvent, Gap, GapReason } from "./event.ts";
import type { TopicCounts } from "./topics.ts";

/** A subscription to a bus: a sequence of events and gaps. */
export interface Subscription<T> extends AsyncIterable<T | Gap>, Disposable {
  /** Id up to which all events were read or reported in a gap. */
  readonly cursor: number;
  /** Number of missed events, including those not yet reported in a gap. */
  readonly lost: number;
  /** Whether the subscription is cancelled. */
  readonly cancelled: boolean;
  /** Returns the next event or gap without waiting; undefined if there is none. */
  read(): T | Gap | undefined;
  /** Waits for the next event or gap; resolves to false at the end. */
  ready(): Promise<boolean>;
  /**
   * Ends the subscription; further calls do nothing. Events published before the
   * call can still be read, then the sequence ends. Leaving a `for await` loop
   * and disposing have the same effect.
   */
  cancel(): void;
}

/** The part of a bus that its subscriptions use. */
export interface BusInternals<M extends object> {
  readonly ring: Ring<BusEvent<M>>;
  /** Wakes `subscription` once when an event is published. */
  wait(subscription: RingSubscription<M>): void;
  /** Removes a cancelled subscription. */
  remove(subscription: RingSubscription<M>): void;
  /** Counts events that a removed subscription has missed. */
  addLost(count: number): void;
}

/** The state that a subscription starts in. */
export interface SubscriptionStart {
  /** Events after this id are read. */
  readonly cursor: number;
  /** Whether the subscriber resumes from an earlier epoch of the bus. */
  readonly restarted: boolean;
  readonly buffer: number;
  readonly topics: ReadonlySet<string> | undefined;
  /** The live counts of `topics`. */
  readonly counts: readonly TopicCounts[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Result of `#next` if the next item is an event. */
const EVENT = Symbol("event");

/** A subscription to a bus with the topics `M`. */
export class RingSubscription<M extends object>
  implements Subscription<BusEvent<M>> {
  readonly #bus: BusInternals<M>;
  readonly #buffer: number;
  readonly #topics: ReadonlySet<string> | undefined;
  /** The live counts of the topics. */
  readonly counts: readonly TopicCounts[] | undefined;
  /**
   * Number of matching events published before the subscription. They are the
   * backlog, which `#buffer` does not limit.
   */
  readonly #backlog: number;
  #cursor: number;
  /** Number of matching events up to the cursor. */
  #seen: number;
  #lost = 0;
  /** Number of lost events that have been reported to the bus. */
  #reported = 0;
  /** Reason of the next gap. */
  #reason: GapReason;
  /** Set on cancellation: the last id to read, and the matching events up to it. */
  #end: { readonly id: number; readonly matching: number } | undefined;
  #waiting: Deferred | undefined;

  readonly #signal: AbortSignal | undefined;
  readonly #stop = (): void => this.stop();

  constructor(bus: BusInternals<M>, start: SubscriptionStart) {
    const { cursor, restarted, buffer, topics, counts, signal } = start;
    const { ring } = bus;
    this.#bus = bus;
    this.#signal = signal;
    this.#buffer = buffer;
    this.#topics = topics;
    this.counts = counts;
    this.#backlog = this.#matching();
    this.#cursor = cursor;
    // The topics of evicted events are unknown: all of them may have matched.
    const unknown = Math.max(0, ring.oldest - 1 - cursor);
    const reason = unknown > 0 ? "expired" : "lagged";
    this.#reason = restarted ? "restarted" : reason;
    this.#seen = topics === undefined
      ? cursor
      : Math.max(0, this.#evicted() - unknown) + this.#count(1, cursor);
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  get cursor(): number {
    return this.#cursor;
  }

  get lost(): number {
    return this.#lost + this.#matching() - this.#seen - this.#readable();
  }

  get cancelled(): boolean {
    return this.#end !== undefined;
  }

  read(): BusEvent<M> | Gap | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    this.#reason = "lagged"; // all later gaps
    if (next === EVENT) {
      this.#seen++;
      return this.#bus.ring.get(++this.#cursor);
    }
    this.#cursor = next.to;
    this.#seen += next.missed;
    this.#lost += next.missed;
    if (this.cancelled) this.#reportLost();
    return next;
  }

  ready(): Promise<boolean> {
    if (this.#hasNext()) return Promise.resolve(true);
    if (this.cancelled) return Promise.resolve(false);
    this.#waiting ??= deferred();
    this.#bus.wait(this);
    return this.#waiting.promise;
  }

  /** Called after a publication: resolves `ready()` if an event matches. */
  wake(): void {
    if (!this.cancelled && !this.#hasNext()) return this.#bus.wait(this);
    this.#waiting?.resolve(this.#hasNext());
    this.#waiting = undefined;
  }

  cancel(): void {
    if (this.cancelled) return;
    this.#end = { id: this.#bus.ring.newest, matching: this.#matching() };
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#reported = this.lost;
    this.#bus.remove(this);
    this.wake();
  }

  /** Cancels the subscription and drops its waiting events. */
  stop(): void {
    this.cancel();
    this.#lost = this.lost;
    this.#end = { id: this.#cursor, matching: this.#seen };
    this.#reason = "lagged";
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  // Not a generator: its `return()` would wait for the pending `next()`.
  [Symbol.asyncIterator](): AsyncIterator<BusEvent<M> | Gap, undefined> {
    let done = false;
    const end = (): IteratorReturnResult<undefined> => {
      done = true;
      this.cancel();
      return { value: undefined, done };
    };
    return {
      next: async () => {
        while (!done && await this.ready()) {
          const value = done ? undefined : this.read();
          if (value !== undefined) return { value, done: false };
        }
        return end();
      },
      return: () => Promise.resolve(end()),
    };
  }

  /** Reports events lost since the last report to the bus. */
  #reportLost(): void {
    const { lost } = this;
    this.#bus.addLost(lost - this.#reported);
    this.#reported = lost;
  }

  #hasNext(): boolean {
    return this.#next() !== undefined;
  }

  /** Moves the cursor up to the next item; returns a gap, or `EVENT`. */
  #next(): Gap | typeof EVENT | undefined {
    const missing = this.#missing();
    if (missing !== undefined) {
      if (missing.missed > 0 || missing.gap === "restarted") return missing;
      this.#cursor = missing.to;
    }
    const last = this.#last();
    while (this.#cursor < last && !this.#matches(this.#cursor + 1)) {
      this.#cursor++;
    }
    return this.#cursor < last ? EVENT : undefined;
  }

  /** Returns the gap between the cursor and the first readable event, if any. */
  #missing(): Gap | undefined {
    const last = this.#last();
    const from = this.#cursor + 1;
    let to = Math.min(this.#bus.ring.oldest - 1, last);
    const excess = this.#matching() - this.#seen - this.#buffer;
    if (excess > 0 && to < last && this.#isLive()) {
      to = Math.max(to, this.#idOf(excess));
    }
    if (to < from) {
      if (this.#reason !== "restarted") return undefined;
      return { gap: "restarted", from, to: from - 1, missed: 0 };
    }
    const upTo = to === last
      ? this.#matching()
      : this.#evicted() + this.#count(1, to);
    const missed = upTo - this.#seen;
    return { gap: this.#reason, from, to, missed };
  }

  /** Returns whether the backlog has been read or evicted. */
  #isLive(): boolean {
    return Math.max(this.#seen, this.#evicted()) >= this.#backlog;
  }

  /** Returns the id of the `nth` matching event after the cursor. */
  #idOf(nth: number): number {
    if (this.#topics === undefined) return this.#cursor + nth;
    const { ring } = this.#bus;
    let id = Math.max(this.#cursor, ring.oldest - 1);
    let rest = nth;
    if (this.#cursor < ring.oldest) {
      rest -= Math.max(0, this.#evicted() - this.#seen);
    }
    while (rest > 0) if (this.#matches(++id)) rest--;
    return id;
  }

  /** Returns the id of the last readable event. */
  #last(): number {
    return this.#end?.id ?? this.#bus.ring.newest;
  }

  /** Returns whether an event in the ring has one of the topics. */
  #matches(id: number): boolean {
    if (this.#topics === undefined) return true;
    return this.#topics.has(this.#bus.ring.get(id)!.topic);
  }

  /** Returns the number of matching events up to the last readable one. */
  #matching(): number {
    if (this.#end !== undefined) return this.#end.matching;
    if (this.counts === undefined) return this.#bus.ring.newest;
    let count = 0;
    for (const { published } of this.counts) count += published;
    return count;
  }

  /** Returns the number of matching events that the ring has evicted. */
  #evicted(): number {
    if (this.counts === undefined) return this.#bus.ring.oldest - 1;
    let count = 0;
    for (const { evicted } of this.counts) count += evicted;
    return count;
  }

  /** Returns the number of matching events in the ring within these ids. */
  #count(from: number, to: number): number {
    const first = Math.max(from, this.#bus.ring.oldest);
    if (this.#topics === undefined) return Math.max(0, to - first + 1);
    let count = 0;
    for (let id = first; id <= to; id++) if (this.#matches(id)) count++;
    return count;
  }

  /** Returns the number of events that can still be read. */
  #readable(): number {
    const past = Math.max(this.#seen, this.#evicted());
    const unread = Math.max(0, this.#matching() - past);
    const backlog = Math.min(unread, Math.max(0, this.#backlog - past));
    return backlog + Math.min(unread - backlog, this.#buffer);
  }
}

interface Deferred {
  readonly promise: Promise<boolean>;
  readonly resolve: (ready: boolean) => void;
}

function deferred(): Deferred {
  let resolve!: (ready: boolean) => void;
  const promise = new Promise<boolean>((done) => resolve = done);
  return { promise, resolve };
}
