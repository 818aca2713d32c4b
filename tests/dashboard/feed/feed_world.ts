/** A feed over a model of the history, and clients that apply what they read. */
import assert from "node:assert/strict";
import { EventStreamReader } from "../../../page/core/event_stream.ts";
import { type Bus, createBus } from "../../../src/bus/mod.ts";
import { ClientReader } from "../../../src/dashboard/feed/client_reader.ts";
import { Feed } from "../../../src/dashboard/feed/feed.ts";
import type { State } from "../../../src/dashboard/feed/parts.ts";
import { parsePosition } from "../../../src/dashboard/feed/position.ts";
import { parseWant } from "../../../src/dashboard/feed/want.ts";
import type {
  FeedEvents,
  Findings,
  Health,
  SeriesId,
  TraceSummary,
} from "../../../src/dashboard/protocol.ts";
import { Redaction } from "../../../src/dashboard/redaction.ts";
import { EventFrames } from "../../../src/http/internal.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { ModelHistory } from "./model_history.ts";

export type Topics = Record<string, unknown>;

/** A message of the feed. */
export type Message = {
  [Name in keyof FeedEvents]: {
    readonly event: Name;
    readonly data: FeedEvents[Name];
    readonly id: string;
  };
}[keyof FeedEvents];

/** A state that a test changes. */
export class TestState<T> implements State<T> {
  value: T | undefined;
  readonly #listeners = new Set<() => void>();

  get followers(): number {
    return this.#listeners.size;
  }

  now(): T | undefined {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
    for (const listener of this.#listeners) listener();
  }

  follow(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

/** Makes a feed with parts that a test drives. */
export function feedWorld(maxFeeds = 32, capacity = 10) {
  const history = new ModelHistory();
  const timers = new FakeTimers();
  const bus: Bus<Topics> = createBus<Topics>({ capacity });
  const findings = new TestState<Findings>();
  const health = new TestState<Health>();
  const listeners = new Set<(summary: TraceSummary) => void>();
  const rules = { redact: undefined, queries: false, headers: [] };
  const { eventJson } = new Redaction(rules);
  const feed = new Feed({
    history,
    hello: () => ({ v: 1, ...history.state() as object }) as never,
    findings,
    health,
    traces: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    bus,
    events: new EventFrames(bus, undefined, 65_536, eventJson),
    maxFeeds,
    clock: timers.clock,
    timers,
  });
  return {
    feed,
    history,
    timers,
    bus,
    findings,
    health,
    listeners,
    /** Ends a trace. */
    trace(id: string): void {
      for (const listener of listeners) listener({ id } as TraceSummary);
    },
    /** Opens a feed as a request does. */
    open: (query: string, method = "GET") =>
      feed.respond(
        new URLSearchParams(query),
        new Request("http://a/feed", { method }),
      ),
  };
}

/** Parses messages. */
export function messagesIn(text: string): Message[] {
  const messages: Message[] = [];
  const reader = new EventStreamReader(({ event, data, id }) =>
    messages.push({ event, data: JSON.parse(data), id } as Message)
  );
  reader.push(text);
  return messages;
}

/** A client that resumes where it was cut, and checks what it reads. */
export class TestClient {
  readonly messages: Message[] = [];
  /** Sums of growth by series. */
  readonly sums = new Map<SeriesId, number>();
  /** Seconds that were told in columns, and in gaps. */
  readonly told: (readonly [from: number, to: number])[] = [];
  readonly series = new Set<SeriesId>();
  last = "";
  readonly #feed: Feed;
  readonly #want: string;
  #reader!: ClientReader;

  constructor(feed: Feed, want: string) {
    this.#feed = feed;
    this.#want = want;
    this.connect();
  }

  /** Connects, or is cut and connects again. */
  connect(): void {
    const after = parsePosition(this.last, this.#feed.parts.history.epoch);
    this.#reader = new ClientReader(this.#feed, parseWant(this.#want), after);
  }

  /** Reads at most `chunks` chunks. */
  read(chunks = Infinity): Message[] {
    const messages: Message[] = [];
    for (let i = 0; i < chunks; i++) {
      const chunk = this.#reader.chunk();
      if (chunk === undefined) break;
      messages.push(...messagesIn(new TextDecoder().decode(chunk)));
    }
    for (const message of messages) this.#take(message);
    return messages;
  }

  #take(message: Message): void {
    this.messages.push(message);
    if (message.id !== "") this.last = message.id;
    const { event, data } = message;
    if (event === "names") { for (const { id } of data.s) this.series.add(id); }
    if (event === "gone") { for (const id of data.s) this.series.delete(id); }
    if (event === "gap") this.told.push([data.from, data.to]);
    if (event !== "d") return;
    this.told.push([data.t - data.step, data.t]);
    for (const [id, by] of data.d) {
      assert.ok(this.series.has(id), `series ${id} was not named`);
      this.sums.set(id, (this.sums.get(id) ?? 0) + (by ?? 0));
    }
  }
}
