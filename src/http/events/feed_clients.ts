/**
 * The clients of a feed: their number, their heartbeat, and the end of those that
 * do not read.
 */
import type { Cancel, Timers } from "../../base/mod.ts";

/** A client of a feed, as its handler sees it. */
export interface FeedClient {
  /**
   * Called at every heartbeat. Returns whether the client is stuck: it has read
   * nothing since the last heartbeat although bytes were buffered for it.
   */
  beat(): boolean;
  /** Ends the feed after the events that the client can still read. */
  close(): void;
  /** Ends the feed of a client that does not read. */
  drop(): void;
}

/** Options of `FeedClients`. */
export interface FeedClientsOptions {
  readonly maxClients: number;
  /** Seconds between two heartbeats. */
  readonly heartbeat: number;
  /** Seconds after which a stuck client is dropped, in whole heartbeats. */
  readonly patience: number;
  readonly timers: Timers;
}

/** The clients of one feed. */
export class FeedClients {
  readonly #options: FeedClientsOptions;
  readonly #clients = new Set<FeedClient>();
  /** The number of consecutive heartbeats at which each client was stuck. */
  readonly #stuck = new WeakMap<FeedClient, number>();
  #stopHeartbeat: Cancel | undefined;
  #isClosed = false;

  constructor(options: FeedClientsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Makes room for one more client, if needed by dropping the one that has been
   * stuck for longest. Returns false if no client is stuck.
   */
  makeRoom(): boolean {
    if (this.#clients.size < this.#options.maxClients) return true;
    let longest = 0;
    let last: FeedClient | undefined;
    for (const client of this.#clients) {
      const stuck = this.#stuck.get(client) ?? 0;
      if (stuck <= longest) continue;
      longest = stuck;
      last = client;
    }
    last?.drop();
    return last !== undefined;
  }

  add(client: FeedClient): void {
    this.#clients.add(client);
    const { timers, heartbeat } = this.#options;
    this.#stopHeartbeat ??= timers.every(heartbeat, () => this.#beat());
  }

  remove(client: FeedClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#stopHeartbeat?.();
    this.#stopHeartbeat = undefined;
  }

  /** Ends all feeds; further ones must be refused. */
  close(): void {
    this.#isClosed = true;
    for (const client of [...this.#clients]) client.close();
  }

  #beat(): void {
    const { heartbeat, patience } = this.#options;
    for (const client of [...this.#clients]) {
      const stuck = client.beat() ? (this.#stuck.get(client) ?? 0) + 1 : 0;
      this.#stuck.set(client, stuck);
      // n heartbeats span n - 1 intervals.
      if ((stuck - 1) * heartbeat >= patience) client.drop();
    }
  }
}
