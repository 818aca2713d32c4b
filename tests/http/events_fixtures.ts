/** Readers of feeds, for the tests of them. */
import assert from "node:assert/strict";
import { type Bus, createBus } from "../../src/bus/mod.ts";
import {
  type EventsHandler,
  eventsHandler,
  type EventsHandlerOptions,
} from "../../src/http/mod.ts";

/** A bus of any topics. */
export type Topics = Record<string, unknown>;

/** What an event or a gap is in JSON, as far as tests look at it. */
export interface Told {
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
  /** "message" unless the frame has a name. */
  readonly event: string;
  readonly told: Told;
}

export function feedOf(
  options: EventsHandlerOptions<Topics> = {},
  capacity = 1000,
): { readonly bus: Bus<Topics>; readonly events: EventsHandler } {
  const bus = createBus<Topics>({ capacity, epoch: "life" });
  return { bus, events: eventsHandler(bus, options) };
}

export function request(
  query = "",
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Request {
  const url = `http://localhost/events${query}`;
  return new Request(url, { method, headers });
}

/** Reads an event stream strictly: what is not understood is an error. */
export class SseReader {
  /** Lines `:` that were read. */
  comments = 0;
  /** Bytes that were read. */
  bytes = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  #hello = false;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The next frame; undefined at the end of the stream. */
  async next(): Promise<SseFrame | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const frame = this.#read(block);
        if (frame !== undefined) return frame;
        continue;
      }
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
    return (await this.take(count)).map(({ told }) => told.id);
  }

  /** Waits for bytes; false at the end. */
  async more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.bytes += value.length;
    this.#text += this.#decoder.decode(value, { stream: true });
    return true;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  #read(block: string): SseFrame | undefined {
    if (block === ":") {
      this.comments++;
      return undefined;
    }
    if (!this.#hello) {
      assert.equal(block, "retry: 2000");
      this.#hello = true;
      return undefined;
    }
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^(id|event|data): (.*)$/.exec(line) ??
        [];
      assert.ok(name !== "" && !fields.has(name), `no field: ${line}`);
      fields.set(name, value);
    }
    const told = JSON.parse(fields.get("data") ?? "") as Told;
    const event = fields.get("event") ?? "message";
    return { id: fields.get("id") ?? "", event, told };
  }
}

/** Asks for a feed, which must be one. */
export async function open(
  events: EventsHandler,
  query = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<SseReader> {
  const response = await events(request(query, headers));
  assert.equal(response?.status, 200);
  return new SseReader(response.body!);
}

/** Looks until it is so; the deadline only ends a broken run. */
export async function until(isSo: () => boolean, why = ""): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isSo()) {
    assert.ok(Date.now() < end, `it never came to be so: ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
