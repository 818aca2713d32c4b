/**
 * `/metrics`: a plain `(Request) => Promise<Response>` over a source.
 *
 * - Each reader gets the format, the escaping of names and the compression that
 *   it asks for, and those families alone that it names.
 * - Scrapes that overlap share their work: one refresh, one body.
 * - A part that throws or is late is left out, marked in the exposition and
 *   counted; the rest is served.
 * - No header that a client can send makes it throw or answer 5xx.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds } from "../base/internal.ts";
import { type Format, negotiate } from "../encode/mod.ts";
import type { ScrapeObserver, Source } from "../model/mod.ts";
import { chooseCoding } from "./accept_encoding.ts";
import { type Authorize, refusal } from "./access.ts";
import { availableCodings } from "./compression.ts";
import { plain } from "./plain.ts";
import { MOST_NAMES, secondsToAnswer, wantedNames } from "./scrape_wish.ts";
import { Scrapes } from "./scrapes.ts";

/** What can be asked of a handler, whatever its formats. */
export interface FormatHandlerOptions {
  /** Who may scrape; everybody unless given. */
  readonly authorize?: Authorize;
  /**
   * Seconds that asynchronous sources have to answer, and a client to read on,
   * 8 unless given: less than the 10 s after which a Prometheus gives up by
   * default. A scraper that says that it waits less gets its answer earlier
   * (`X-Prometheus-Scrape-Timeout-Seconds`).
   */
  readonly timeout?: number;
  /**
   * How many scrapes may be under way at once, 10 unless given; those that
   * share their work are one. Others get 503 and are to come back in a second.
   */
  readonly maxInFlight?: number;
  /**
   * Whether to compress for clients that accept it, by gzip, or by what else
   * the runtime has and the client names; true unless given.
   */
  readonly compress?: boolean;
  /**
   * How many bytes of what was written may be kept in memory, in all formats
   * together, so that the next scrape writes only what has changed; 256 MiB
   * unless given. It takes about twice the size of the exposition for each
   * format that was asked for in the last ten minutes. 0 keeps nothing.
   */
  readonly keep?: number;
  /**
   * Notified of each part that was left out, and of how each scrape ended. A
   * registry counts both by itself, with or without an observer.
   */
  readonly observer?: ScrapeObserver | undefined;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** A handler for any fetch-style server. */
export type Handler = (request: Request) => Promise<Response>;

const ALLOW = "GET, HEAD, OPTIONS";

/** A million series of the usual length, and as much again beside them. */
const KEEP = 2 ** 28;

/** The longest delay that a timer can have. */
const MOST_SECONDS = 2 ** 31 / 1000 - 1;

/**
 * Serves `source` to scrapers in `formats` alone, the first of them to those
 * who do not say: what is not among them is not imported, which takes a third
 * off a small program.
 *
 * ```ts
 * import { prometheusText } from "@barograph/barograph/encode";
 * import { formatHandler } from "@barograph/barograph/http";
 * import { createCoreRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createCoreRegistry();
 * const metrics = formatHandler(registry, [prometheusText]);
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(await response.text());
 * ```
 *
 * It answers as `metricsHandler` does.
 *
 * @throws {TypeError | RangeError} At once, if `source` is none, if there is no
 *   format, or if an option is of the wrong kind or does not exist.
 */
export function formatHandler(
  source: Source,
  formats: readonly [Format, ...Format[]],
  options: FormatHandlerOptions = {},
): Handler {
  checkArguments(source, formats, options);
  const { authorize, timeout = 8, maxInFlight = 10, keep = KEEP } = options;
  if (!(timeout > 0 && timeout <= MOST_SECONDS)) refuse("timeout", timeout);
  if (!(Number.isInteger(maxInFlight) && maxInFlight >= 1)) {
    refuse("maxInFlight", maxInFlight);
  }
  if (!(keep >= 0)) refuse("keep", keep);
  const { compress = true, clock = systemClock } = options;
  const codings = compress ? availableCodings() : [];
  const scrapes = new Scrapes(
    source,
    { patience: timeout, most: maxInFlight, keep },
    clock,
    options.observer,
  );

  return async (request: Request): Promise<Response> => {
    const { method, headers } = request;
    const refused = await refusal(request, authorize);
    if (refused !== undefined) return refused;
    if (method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { allow: ALLOW } });
    }
    if (method !== "GET" && method !== "HEAD") {
      return plain(405, `use one of ${ALLOW}`, { allow: ALLOW });
    }
    const format = negotiate(headers.get("accept"), formats);
    const answer = new Headers({
      "content-type": format.contentType,
      "vary": "Accept, Accept-Encoding",
      "cache-control": "no-store",
    });
    if (method === "HEAD") {
      return new Response(bodyOfUnknownLength(), { headers: answer });
    }
    const names = wantedNames(request.url);
    if (names === "too many") {
      return plain(400, `give at most ${MOST_NAMES} name[]`);
    }
    const wait = headers.get("x-prometheus-scrape-timeout-seconds");
    const scrape = await scrapes.take({
      format,
      coding: chooseCoding(headers.get("accept-encoding"), codings),
      names,
      seconds: secondsToAnswer(wait, timeout),
    });
    if (scrape.state === "failed") {
      return plain(500, "nothing could be collected");
    }
    if (scrape.state === "refused") {
      return plain(503, "too many scrapes at once", { "retry-after": "1" });
    }
    const { coding, body } = scrape;
    if (coding !== undefined) answer.set("content-encoding", coding);
    if (body instanceof Uint8Array) {
      answer.set("content-length", String(body.length));
    }
    return new Response(body, { headers: answer });
  };
}

/**
 * For HEAD: a server that finds no body at all declares a length of 0, which
 * is not the length of what GET answers (RFC 9110, section 8.6).
 */
function bodyOfUnknownLength(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** The kind of each option, and what to type. */
export const KINDS: Kinds<FormatHandlerOptions> = {
  authorize: [["function"], "a function, such as (request) => true"],
  timeout: [["number"], "seconds, such as 8"],
  maxInFlight: [["number"], "a whole number from 1 on, such as 10"],
  compress: [["boolean"], "true or false"],
  keep: [["number"], "bytes, such as 2 ** 28, or 0 for nothing"],
  observer: [["object"], "an object, such as { failed: (part, error) => {} }"],
  clock: [["object"], "an object with unix() and mono()"],
};

function checkArguments(
  source: Source,
  formats: readonly [Format, ...Format[]],
  options: FormatHandlerOptions,
): void {
  if (typeof (source as Partial<Source> | null)?.collect !== "function") {
    throw new TypeError(
      "Cannot serve metrics: the first argument must be a registry or another " +
        "source; try metricsHandler(defaultRegistry(), options)",
    );
  }
  if (!(Array.isArray(formats) && formats.length > 0)) {
    throw new TypeError(
      "Cannot serve metrics: the second argument must be a list of formats; " +
        "try [prometheusText]",
    );
  }
  checkOptions("Cannot serve metrics", options, KINDS);
}

function refuse(name: keyof typeof KINDS, value: number): never {
  throw new RangeError(
    `Cannot serve metrics: ${name} is ${value}; give ${KINDS[name][1]}`,
  );
}
