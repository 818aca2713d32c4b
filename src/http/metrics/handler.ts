/**
 * `/metrics`: a plain `(Request) => Promise<Response>` over a source.
 *
 * A scrape passes four stages:
 *
 * ```
 * request ────► coordinate ────────► write ──────────► respond
 * method,       share overlapping    from the cache,   whole body, or a
 * access,       scrapes, limit them, in time slices;   stream that is
 * format,       refresh sources      small: as text,   written as its
 * coding,       until the deadline   large: as pages;  reader pulls
 * names                              compressed
 *
 * handler       scrape_coordinator   body_writer       handler
 * scrape_       refreshes            time_sliced       response_stream
 * request                            gzip_pages
 *                                    compression
 * ```
 *
 * - A part that throws or is late is left out, marked as missing in the
 *   exposition, and counted; the rest is served.
 * - No header of a client makes the handler throw or answer 5xx.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
  seconds,
  TIMERS,
  wholeNumber,
} from "../../base/internal.ts";
import { type Format, negotiate } from "../../encode/mod.ts";
import { formatList } from "../../encode/internal.ts";
import { defaultSource } from "../../metrics/internal.ts";
import type { ScrapeObserver, Source } from "../../model/mod.ts";
import { fleetOf, SCRAPE_OBSERVER } from "../../model/internal.ts";
import { isRequestBound } from "../../platform/internal.ts";
import {
  type Authorize,
  methodResponse,
  refusal,
  textResponse,
} from "../guard.ts";
import { hostRefusal, HOSTS, type Hosts } from "../hosts.ts";
import { queryOf } from "../request_url.ts";
import { availableCodings, chooseCoding, isSupported } from "./compression.ts";
import { prepareFirstScrape } from "./first_scrape.ts";
import { ScrapeCoordinator } from "./scrape_coordinator.ts";
import {
  isOfMember,
  MAX_NAMES,
  refreshSeconds,
  selectedNames,
} from "./scrape_request.ts";

/** Options of every metrics endpoint. */
export interface FormatHandlerOptions {
  /** Decides who may scrape. Default: everyone. */
  readonly authorize?: Authorize | undefined;
  /**
   * The names by which clients may address the endpoint; others get 403. Set it
   * if the server is bound to a loopback address and anyone may read: see
   * `Hosts`. Default: any.
   */
  readonly hosts?: Hosts | undefined;
  /**
   * Seconds that asynchronous sources have to refresh, and that a client may
   * pause while it reads. A scraper that announces a shorter timeout
   * (`X-Prometheus-Scrape-Timeout-Seconds`) is answered earlier, without the
   * sources that are not ready; they are counted as failed only after `timeout`.
   * Default: 8, less than the 10 s after which Prometheus gives up by default.
   */
  readonly timeout?: number | undefined;
  /**
   * The maximum number of scrapes that collect and write at the same time. A
   * hundred times as many wait for sources or for their turn; further ones get 503
   * with `Retry-After: 1`. Concurrent scrapes of the same exposition write one
   * body and share it if less than 256 KiB are sent. A larger body is streamed to
   * each client separately. Default: 10.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * The maximum number of streamed bodies that clients are reading. For a further
   * one, the client that has paused for longest is disconnected. If none pauses,
   * the further one gets 503. Each body holds up to one family in memory.
   * Default: 10.
   */
  readonly maxReaders?: number | undefined;
  /**
   * Whether to compress for clients that accept it: with gzip, zstd or deflate,
   * if the runtime supports the coding. Default: true.
   */
  readonly compress?: boolean | undefined;
  /**
   * The maximum size of the cache in bytes, over all formats. The cache lets a
   * scrape write only what changed since the last one. It takes about twice the
   * size of the exposition for each format that was requested in the last ten
   * minutes. 0 disables it. Default: 256 MiB.
   */
  readonly keep?: number | undefined;
  /**
   * Whether to prepare the first scrape: right after the start of the process,
   * the same code scrapes a small registry, so that it is compiled when a client
   * comes. Takes 10 to 20 ms of the event loop. Only on Deno, Bun and Node, and
   * if `timers` have `turn`. Default: true.
   */
  readonly prepare?: boolean | undefined;
  /**
   * Notified of each part that was left out and of the outcome of each scrape.
   * A registry also counts both itself. Default: none.
   */
  readonly observer?: ScrapeObserver | undefined;
  /** The clock for deadlines and reports. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers for deadlines and pauses. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

/** Options of `metricsHandler`. */
export interface MetricsHandlerOptions extends FormatHandlerOptions {
  /**
   * Whether to write `_created` samples in OpenMetrics; see `FormatOptions`.
   * Default: false.
   */
  readonly created?: boolean | undefined;
}

/** An endpoint for any fetch-style server. */
export type Handler = (request: Request) => Promise<Response>;

const ACTION = "Cannot serve metrics";

const SCHEMA = {
  authorize: fn<Authorize>("(request) => true"),
  timeout: seconds(8),
  hosts: HOSTS,
  maxInFlight: wholeNumber(10),
  maxReaders: wholeNumber(10),
  compress: flag(true),
  keep: rule<number>(
    (value) => typeof value === "number" && value >= 0,
    "bytes, such as 2 ** 28, or 0 for no cache",
    2 ** 28, // twice what a million typical series need
  ),
  prepare: flag(true),
  observer: SCRAPE_OBSERVER,
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<FormatHandlerOptions>;

/**
 * Returns an endpoint that serves `source`, by default the default registry, in
 * every format.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { metricsHandler } from "@barograph/barograph/http";
 *
 * const registry = createRegistry();
 * const metrics = metricsHandler(registry);
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(await response.text());
 * ```
 *
 * Status codes: 200 to GET and HEAD (HEAD collects nothing), 204 to OPTIONS, 405
 * to other methods, 403 to other `hosts`, 400 to more than 100 `name[]`, 503 when too many scrapes are
 * in progress, and the refusals of `authorize`. If a part fails, the rest is
 * served with 200. If every part fails, the answer is 500 without a reason:
 * scrapers would read an empty 200 as the end of all series.
 *
 * `?name[]=…`, once or repeatedly, selects the families that expose one of the
 * names; other families are neither refreshed nor collected.
 *
 * If the registry has joined a fleet, the endpoint serves the sum of all
 * members; `?fleet=self` selects this member.
 *
 * @throws {TypeError | RangeError} If `source` is not a source or an
 *   option is wrong.
 */
export function metricsHandler(
  source: Source = defaultSource(),
  options: MetricsHandlerOptions = {},
): Handler {
  const schema = {
    ...SCHEMA,
    created: flag(false),
  } satisfies SchemaOf<MetricsHandlerOptions>;
  const read = readOptions(ACTION, schema, options);
  return createHandler(source, formatList(read.created), read);
}

/**
 * Returns an endpoint that serves `source` in `formats` only; the first format is
 * the default. Bundlers drop all other formats, which makes a small program a
 * third smaller.
 *
 * ```ts
 * import { prometheusText } from "@barograph/barograph/encode";
 * import { formatHandler } from "@barograph/barograph/http";
 * import { createBareRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createBareRegistry();
 * const metrics = formatHandler(registry, [prometheusText]);
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(await response.text());
 * ```
 *
 * It answers like `metricsHandler`.
 *
 * @throws {TypeError | RangeError} If `source` is not a source, a format is
 *   wrong or missing, or an option is wrong.
 */
export function formatHandler(
  source: Source,
  formats: readonly [Format, ...Format[]],
  options: FormatHandlerOptions = {},
): Handler {
  const read = readOptions(ACTION, SCHEMA, options);
  return createHandler(source, formats, read);
}

function createHandler(
  source: Source,
  formats: readonly [Format, ...Format[]],
  options: ReadOptions<typeof SCHEMA>,
): Handler {
  if (typeof (source as Partial<Source> | null)?.collect !== "function") {
    throw new TypeError(
      `${ACTION}: the first argument must be a registry or another source; ` +
        "try metricsHandler(defaultRegistry(), options)",
    );
  }
  const isList = Array.isArray(formats) && formats.length > 0 &&
    formats.every((format) => typeof format?.encoder === "function");
  if (!isList) {
    throw new TypeError(
      `${ACTION}: the second argument must be a list of formats; ` +
        "try [prometheusText]",
    );
  }
  if (options.prepare) {
    const quiet = {
      ...options,
      authorize: undefined,
      hosts: undefined,
      observer: undefined,
    };
    prepareFirstScrape(
      (small) => handlerOf(small, formats, quiet),
      options.timers,
    );
  }
  return handlerOf(source, formats, options);
}

function handlerOf(
  source: Source,
  formats: readonly [Format, ...Format[]],
  options: ReadOptions<typeof SCHEMA>,
): Handler {
  const { authorize, hosts, timeout, compress, timers } = options;
  const codings = compress ? availableCodings() : [];
  const coordinatorOf = coordinators(options);
  const formatOf = remembered((accept) => negotiate(accept, formats));
  const codingOf = remembered((accepted) =>
    accepted === null ? undefined : chooseCoding(accepted, codings, isSupported)
  );
  const secondsOf = remembered((wait) =>
    wait === null ? timeout : refreshSeconds(wait, timeout)
  );

  return async (request: Request): Promise<Response> => {
    const { method, headers } = request;
    const refused = (hosts && hostRefusal(request, hosts)) ??
      (authorize && await refusal(request, authorize, timers));
    if (refused !== undefined) return refused;
    if (method !== "GET") {
      const response = methodResponse(method, "GET, HEAD, OPTIONS");
      if (response !== undefined) return response;
    }
    const format = formatOf(headers.get("accept"));
    // Not `Headers`: a plain object is converted only once.
    const responseHeaders: Record<string, string> = {
      "content-type": format.contentType,
      "vary": "Accept, Accept-Encoding",
      "cache-control": "no-store",
    };
    if (method === "HEAD") {
      // Not null: servers would declare a length of 0, although GET answers with
      // a longer body (RFC 9110, section 8.6).
      const empty = new ReadableStream({ start: (body) => body.close() });
      return new Response(empty, { headers: responseHeaders });
    }
    const query = queryOf(request);
    const names = query === "" ? undefined : selectedNames(query);
    if (names === "too many") {
      return textResponse(400, `give at most ${MAX_NAMES} names by name[]`);
    }
    const isSelf = query !== "" && isOfMember(query);
    const fleet = isSelf ? undefined : fleetOf(source);
    const asked = fleet === undefined ? source : await fleet ?? source;
    const scrape = await coordinatorOf(asked).scrape({
      format,
      coding: codingOf(headers.get("accept-encoding")),
      names,
      seconds: secondsOf(headers.get("x-prometheus-scrape-timeout-seconds")),
    });
    if (scrape.state === "failed") {
      return textResponse(500, "nothing could be collected");
    }
    if (scrape.state === "refused") {
      const retry = { "retry-after": "1" };
      return textResponse(503, "too many scrapes at once", retry);
    }
    const { coding, body } = scrape;
    if (coding !== undefined) responseHeaders["content-encoding"] = coding;
    if (body instanceof Uint8Array) {
      responseHeaders["content-length"] = String(body.length);
    }
    return new Response(body, { headers: responseHeaders });
  };
}

/**
 * Returns how a scrape of a source finds its coordinator: all scrapes share one.
 * Where work ends with its request and never settles, each has its own: others
 * would wait for it forever.
 */
function coordinators(
  options: ReadOptions<typeof SCHEMA>,
): (source: Source) => ScrapeCoordinator {
  if (isRequestBound()) {
    const uncached = { ...options, keep: 0 };
    return (source) => new ScrapeCoordinator(source, uncached);
  }
  const known = new WeakMap<Source, ScrapeCoordinator>();
  return (source) => {
    let coordinator = known.get(source);
    if (coordinator === undefined) {
      known.set(source, coordinator = new ScrapeCoordinator(source, options));
    }
    return coordinator;
  };
}

/**
 * Returns `read`, with its last result remembered: a scraper sends the same
 * header each time.
 */
function remembered<T>(
  read: (header: string | null) => T,
): (header: string | null) => T {
  let last: { readonly header: string | null; readonly value: T } | undefined;
  return (header) => {
    if (last?.header !== header) last = { header, value: read(header) };
    return last.value;
  };
}
