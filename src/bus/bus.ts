/**
 * The bus: one ring of events, in which subscribers are cursors.
 *
 * - Publishing is O(1) whatever the number of subscribers, never waits, and
 *   never fails because of one.
 * - An id is taken in the same step in which its event is stored: who has seen
 *   an id has missed nothing before it unawares.
 * - The ring is all the memory: a slow subscriber holds nothing back, and is
 *   told exactly what it has missed.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds, Ring } from "../base/internal.ts";
import type { BusEvent } from "./event.ts";
import {
  type Host,
  RingSubscription,
  type Start,
  type Subscription,
} from "./subscription.ts";

/** How a bus is made. */
export interface BusOptions {
  /** How many events are kept for who comes late; 1000 unless given, or 0. */
  readonly capacity?: number;
  /** Names this life of the bus; drawn by lot unless given. */
  readonly epoch?: string;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** What a subscriber asks for. */
export interface SubscribeOptions<K extends string = string> {
  /**
   * What was seen last: an id (0 or less: everything that is kept), or a
   * position as `Bus.position` tells it, which holds over restarts. Unless
   * given, only what is published from now on is read.
   */
  readonly after?: number | string;
  /**
   * How many live events may wait for the subscriber before it loses the
   * oldest of them; 128 unless given, or 0; never more than the bus keeps.
   */
  readonly buffer?: number;
  /** Which topics are wanted; all unless given. */
  readonly topics?: readonly K[];
  /** Ends the subscription at once when it aborts. */
  readonly signal?: AbortSignal;
}

/** What a bus tells of itself. */
export interface BusStats {
  /** How many events of each topic were published. */
  readonly published: ReadonlyMap<string, number>;
  /** How many events made room for others. */
  readonly evicted: number;
  /** How many events all subscribers together have missed. */
  readonly lost: number;
  /** How many subscriptions are open. */
  readonly subscribers: number;
  /** How many events are kept at the moment. */
  readonly size: number;
  /** How many events are kept at most. */
  readonly capacity: number;
}

/** Where events of the topics of `M` are published and read. */
export interface Bus<M extends object> extends Disposable {
  /** Names this life of the bus: ids of another one mean nothing here. */
  readonly epoch: string;
  /** The id of the newest event; 0 while there is none. */
  readonly newest: number;
  /**
   * Publishes an event, at this moment unless `time` (unix seconds) is given,
   * and returns its id. Subscribers see it no sooner than the caller is done.
   * Cost: one object, whatever the number of subscribers.
   */
  publish<K extends keyof M & string>(
    topic: K,
    data: M[K],
    time?: number,
  ): number;
  /**
   * Subscribes: what is kept after `after`, then what comes, as one sequence.
   *
   * @throws {TypeError | RangeError} If an option is wrong.
   */
  subscribe<K extends keyof M & string = keyof M & string>(
    options?: SubscribeOptions<K>,
  ): Subscription<BusEvent<M, K>>;
  /** An id as a text that tells this life of the bus from others. */
  position(id: number): string;
  /** What it has to tell of itself, at this moment. */
  stats(): BusStats;
  /** Cancels all subscriptions, present and future; publishing goes on. */
  close(): void;
}

const CAPACITY = 1000;
const BUFFER = 128;
const MOST = 2 ** 24;

const OPTIONS: Kinds<BusOptions> = {
  capacity: [["number"], `a whole number, such as ${CAPACITY}`],
  epoch: [["string"], '1 to 64 letters, digits, "_", "." or "-"'],
  clock: [["object"], "an object with unix() and mono()"],
};

const WISHES: Kinds<SubscribeOptions> = {
  after: [
    ["number", "string"],
    "the id of an event, such as 7, or what bus.position(7) returned",
  ],
  buffer: [["number"], `a whole number, such as ${BUFFER}`],
  topics: [["object"], 'a list of topics, such as ["joined"]'],
  signal: [["object"], "an AbortSignal"],
};

/**
 * Makes a bus.
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
  checkOptions("Cannot make a bus", options, OPTIONS);
  return new RingBus<M>(options);
}

interface Counts {
  all: number;
  gone: number;
}

const NONE: Readonly<Counts> = { all: 0, gone: 0 };

class RingBus<M extends object> implements Bus<M>, Host<M> {
  readonly epoch: string;
  readonly ring: Ring<BusEvent<M>>;
  readonly #clock: Clock;
  readonly #topics = new Map<string, Counts>();
  readonly #subscribers = new Set<RingSubscription<M>>();
  /** What those have lost that are gone. */
  #lost = 0;
  #closed = false;
  #waiting = new Set<RingSubscription<M>>();
  #waking = false;

