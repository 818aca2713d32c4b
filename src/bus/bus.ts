/**
 * The bus: one ring of events, read by subscribers through cursors.
 *
 * - Publishing is O(1) for any number of subscribers. It never waits, and never
 *   fails because of a subscriber.
 * - An id is assigned in the same step that stores its event: a subscriber that
 *   has seen an id was notified of every gap before it.
 * - The ring is the only buffer: a slow subscriber delays nobody, and is notified
 *   of the exact number of events that it missed.
 */
import type { Clock } from "../base/mod.ts";
import {
  CLOCK,
  type OptionRule,
  readOptions,
  Ring,
  rule,
  type SchemaOf,
  withMethods,
} from "../base/internal.ts";
import type { BusEvent } from "./event.ts";
import {
  type BusInternals,
  RingSubscription,
  type Subscription,
  type SubscriptionStart,
} from "./subscription.ts";
import { topicName, Topics } from "./topics.ts";

/** Options of `createBus`. */
export interface BusOptions {
  /**
   * Maximum number of events that the bus keeps for subscribers that read later.
   * Default: 1000, also for values of 0 and less.
   */
  readonly capacity?: number | undefined;
  /** Identifies this epoch of the bus. Default: random. */
  readonly epoch?: string | undefined;
  /** Source of the time. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** Options of `Bus.subscribe`. */
export interface SubscribeOptions<K extends string = string> {
  /**
   * The event to resume after: an id (0 or less for all kept events), or a
   * position from `Bus.position`, which recognizes a restart. Default: the newest
   * event.
   */
  readonly after?: number | string | undefined;
  /**
   * Maximum number of live events that wait for the subscriber. Beyond it the
   * oldest are lost, as are events that the bus evicts. Default: 128, also for
   * values of 0 and less.
   */
  readonly buffer?: number | undefined;
  /** Topics to read. Default: all. */
  readonly topics?: readonly K[] | undefined;
  /** Cancels the subscription and drops its waiting events on abort. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts of a bus. */
export interface BusStats {
  /** Number of published events by topic, for the first 1000 topics. */
  readonly published: ReadonlyMap<string, number>;
  /** Number of published events of all other topics. */
  readonly unlisted: number;
  /** Number of events evicted by newer ones. */
  readonly evicted: number;
  /** Number of events that subscribers missed, summed over all of them. */
  readonly lost: number;
  /** Number of open subscriptions. */
  readonly subscribers: number;
  /** Number of events in the ring. */
  readonly size: number;
  /** Maximum number of events in the ring. */
  readonly capacity: number;
}

/** Publishes events of the topics of `M` to subscribers. */
export interface Bus<M extends object> extends Disposable {
  /** Identifies this epoch of the bus; ids are valid in one epoch only. */
  readonly epoch: string;
  /** The id of the newest event; 0 if there is none. */
  readonly newest: number;
  /**
   * Publishes an event and returns its id. `time` is in unix seconds. Default:
   * now. Subscribers are notified in a microtask, after the caller has returned.
   * A topic is cut to 256 characters. Cost: one object, for any number of
   * subscribers.
   */
  publish<K extends keyof M & string>(
    topic: K,
    data: M[K],
    time?: number,
  ): number;
  /**
   * Subscribes to the kept events after `after` and to new ones, as one
   * sequence.
   *
   * @throws {TypeError | RangeError} If an option is wrong.
   */
  subscribe<K extends keyof M & string = keyof M & string>(
    options?: SubscribeOptions<K>,
  ): Subscription<BusEvent<M, K>>;
  /** Returns an id with the epoch of the bus, as `epoch:id`. */
  position(id: number): string;
  /** Returns the current counts. */
  stats(): BusStats;
  /** Cancels all subscriptions, including later ones. Publishing still works. */
  close(): void;
}

const MAX_EVENTS = 2 ** 24;

const BUS_OPTIONS = {
  capacity: events(1000),
  epoch: rule<string>(
    (value) =>
      typeof value === "string" && /^[A-Za-z0-9_.-]{1,64}$/.test(value),
    '1 to 64 letters, digits, "_", "." or "-"',
  ),
  clock: CLOCK,
} satisfies SchemaOf<BusOptions>;

const POSITION = /^(.*):([0-9]+)$/s;

const SUBSCRIBE_OPTIONS = {
  after: rule<number | string>(
    (value) =>
      typeof value === "number"
        ? !Number.isNaN(value)
        : typeof value === "string" && POSITION.test(value),
    "the id of an event, such as 7, or the result of bus.position(7)",
  ),
  buffer: events(128),
  topics: rule<readonly string[]>(
    (value) =>
      Array.isArray(value) && value.every((topic) => typeof topic === "string"),
    'a list of topics, such as ["joined"]',
  ),
  signal: withMethods<AbortSignal>(
    ["addEventListener", "removeEventListener"],
    "an AbortSignal",
  ),
} satisfies SchemaOf<SubscribeOptions>;

/** Rule of a number of events; 0 and less select the default. */
function events(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) => Number.isInteger(value) && value as number <= MAX_EVENTS,
    `a whole number up to ${MAX_EVENTS}, such as ${fallback}`,
    fallback,
  );
}

