/**
 * Encodes events for clients, as JSON and as frames of Server-Sent Events.
 *
 * - Each event is encoded once, whatever the number of clients. Clients at the
 *   same position even share the chunks of several frames.
 * - No client sees what `redact` removes. An event for which `redact` fails is
 *   hidden completely.
 * - An event whose JSON is too long is sent without its payload, and counted.
 * - Request events are flat objects without empty fields; other events carry
 *   their payload in `data`. A payload that JSON cannot represent is replaced
 *   by an `error` field.
 */
import {
  callSafely,
  concatBytes,
  cutText,
  isThenable,
} from "../../base/internal.ts";
import type { Bus, BusEvent, Gap } from "../../bus/mod.ts";

/** Bytes that are sent and never overwritten. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** An event of any topic. */
export type AnyEvent = BusEvent<Record<string, unknown>>;

/**
 * A hook that returns an event as clients may see it, without its secrets;
 * undefined hides it completely.
 */
export type Redact<M extends object> = (
  event: BusEvent<M>,
) => BusEvent<M> | undefined;

/** An encoded event. */
interface Frame {
  readonly id: number;
  /** Undefined if the event is hidden from all clients. */
  readonly json: string | undefined;
  /** The SSE frame; undefined until an SSE client needs it. */
  sse: Bytes | undefined;
}

const encoder = new TextEncoder();
const EMPTY: Bytes = new Uint8Array(0);

/** The number of shared chunks that are cached. */
const MAX_CHUNKS = 16;

/** The maximum length of a trace id in an event; W3C's has 32 characters. */
const MAX_TRACE_ID = 128;

/** Topics with a flat payload; the topic is the `kind` of the event. */
const FLAT_TOPICS: ReadonlySet<string> = new Set([
  "request.start",
  "request.end",
  "downstream",
  "span",
  "log",
]);

/** Fields of flat events that are omitted if they are zero or empty. */
const OPTIONAL_FIELDS: ReadonlySet<string> = new Set([
  "service",
  "endpoint",
  "transport",
  "method",
  "path",
  "status",
  "durationMs",
  "message",
  "error",
  "meta",
]);

/** The first and last moment of the years that RFC 3339 can express. */
const MIN_MS = Date.parse("0000-01-01T00:00:00.000Z");
const MAX_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * Returns an event as one JSON object on one line; with `error` in place of its
 * payload if there is one.
 */
export type WriteEvent = (event: AnyEvent, error?: string) => string;

/** Encodes the events of one bus and caches the results. */
export class EventFrames<M extends object> {
  readonly #bus: Bus<M>;
  readonly #redact: Redact<M> | undefined;
  /** The maximum length of the JSON of an event. */
  readonly #maxLength: number;
  readonly #write: WriteEvent;
  #oversized = 0;
  /** A ring, indexed by id modulo the capacity of the bus. */
  readonly #frames: (Frame | undefined)[];
  readonly #chunks = new Map<string, Bytes>();

  constructor(
    bus: Bus<M>,
    redact: Redact<M> | undefined,
    maxLength: number,
    write: WriteEvent = eventJson,
  ) {
    this.#bus = bus;
    this.#redact = redact;
    this.#maxLength = maxLength;
    this.#write = write;
    this.#frames = new Array<Frame | undefined>(bus.stats().capacity)
      .fill(undefined);
  }

  /** The number of events that were sent without their payload. */
  get oversized(): number {
    return this.#oversized;
  }

  /** Returns the JSON of an event or a gap; undefined if it is hidden. */
  json(item: BusEvent<M> | Gap, now: number): string | undefined {
    if (item.gap !== undefined) return gapJson(item, now);
    return this.#frameOf(item).json;
  }

  /** Returns the SSE frame of an event or a gap; empty if it is hidden. */
  sse(item: BusEvent<M> | Gap, now: number): Bytes {
    if (item.gap !== undefined) {
      const id = this.#bus.position(item.to);
      return encoder.encode(
        `id: ${id}\nevent: gap\ndata: ${gapJson(item, now)}\n\n`,
      );
    }
    const frame = this.#frameOf(item);
    if (frame.json === undefined) return EMPTY;
    const id = this.#bus.position(item.id);
    return frame.sse ??= encoder.encode(`id: ${id}\ndata: ${frame.json}\n\n`);
  }

