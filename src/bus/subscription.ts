/**
 * A subscriber: a cursor in the ring of a bus.
 *
 * - It holds no events. What it has not read in time is gone, and the next
 *   read says exactly what.
 * - Backlog and live events are one sequence, read by one piece of code.
 * - It is woken at most once for all that was published in one go.
 */
import type { Ring } from "../base/internal.ts";
import type { BusEvent, Gap, GapReason } from "./event.ts";

/** One subscriber of a bus: a sequence of events and gaps. */
export interface Subscription<T> extends AsyncIterable<T | Gap>, Disposable {
  /** The id up to which all was read, or was reported as missed. */
  readonly cursor: number;
  /** How many events it has missed, those not reported as yet among them. */
  readonly lost: number;
  /** Whether it has been cancelled; what it holds can still be read. */
  readonly cancelled: boolean;
  /** What comes next, at once; undefined if there is nothing as yet. */
  read(): T | Gap | undefined;
  /** Waits until there is something to read; false if nothing will come. */
  ready(): Promise<boolean>;
  /**
   * Ends it; doing so again does nothing. What was published before can still
   * be read, then the sequence ends. Leaving a `for await` loop and disposing
   * cancel too.
   */
  cancel(): void;
}

/** What a subscription sees of its bus. */
export interface Host<M extends object> {
  readonly ring: Ring<BusEvent<M>>;
  /** How many events of a topic there were, and how many of them are gone. */
  countsOf(topic: string): { readonly all: number; readonly gone: number };
  /** Wakes `subscription` when something is published. */
  wait(subscription: RingSubscription<M>): void;
  /** Forgets `subscription`, which is cancelled. */
  leave(subscription: RingSubscription<M>): void;
  /** Counts what is missed by one that has left. */
  missed(count: number): void;
}

