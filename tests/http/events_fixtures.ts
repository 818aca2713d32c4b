/** Feeds for tests, and a strict reader of them. */
import assert from "node:assert/strict";
import { type Bus, createBus } from "../../src/bus/mod.ts";
import {
  type EventsHandler,
  eventsHandler,
  type EventsHandlerOptions,
} from "../../src/http/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";

/** The topics of a bus that takes any topic. */
export type Topics = Record<string, unknown>;

/** The JSON of an event or a gap: the fields that tests read. */
export interface FeedItem {
  readonly id: number;
  readonly traceId: string;
  readonly kind: string;
  readonly timestamp: string;
  readonly data?: unknown;
  readonly gap?: string;
  readonly from?: number;
  readonly to?: number;
  readonly missed?: number;
  readonly epoch?: string;
  readonly [name: string]: unknown;
}

/** One frame of an event stream. */
export interface SseFrame {
  readonly id: string;
  /** "message" if the frame has no event name. */
  readonly event: string;
  readonly item: FeedItem;
}

/** Creates a bus with the epoch "life" and its feed. */
export function feedOf(
  options: EventsHandlerOptions<Topics> = {},
  capacity = 1000,
): { readonly bus: Bus<Topics>; readonly events: EventsHandler } {
  const bus = createBus<Topics>({ capacity, epoch: "life" });
  return { bus, events: eventsHandler(bus, options) };
}

/** Like `feedOf`, with fake timers, for tests of heartbeats. */
export function timedFeedOf(options: EventsHandlerOptions<Topics> = {}) {
  const timers = new FakeTimers();
  const { clock } = timers;
  return { ...feedOf({ ...options, timers, clock }), timers };
}

export function request(
  query = "",
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Request {
  const url = `http://localhost/events${query}`;
  return new Request(url, { method, headers });
}

/** Reads an event stream strictly: anything unexpected is an error. */
export class SseReader {
  /** The number of comments (`:`) that were read. */
  comments = 0;
  /** The number of bytes that were read. */
  bytes = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  #hasHello = false;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** Reads the next frame; undefined at the end of the stream. */
  async next(): Promise<SseFrame | undefined> {
    for (;;) {
      const frame = this.#nextBuffered();
      if (frame !== undefined) return frame;
      if (!await this.more()) return undefined;
    }
  }

  async take(count: number): Promise<SseFrame[]> {
    const frames: SseFrame[] = [];
    while (frames.length < count) {
      const frame = await this.next();
      assert.ok(frame !== undefined, `the feed ended after ${frames.length}`);
      frames.push(frame);
    }
    return frames;
  }

  async ids(count: number): Promise<number[]> {
    return (await this.take(count)).map(({ item }) => item.id);
  }

  /** Reads one chunk; false at the end. */
  async more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.bytes += value.length;
    this.#text += this.#decoder.decode(value, { stream: true });
    return true;
  }

  /** Reads one chunk, which must be a comment. */
  async comment(): Promise<void> {
    const { comments } = this;
    assert.ok(await this.more(), "the feed ended");
    assert.equal(this.#nextBuffered(), undefined);
    assert.equal(this.comments, comments + 1);
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Returns the next frame that is complete, and skips comments. */
  #nextBuffered(): SseFrame | undefined {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) return undefined;
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const frame = this.#parse(block);
      if (frame !== undefined) return frame;
    }
  }

  #parse(block: string): SseFrame | undefined {
    if (block === ":") {
      this.comments++;
      return undefined;
    }
    if (!this.#hasHello) {
      assert.equal(block, "retry: 2000");
      this.#hasHello = true;
      return undefined;
    }
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^(id|event|data): (.*)$/.exec(line) ??
        [];
      assert.ok(name !== "" && !fields.has(name), `not a field: ${line}`);
      fields.set(name, value);
    }
    const item = JSON.parse(fields.get("data") ?? "") as FeedItem;
    const event = fields.get("event") ?? "message";
    return { id: fields.get("id") ?? "", event, item };
  }
}

/** Opens a feed, and asserts that it succeeds. */
export async function open(
  events: EventsHandler,
  query = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<SseReader> {
  const response = await events(request(query, headers));
  assert.equal(response?.status, 200);
  return new SseReader(response.body!);
}

export { settled } from "./fixtures.ts";

/** Polls until `condition` holds; fails after a minute. */
export async function until(
  condition: () => boolean,
  reason = "",
): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < end, `the condition never held: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
