/**
 * Keeps one feed open: retries with backoff, resumes after the newest frame, and
 * opens another one when a view wants something else.
 *
 * - It is closed while paused, and `ASLEEP_AFTER` after the page was hidden: a
 *   browser opens at most six connections to a host, and one that is not read
 *   fills the buffers of the server.
 * - Nothing here knows the document; opener, timers and clock are given.
 */
import type { FeedEvents } from "../../src/dashboard/protocol.ts";
import { EventStreamReader } from "./event_stream.ts";

/** Seconds after which a hidden page closes its feed. */
export const ASLEEP_AFTER = 30;

/** Seconds without a byte after which a feed counts as broken. */
export const STALLED_AFTER = 20;

/** Seconds before the first retry, and at most. */
const FIRST_DELAY = 1;
const MAX_DELAY = 15;

/** The state of the feed. */
export type FeedState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "paused" }
  | { readonly kind: "asleep" }
  /** Waits until a time of `now()` for the next try. */
  | { readonly kind: "waiting"; readonly until: number }
  | { readonly kind: "refused" };

/** A message by its name. */
export type FeedMessage = {
  [Name in keyof FeedEvents]: {
    readonly name: Name;
    readonly data: FeedEvents[Name];
  };
}[keyof FeedEvents];

/** The world outside of the feed. */
export interface FeedWorld {
  /** Opens `feed?…`; rejects with `Refused` if the key is wrong. */
  open(path: string, signal: AbortSignal): Promise<Response>;
  isRefused(error: unknown): boolean;
  /** Calls `work` after some seconds; returns what cancels it. */
  after(seconds: number, work: () => void): () => void;
  /** Seconds of a clock that never goes back. */
  now(): number;
  /** From 0 to 1, to spread the retries of many pages. */
  random(): number;
  onMessage(message: FeedMessage): void;
  onState(state: FeedState): void;
}

/** The feed of the page. */
export class Feed {
  readonly #world: FeedWorld;
  #want = "";
  #last = "";
  #state: FeedState = { kind: "connecting" };
  #connection: AbortController | undefined;
  #cancelTimer: () => void = () => {};
  #cancelSleep: () => void = () => {};
  #delay = FIRST_DELAY;
  #isPaused = false;
  #isAsleep = false;
  /** Bytes that have come since the start, for the foot. */
  bytes = 0;

  constructor(world: FeedWorld) {
    this.#world = world;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Asks for other messages; nothing happens if they are the same. */
  want(want: string): void {
    if (want === this.#want && this.#connection !== undefined) return;
    this.#want = want;
    if (!this.#isPaused && !this.#isAsleep) this.open();
  }

  /** Opens the feed now, for instance with another key. */
  open(): void {
    this.#close();
    const connection = new AbortController();
    this.#connection = connection;
    if (this.#state.kind !== "live") this.#set({ kind: "connecting" });
    void this.#read(connection);
  }

  /** Starts again at the newest frame: the next feed does not resume. */
  forget(): void {
    this.#last = "";
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#close();
    this.#set({ kind: "paused" });
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isAsleep) this.open();
  }

  /** The page is hidden: the feed is closed after a while. */
  hide(): void {
    this.#cancelSleep();
    this.#cancelSleep = this.#world.after(ASLEEP_AFTER, () => this.sleep());
  }

  /** Closes the feed until `show()`. */
  sleep(): void {
    this.#cancelSleep();
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    this.#close();
    if (!this.#isPaused) this.#set({ kind: "asleep" });
  }

  /** The page is seen. */
  show(): void {
    this.#cancelSleep();
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    if (!this.#isPaused) this.open();
  }

  #set(state: FeedState): void {
    this.#state = state;
    this.#world.onState(state);
  }

  #close(): void {
    this.#cancelTimer();
    this.#connection?.abort();
    this.#connection = undefined;
  }

  async #read(connection: AbortController): Promise<void> {
    const { signal } = connection;
    const query = new URLSearchParams({ want: this.#want });
    if (this.#last !== "") query.set("after", this.#last);
    try {
      this.#watch(connection);
      const response = await this.#world.open(`feed?${query}`, signal);
      const reader = response.body!.getReader();
      const decoder = new TextDecoder();
      const events = new EventStreamReader(({ data, event, id }) => {
        if (signal.aborted) return;
        this.#delay = FIRST_DELAY;
        if (this.#state.kind !== "live") this.#set({ kind: "live" });
        if (id !== "") this.#last = id;
        this.#world.onMessage(
          { name: event, data: JSON.parse(data) } as FeedMessage,
        );
      });
      for (;;) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (done) break;
        this.bytes += value.length;
        this.#watch(connection);
        events.push(decoder.decode(value, { stream: true }));
      }
      this.#retry(connection);
    } catch (error) {
      if (this.#connection !== connection) return;
      if (this.#world.isRefused(error)) {
        this.#close();
        this.#set({ kind: "refused" });
      } else this.#retry(connection);
    }
  }

  /** Gives a connection up that stays silent. */
  #watch(connection: AbortController): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#world.after(
      STALLED_AFTER,
      () => this.#retry(connection),
    );
  }

  #retry(connection: AbortController): void {
    if (this.#connection !== connection) return;
    this.#close();
    const delay = this.#delay * (0.75 + this.#world.random() / 2);
    this.#delay = Math.min(this.#delay * 2, MAX_DELAY);
    this.#cancelTimer = this.#world.after(delay, () => this.open());
    this.#set({ kind: "waiting", until: this.#world.now() + delay });
  }
}