/**
 * Creates a bus.
 *
 * ```ts
 * import { createBus } from "@barograph/barograph/bus";
 *
 * const bus = createBus<{ joined: { room: string }; left: { room: string } }>();
 * using subscription = bus.subscribe({ topics: ["joined"] });
 * bus.publish("joined", { room: "lobby" });
 * const event = subscription.read();
 * if (event?.gap === undefined) console.log(event?.data.room);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function createBus<M extends object = Record<string, unknown>>(
  options: BusOptions = {},
): Bus<M> {
  const { capacity, epoch, clock } = readOptions(
    "Cannot make a bus",
    BUS_OPTIONS,
    options,
  );
  const ring = new Ring<BusEvent<M>>(
    capacity > 0 ? capacity : BUS_OPTIONS.capacity.fallback,
  );
  return new RingBus<M>(ring, epoch, clock);
}

class RingBus<M extends object> implements Bus<M>, BusInternals<M> {
  readonly ring: Ring<BusEvent<M>>;
  /** Drawn when it is first read: some runtimes draw only during a request. */
  #epoch: string | undefined;
  readonly #clock: Clock;
  readonly #topics = new Topics();
  readonly #subscribers = new Set<RingSubscription<M>>();
  /** Events that closed subscriptions have missed. */
  #lost = 0;
  #closed = false;
  #waiting = new Set<RingSubscription<M>>();
  #waking = false;

  constructor(
    ring: Ring<BusEvent<M>>,
    epoch: string | undefined,
    clock: Clock,
  ) {
    this.ring = ring;
    this.#epoch = epoch;
    this.#clock = clock;
  }

  get epoch(): string {
    return this.#epoch ??= randomEpoch();
  }

  get newest(): number {
    return this.ring.newest;
  }

  publish<K extends keyof M & string>(
    topic: K,
    data: M[K],
    time: number = this.#clock.unix(),
  ): number {
    const { ring } = this;
    const name = topicName(topic);
    if (ring.newest >= ring.capacity) {
      this.#topics.addEvicted(ring.get(ring.oldest)!.topic);
    }
    this.#topics.addPublished(name);
    const id = ring.newest + 1;
    ring.push({ id, topic: name as K, time, data } as BusEvent<M>);
    if (this.#waiting.size > 0 && !this.#waking) {
      this.#waking = true;
      queueMicrotask(this.#wake);
    }
    return id;
  }

  subscribe<K extends keyof M & string = keyof M & string>(
    options: SubscribeOptions<K> = {},
  ): Subscription<BusEvent<M, K>> {
    const { after, buffer, topics, signal } = readOptions(
      "Cannot subscribe",
      SUBSCRIBE_OPTIONS,
      options,
    );
    const names = topics && new Set(topics.map(topicName));
    const subscription = new RingSubscription<M>(this, {
      ...this.#startAfter(after),
      buffer: buffer > 0 ? buffer : SUBSCRIBE_OPTIONS.buffer.fallback,
      topics: names,
      counts: names && this.#topics.retain(names),
      signal,
    });
    this.#subscribers.add(subscription);
    if (signal?.aborted) subscription.stop();
    else if (this.#closed) subscription.cancel();
    return subscription as unknown as Subscription<BusEvent<M, K>>;
  }

  position(id: number): string {
    return `${this.epoch}:${id}`;
  }

  stats(): BusStats {
    const { ring } = this;
    let lost = this.#lost;
    for (const subscription of this.#subscribers) lost += subscription.lost;
    return {
      published: this.#topics.published(),
      unlisted: this.#topics.unlisted,
      evicted: ring.newest - ring.size,
      lost,
      subscribers: this.#subscribers.size,
      size: ring.size,
      capacity: ring.capacity,
    };
  }

  close(): void {
    this.#closed = true;
    for (const subscription of [...this.#subscribers]) subscription.cancel();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  wait(subscription: RingSubscription<M>): void {
    this.#waiting.add(subscription);
  }

  remove(subscription: RingSubscription<M>): void {
    this.#lost += subscription.lost;
    if (subscription.counts !== undefined) {
      this.#topics.release(subscription.counts);
    }
    this.#subscribers.delete(subscription);
    this.#waiting.delete(subscription);
  }

  addLost(count: number): void {
    this.#lost += count;
  }

  readonly #wake = (): void => {
    this.#waking = false;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const subscription of waiting) subscription.wake();
  };

  #startAfter(
    after: number | string | undefined,
  ): Pick<SubscriptionStart, "cursor" | "restarted"> {
    const { newest } = this.ring;
    if (after === undefined) return { cursor: newest, restarted: false };
    if (typeof after === "number") {
      const cursor = Math.min(Math.max(0, Math.trunc(after)), newest);
      return { cursor, restarted: false };
    }
    const [, epoch, id] = POSITION.exec(after)!;
    if (epoch === this.epoch) return this.#startAfter(Number(id));
    return { cursor: 0, restarted: true };
  }
}

function randomEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