  /**
   * Concatenates frames to one chunk. `key` identifies consecutive events without
   * a gap; with it, the chunk is cached for the next client at the same position.
   */
  chunk(frames: readonly Bytes[], key: string | undefined): Bytes {
    if (frames.length === 1) return frames[0]!;
    const cached = key === undefined ? undefined : this.#chunks.get(key);
    if (cached !== undefined) return cached;
    const chunk = concatBytes(frames);
    if (key === undefined) return chunk;
    if (this.#chunks.size === MAX_CHUNKS) {
      const [oldest] = this.#chunks.keys();
      this.#chunks.delete(oldest!);
    }
    this.#chunks.set(key, chunk);
    return chunk;
  }

  #frameOf(event: BusEvent<M>): Frame {
    const slot = event.id % this.#frames.length;
    const cached = this.#frames[slot];
    if (cached?.id === event.id) return cached;
    return this.#frames[slot] = {
      id: event.id,
      json: this.#jsonOf(event),
      sse: undefined,
    };
  }

  #jsonOf(event: BusEvent<M>): string | undefined {
    const redacted: unknown = this.#redact === undefined
      ? event
      : callSafely(this.#redact, event);
    if (typeof redacted !== "object" || redacted === null) return undefined;
    // The feed depends on id and topic, so redact() cannot change them.
    const { id, topic } = event;
    try {
      // A promise is not an event; callSafely() has handled its rejection.
      if (isThenable(redacted)) return undefined;
      const copy = { ...redacted, id, topic } as unknown as AnyEvent;
      const json = this.#write(copy);
      if (json.length <= this.#maxLength) return json;
      this.#oversized++;
      const error = `the event has more than ${this.#maxLength} characters`;
      return this.#write(copy, error);
    } catch {
      return undefined; // fail closed
    }
  }
}

/** The form of `/events`: see `WriteEvent`. */
export function eventJson(event: AnyEvent, error?: string): string {
  const { topic, data } = event;
  const head = headOf(event);
  if (error !== undefined) return JSON.stringify({ ...head, error });
  const isFlat = FLAT_TOPICS.has(topic) && typeof data === "object" &&
    data !== null;
  try {
    return JSON.stringify(
      isFlat ? { ...head, ...fieldsOf(data), ...head } : { ...head, data },
    );
  } catch {
    const error = "the payload cannot be represented in JSON";
    return JSON.stringify({ ...head, error });
  }
}

/**
 * Returns a gap as one JSON object on one line. `time` is when the gap was
 * detected, in unix seconds.
 */
export function gapJson({ gap, from, to, missed }: Gap, time: number): string {
  const timestamp = timestampOf(time);
  const head = { id: to, traceId: "", kind: "gap", timestamp };
  return JSON.stringify({ ...head, gap, from, to, missed });
}

/** The fields that every event has. */
function headOf({ id, topic, time, data }: AnyEvent) {
  const traceId = traceIdOf(data);
  return { id, traceId, kind: topic, timestamp: timestampOf(time) };
}

function fieldsOf(data: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    // `__proto__` would not become a field; `toJSON` would replace the object.
    if (name === "__proto__" || name === "toJSON") continue;
    if (OPTIONAL_FIELDS.has(name) && isEmpty(value)) continue;
    fields[name] = value;
  }
  return fields;
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Object.keys(value).length === 0;
}

function traceIdOf(data: unknown): string {
  try {
    const { traceId } = (data ?? {}) as { traceId?: unknown };
    return typeof traceId === "string" ? cutText(traceId, MAX_TRACE_ID) : "";
  } catch {
    return "";
  }
}

/** Formats unix seconds by RFC 3339 in UTC; times out of its range as 1970. */
function timestampOf(time: number): string {
  const ms = Math.round(time * 1000);
  const isValid = ms >= MIN_MS && ms <= MAX_MS;
  return new Date(isValid ? ms : 0).toISOString();
}