  constructor(options: BusOptions) {
    const { epoch = randomEpoch(), capacity = CAPACITY } = options;
    checkEpoch(epoch);
    this.epoch = epoch;
    this.ring = new Ring(wholeOr(CAPACITY, "capacity", capacity));
    this.#clock = options.clock ?? systemClock;
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
    let counts = this.#topics.get(topic);
    if (counts === undefined) {
      this.#topics.set(topic, counts = { all: 0, gone: 0 });
    }
    if (ring.newest >= ring.capacity) {
      this.#topics.get(ring.get(ring.oldest)!.topic)!.gone++;
    }
    counts.all++;
    const id = ring.newest + 1;
    ring.push({ id, topic, time, data } as BusEvent<M>);
    if (this.#waiting.size > 0 && !this.#waking) {
      this.#waking = true;
      queueMicrotask(this.#wake);
    }
    return id;
  }

  subscribe<K extends keyof M & string = keyof M & string>(
    options: SubscribeOptions<K> = {},
  ): Subscription<BusEvent<M, K>> {
    checkOptions("Cannot subscribe", options, WISHES);
    const { after, buffer = BUFFER, topics, signal } = options;
    const most = wholeOr(BUFFER, "buffer", buffer);
    const subscription = new RingSubscription<M>(this, {
      ...this.#startAfter(after),
      buffer: Math.min(most, this.ring.capacity),
      topics: checkedTopics(topics),
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
      published: new Map(
        [...this.#topics].map(([name, { all }]) => [name, all]),
      ),
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

  countsOf(topic: string): Counts {
    return this.#topics.get(topic) ?? NONE;
  }

  wait(subscription: RingSubscription<M>): void {
    this.#waiting.add(subscription);
  }

  leave(subscription: RingSubscription<M>): void {
    this.#lost += subscription.lost;
    this.#subscribers.delete(subscription);
    this.#waiting.delete(subscription);
  }

  missed(count: number): void {
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
  ): Pick<Start, "cursor" | "restarted"> {
    const { newest } = this.ring;
    if (after === undefined) return { cursor: newest, restarted: false };
    if (typeof after === "number" && !Number.isNaN(after)) {
      const cursor = Math.min(Math.max(0, Math.trunc(after)), newest);
      return { cursor, restarted: false };
    }
    const [, epoch, id] = /^(.*):([0-9]+)$/s.exec(String(after)) ?? [];
    if (typeof after !== "string" || epoch === undefined) {
      throw new TypeError(
        `Cannot subscribe after ${JSON.stringify(after)}: give the id of an ` +
          `event, such as 7, or what bus.position(7) returned`,
      );
    }
    if (epoch === this.epoch) return this.#startAfter(Number(id));
    return { cursor: 0, restarted: true };
  }
}

function randomEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function checkEpoch(epoch: string): void {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(epoch)) return;
  throw new RangeError(
    `Cannot make a bus of epoch ${JSON.stringify(epoch)}: give 1 to 64 ` +
      `letters, digits, "_", "." or "-"`,
  );
}

/** `value`, or `unless` where it is 0 or less. */
function wholeOr(
  unless: number,
  name: "capacity" | "buffer",
  value: number,
): number {
  if (Number.isInteger(value) && value <= MOST) {
    return value > 0 ? value : unless;
  }
  throw new RangeError(
    `Cannot use ${name} ${value}: give a whole number up to ${MOST}, ` +
      `such as ${unless}`,
  );
}

function checkedTopics(
  topics: readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  if (topics === undefined) return undefined;
  if (Array.isArray(topics) && topics.every((one) => typeof one === "string")) {
    return new Set(topics);
  }
  throw new TypeError(
    "Cannot subscribe: topics is no list of texts; " +
      'give a list of topics, such as ["joined"]',
  );
}