/** How a subscription starts. */
export interface Start {
  /** All after this id is wanted. */
  readonly cursor: number;
  /** Whether it resumes after another life of the bus. */
  readonly restarted: boolean;
  readonly buffer: number;
  readonly topics: ReadonlySet<string> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What comes next is an event. */
const EVENT = Symbol("event");

/** The subscription of a bus of topics `M`. */
export class RingSubscription<M extends object>
  implements Subscription<BusEvent<M>> {
  readonly #host: Host<M>;
  readonly #buffer: number;
  readonly #topics: ReadonlySet<string> | undefined;
  /**
   * How many events that it wants there were when it joined: up to there it is
   * backlog, which no buffer bounds.
   */
  readonly #backlog: number;
  #cursor: number;
  /** How many events that it wants there are up to the cursor. */
  #seen: number;
  #lost = 0;
  /** How many of these its bus knew of when it left. */
  #told = 0;
  /** Why events are missing, if any are. */
  #reason: GapReason;
  /** Set when it is cancelled: nothing after that id is read. */
  #end: { readonly id: number; readonly wanted: number } | undefined;
  #waiting: Deferred | undefined;

  readonly #signal: AbortSignal | undefined;
  readonly #stop = (): void => this.stop();

  constructor(host: Host<M>, start: Start) {
    const { cursor, restarted, buffer, topics, signal } = start;
    const { ring } = host;
    this.#host = host;
    this.#signal = signal;
    this.#buffer = buffer;
    this.#topics = topics;
    this.#backlog = this.#wanted();
    this.#cursor = cursor;
    // Of what is gone nobody knows the topics: all of it may have been wanted.
    const unknown = Math.max(0, ring.oldest - 1 - cursor);
    const late = unknown > 0 ? "expired" : "lagged";
    this.#reason = restarted ? "restarted" : late;
    this.#seen = topics === undefined
      ? cursor
      : Math.max(0, this.#gone() - unknown) + this.#count(1, cursor);
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  get cursor(): number {
    return this.#cursor;
  }

  get lost(): number {
    return this.#lost + this.#wanted() - this.#seen - this.#readable();
  }

  get cancelled(): boolean {
    return this.#end !== undefined;
  }

  read(): BusEvent<M> | Gap | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    this.#reason = "lagged"; // from now on
    if (next === EVENT) {
      this.#seen++;
      return this.#host.ring.get(++this.#cursor);
    }
    this.#cursor = next.to;
    this.#seen += next.missed;
    this.#lost += next.missed;
    if (this.cancelled) this.#tell();
    return next;
  }

  ready(): Promise<boolean> {
    if (this.#hasNext()) return Promise.resolve(true);
    if (this.cancelled) return Promise.resolve(false);
    this.#waiting ??= deferred();
    this.#host.wait(this);
    return this.#waiting.promise;
  }

  /** Something was published: tells who waits, if it is wanted. */
  wake(): void {
    if (!this.cancelled && !this.#hasNext()) return this.#host.wait(this);
    this.#waiting?.resolve(this.#hasNext());
    this.#waiting = undefined;
  }

  cancel(): void {
    if (this.cancelled) return;
    this.#end = { id: this.#host.ring.newest, wanted: this.#wanted() };
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#told = this.lost;
    this.#host.leave(this);
    this.wake();
  }

  /** Cancels it, and lets nothing more be read. */
  stop(): void {
    this.cancel();
    this.#lost = this.lost;
    this.#end = { id: this.#cursor, wanted: this.#seen };
    this.#reason = "lagged";
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** No generator: `return()` of one waits for the event that it waits for. */
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

  /** Tells the bus of what was lost since it left. */
  #tell(): void {
    const { lost } = this;
    this.#host.missed(lost - this.#told);
    this.#told = lost;
  }

  #hasNext(): boolean {
    return this.#next() !== undefined;
  }

  /** Passes over what is not wanted, up to the next event or gap. */
  #next(): Gap | typeof EVENT | undefined {
    const missing = this.#missing();
    if (missing !== undefined) {
      if (missing.missed > 0 || missing.gap === "restarted") return missing;
      this.#cursor = missing.to;
    }
    const last = this.#last();
    while (this.#cursor < last && !this.#wants(this.#cursor + 1)) {
      this.#cursor++;
    }
    return this.#cursor < last ? EVENT : undefined;
  }

  /** What lies between the cursor and the first event that it may read. */
  #missing(): Gap | undefined {
    const last = this.#last();
    const from = this.#cursor + 1;
    let to = Math.min(this.#host.ring.oldest - 1, last);
    const excess = this.#wanted() - this.#seen - this.#buffer;
    if (excess > 0 && to < last && this.#isLive()) {
      to = Math.max(to, this.#past(excess));
    }
    if (to < from) {
      if (this.#reason !== "restarted") return undefined;
      return { gap: "restarted", from, to: from - 1, missed: 0 };
    }
    const upTo = to === last
      ? this.#wanted()
      : this.#gone() + this.#count(1, to);
    const missed = upTo - this.#seen;
    return { gap: this.#reason, from, to, missed };
  }

  /** Whether nothing of the backlog is left to be read. */
  #isLive(): boolean {
    return Math.max(this.#seen, this.#gone()) >= this.#backlog;
  }

  /** The id of the wanted event that comes as the `nth` after the cursor. */
  #past(nth: number): number {
    if (this.#topics === undefined) return this.#cursor + nth;
    const { ring } = this.#host;
    let id = Math.max(this.#cursor, ring.oldest - 1);
    let rest = nth;
    if (this.#cursor < ring.oldest) {
      rest -= Math.max(0, this.#gone() - this.#seen);
    }
    while (rest > 0) if (this.#wants(++id)) rest--;
    return id;
  }

  /** The id of the last event that it can ever read, as things stand. */
  #last(): number {
    return this.#end?.id ?? this.#host.ring.newest;
  }

  #wants(id: number): boolean {
    if (this.#topics === undefined) return true;
    return this.#topics.has(this.#host.ring.get(id)!.topic);
  }

  /** How many events that it wants there are up to the last one. */
  #wanted(): number {
    if (this.#end !== undefined) return this.#end.wanted;
    if (this.#topics === undefined) return this.#host.ring.newest;
    let count = 0;
    for (const topic of this.#topics) count += this.#host.countsOf(topic).all;
    return count;
  }

  /** How many events that it wants the ring has lost. */
  #gone(): number {
    if (this.#topics === undefined) return this.#host.ring.oldest - 1;
    let count = 0;
    for (const topic of this.#topics) count += this.#host.countsOf(topic).gone;
    return count;
  }

  /** How many events that it wants the ring has, of these ids. */
  #count(from: number, to: number): number {
    const first = Math.max(from, this.#host.ring.oldest);
    if (this.#topics === undefined) return Math.max(0, to - first + 1);
    let count = 0;
    for (let id = first; id <= to; id++) if (this.#wants(id)) count++;
    return count;
  }

  /** How many events it can still read. */
  #readable(): number {
    const past = Math.max(this.#seen, this.#gone());
    const all = Math.max(0, this.#wanted() - past);
    const backlog = Math.min(all, Math.max(0, this.#backlog - past));
    return backlog + Math.min(all - backlog, this.#buffer);
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
