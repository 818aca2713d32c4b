/** What can be asked of an exporter of spans, and what it tells of itself. */
import type { Clock } from "../base/mod.ts";
import { checkOptions, type Kinds } from "../base/internal.ts";
import type { Attributes, SpanRecord } from "../trace/mod.ts";
import type { PostFetch } from "./post.ts";
import type { Schedule } from "./schedule.ts";

/** How spans are exported. */
export interface SpanExporterOptions {
  /**
   * Where the collector listens, such as `http://localhost:4318`. Without a
   * scheme, this machine is spoken to in plain text and any other by TLS. The
   * path is `/v1/traces` unless given.
   */
  readonly endpoint: string;
  /** How spans are written; `protobuf` unless given. */
  readonly protocol?: "json" | "protobuf";
  /**
   * Sent with each request, such as `authorization`; those that describe the
   * body are the exporter's.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** What all spans are of: `service.name` above all. */
  readonly resource?: Attributes;
  /** How many spans may wait, 4096 unless given. */
  readonly capacity?: number;
  /**
   * How many spans a request tells of at most, 512 unless given; never more
   * than half of `capacity`. So many do not wait for others.
   */
  readonly batch?: number;
  /** Seconds that a span waits for others, 5 unless given. */
  readonly interval?: number;
  /** Seconds that a request may take, 10 unless given. */
  readonly timeout?: number;
  /** Whether to compress by gzip; true unless given. */
  readonly compress?: boolean;
  /** Told of each request that failed, and why. */
  readonly onError?: (error: Error) => void;
  /** What fetches; the platform's unless given. */
  readonly fetch?: PostFetch;
  /** A number from 0 up to 1; the machine's unless given. */
  readonly random?: () => number;
  /** What waits; timers of the platform unless given. */
  readonly schedule?: Schedule;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** What an exporter tells of itself. */
export interface ExporterStats {
  /** Spans that wait, those of a request under way included. */
  readonly queued: number;
  /** Spans that a collector has taken. */
  readonly exported: number;
  /** Spans that made room for others, or came too late. */
  readonly lost: number;
  /** Spans that a collector has refused for good. */
  readonly rejected: number;
  /** Requests that failed and were, or will be, tried again. */
  readonly retries: number;
}

/** Exports spans. */
export interface SpanExporter extends AsyncDisposable {
  /** Takes a span; pass it to `tracer.onEnd`. */
  readonly export: (record: SpanRecord) => void;
  /**
   * Exports what waits now, at once, even if the next try was to come later.
   * True when a collector has taken or refused it all, false if some was lost,
   * or when `signal` aborts before.
   */
  flush(signal?: AbortSignal): Promise<boolean>;
  /**
   * Exports what waits, for at most `seconds` (5), and stops; once. What is left
   * then is lost, and counted. Never rejects. Disposing does the same.
   */
  shutdown(seconds?: number): Promise<boolean>;
  /** What it has to tell of itself, at this moment. */
  stats(): ExporterStats;
}

const MOST_SPANS = 2 ** 20;

const KINDS: Kinds<SpanExporterOptions> = {
  endpoint: [["string"], 'an address, such as "http://localhost:4318"'],
  protocol: [["string"], '"protobuf" or "json"'],
  headers: [["object"], "an object, such as { authorization }"],
  resource: [["object"], 'attributes, such as { "service.name": "shop" }'],
  capacity: [["number"], "a whole number from 1 on, such as 4096"],
  batch: [["number"], "a whole number from 1 on, such as 512"],
  interval: [["number"], "seconds, such as 5"],
  timeout: [["number"], "seconds, such as 10"],
  compress: [["boolean"], "true or false"],
  onError: [["function"], "a function, such as (error) => {}"],
  fetch: [["function"], "a function, such as fetch"],
  random: [["function"], "a function, such as Math.random"],
  schedule: [["function"], "a function that calls another one later"],
  clock: [["object"], "an object with unix() and mono()"],
};

/** @throws {TypeError | RangeError} If an option is wrong. */
export function checkArguments(options: SpanExporterOptions): void {
  checkOptions("Cannot export spans", options, KINDS);
  const refuse = (name: keyof SpanExporterOptions): never => {
    throw new RangeError(
      `Cannot export spans: ${name} is ${options[name]}; ` +
        `give ${KINDS[name]![1]}`,
    );
  };
  for (const name of ["capacity", "batch"] as const) {
    const { [name]: value = 1 } = options;
    if (!(Number.isInteger(value) && value >= 1 && value <= MOST_SPANS)) {
      refuse(name);
    }
  }
  for (const name of ["interval", "timeout"] as const) {
    const { [name]: value = 1 } = options;
    if (!(value > 0 && value < 1e6)) refuse(name);
  }
  const { protocol = "json" } = options;
  if (protocol !== "json" && protocol !== "protobuf") refuse("protocol");
  for (const [name, value] of Object.entries(options.resource ?? {})) {
    if (isAttribute(value)) continue;
    throw new TypeError(
      `Cannot export spans: ${JSON.stringify(name)} of the resource is ` +
        `neither text, number, boolean nor a list of these; give one, or ` +
        `leave it out`,
    );
  }
}

function isAttribute(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [value];
  return items.every((item) =>
    ["string", "number", "boolean"].includes(typeof item)
  );
}

/**
 * The headers of each request. What a header is, the platform knows.
 *
 * @throws {TypeError} If one is none. The message does not tell its value.
 */
export function headersOf(
  { headers = {} }: SpanExporterOptions,
  contentType: string,
): Readonly<Record<string, string>> {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (typeof value !== "string") throw new TypeError(typeof value);
      all.set(name, value);
    } catch {
      throw new TypeError(
        `Cannot export spans: the header ${JSON.stringify(name)} cannot be ` +
          `sent; give a name without spaces, and a value of one line`,
      );
    }
  }
  all.set("content-type", contentType);
  all.delete("content-encoding");
  all.delete("content-length");
  return Object.fromEntries(all);
}
