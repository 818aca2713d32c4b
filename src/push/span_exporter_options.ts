/** The options of `spanExporter`, and the exporter that it returns. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  ofType,
  oneOf,
  type OptionRule,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
  seconds,
  TIMERS,
} from "../base/internal.ts";
import type { Attributes, SpanRecord } from "../trace/mod.ts";
import type { ExporterStats } from "./delivery.ts";
import { platformFetch, type PostFetch } from "./post.ts";

/** Options of `spanExporter`. All times are seconds. */
export interface SpanExporterOptions {
  /**
   * Address of an OTLP collector, such as `http://localhost:4318`. Default
   * scheme: http for this computer, for port 4318, for names without a dot and
   * below `.internal`, `.local`, `.home.arpa`, `.lan` and `.svc`; https for all
   * other hosts.
   * `/v1/traces` is appended unless the path ends in `/traces`.
   */
  readonly endpoint: string;
  /** Encoding of the requests. Default: `protobuf`. */
  readonly protocol?: "json" | "protobuf" | undefined;
  /**
   * Headers of each request, such as `authorization`. The exporter sets the
   * headers that describe the body.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Resource attributes, above all `service.name`. */
  readonly resource?: Attributes | undefined;
  /** Maximum number of waiting spans. Default: 4096. */
  readonly capacity?: number | undefined;
  /**
   * Maximum number of spans in a request; a full batch is sent at once. At most
   * half of `capacity`. Default: 512.
   */
  readonly batch?: number | undefined;
  /** Maximum time for which a span waits until its batch is full. Default: 5. */
  readonly interval?: number | undefined;
  /** Maximum duration of a request. Default: 10. */
  readonly timeout?: number | undefined;
  /**
   * Whether to compress requests with gzip, until the collector refuses that by
   * status 415. Default: true.
   */
  readonly compress?: boolean | undefined;
  /**
   * Called for each request that failed, with the words of the collector; not for
   * one that is sent again in halves because it is too large. Its exceptions and
   * rejections are ignored. Default: the first failure is logged.
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * Whether SIGTERM and SIGINT export the waiting spans, for at most 5 seconds and
   * 1 second, before they end the process. A program that listens for the signal
   * itself decides when the process ends. Default: true.
   */
  readonly signals?: boolean | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: PostFetch | undefined;
  /** Returns a number from 0 up to 1, to jitter retries. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Timers of the exporter. Default: the timers of the runtime. */
  readonly timers?: Timers | undefined;
  /** Clock for dates in `Retry-After`. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** Exports spans to a collector. */
export interface SpanExporter extends AsyncDisposable {
  /** Adds a span to the queue; pass this function to `tracer.onEnd`. */
  readonly export: (record: SpanRecord) => void;
  /**
   * Exports all waiting spans at once, without regard to backoff. Resolves to
   * true when the collector has accepted or refused all of them; to false if
   * some were lost, or if `signal` aborts first.
   */
  flush(signal?: AbortSignal): Promise<boolean>;
  /**
   * Flushes for at most `seconds` (default: 5) and stops the exporter. Spans left
   * after that are counted as lost. Later calls return the promise of the first.
   * Never rejects. Disposing does the same.
   */
  shutdown(seconds?: number): Promise<boolean>;
  /** Returns the current counts of spans and retries. */
  stats(): ExporterStats;
}

const ACTION = "Cannot export spans";
const MAX_SPANS = 2 ** 20;

/** Rules and defaults of `SpanExporterOptions`. */
export const SPAN_OPTIONS = {
  endpoint: ofType<string>(
    ["string"],
    'an address, such as "http://localhost:4318"',
    "",
  ),
  protocol: oneOf<"json" | "protobuf">(["protobuf", "json"], "protobuf"),
  headers: ofType<Readonly<Record<string, string>>>(
    ["object"],
    "an object, such as { authorization }",
    {},
  ),
  resource: ofType<Attributes>(
    ["object"],
    'attributes, such as { "service.name": "shop" }',
    {},
  ),
  capacity: spans(4096),
  batch: spans(512),
  interval: seconds(5),
  timeout: seconds(10),
  compress: flag(true),
  signals: flag(true),
  onError: fn<(error: Error) => void>("(error) => {}"),
  fetch: ofType<PostFetch>(
    ["function"],
    "a function, such as fetch",
    platformFetch,
  ),
  random: ofType<() => number>(
    ["function"],
    "a function, such as Math.random",
    Math.random,
  ),
  timers: TIMERS,
  clock: CLOCK,
} satisfies SchemaOf<SpanExporterOptions>;

function spans(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) =>
      Number.isInteger(value) && value as number >= 1 &&
      value as number <= MAX_SPANS,
    `a whole number from 1 to ${MAX_SPANS}, such as ${fallback}`,
    fallback,
  );
}

/**
 * Checks the options and fills in the defaults; `endpoint` and `headers` are
 * checked further by `tracesUrl` and `requestHeaders`.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function readSpanOptions(
  options: SpanExporterOptions,
): ReadOptions<typeof SPAN_OPTIONS> {
  const read = readOptions(ACTION, SPAN_OPTIONS, options);
  for (const [name, value] of Object.entries(read.resource)) {
    if (isAttribute(value)) continue;
    throw new TypeError(
      `${ACTION}: the resource attribute ${JSON.stringify(name)} is not a ` +
        `string, a number, a boolean or a list of these; give one, or omit it`,
    );
  }
  return read;
}

function isAttribute(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [value];
  return items.every((item) =>
    ["string", "number", "boolean"].includes(typeof item)
  );
}

/**
 * Returns the headers of each request. `Headers` decides which are valid.
 *
 * @throws {TypeError} If a header is invalid. The message does not contain its
 *   value, which may be a secret.
 */
export function requestHeaders(
  headers: Readonly<Record<string, string>>,
  contentType: string,
): Readonly<Record<string, string>> {
  const checked = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (typeof value !== "string") throw new TypeError(typeof value);
      checked.set(name, value);
    } catch {
      throw new TypeError(
        `${ACTION}: the header ${JSON.stringify(name)} cannot be sent; ` +
          `give a name without spaces, and a value of one line`,
      );
    }
  }
  checked.set("content-type", contentType);
  checked.delete("content-encoding");
  checked.delete("content-length");
  const pairs: [string, string][] = [];
  checked.forEach((value, name) => pairs.push([name, value]));
  return Object.fromEntries(pairs);
}
