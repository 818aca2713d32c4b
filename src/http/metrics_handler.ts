/**
 * `/metrics`: a plain `(Request) => Promise<Response>` over a source.
 *
 * - Each reader gets the format and the compression that it asks for.
 * - Scrapes that overlap share their work: one refresh, one body.
 * - A part that throws or is late is left out and counted; the rest is served.
 * - No header that a client can send makes it throw or answer 5xx.
 */
import {
  expose,
  type Format,
  negotiate,
  openMetricsWith,
  prometheusText,
} from "../encode/mod.ts";
import { defaultRegistry } from "../metrics/mod.ts";
import {
  type FailureListener,
  needsRefresh,
  refreshParts,
  type Source,
} from "../model/mod.ts";
import { acceptsGzip } from "./accept_encoding.ts";
import { type Authorize, refusal } from "./access.ts";

/** What can be asked of a metrics handler. */
export interface MetricsHandlerOptions {
  /** Who may scrape; everybody unless given. */
  readonly authorize?: Authorize;
  /**
   * Seconds that asynchronous sources have to answer, 8 unless given: less
   * than the 10 s after which a Prometheus gives up by default.
   */
  readonly timeout?: number;
  /** Whether to compress for clients that accept gzip; true unless given. */
  readonly gzip?: boolean;
  /** Write `_created` samples in OpenMetrics; see `FormatOptions`. */
  readonly created?: boolean;
  /** Told of each part that was left out; a registry counts it as well. */
  readonly onFailure?: FailureListener;
}

/** A handler for any fetch-style server. */
export type Handler = (request: Request) => Promise<Response>;

const ALLOW = "GET, HEAD, OPTIONS";

/** Below this size compression costs more than it saves. */
const LEAST_COMPRESSED = 1024;

/** The longest delay that a timer can have. */
const MOST_SECONDS = 2 ** 31 / 1000 - 1;

/**
 * Serves `source`, the default registry unless given, to scrapers.
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
 * Answers 200 to GET and HEAD, 204 to OPTIONS, 405 to other methods, and what
 * `authorize` says to who is not let in. Where a part fails, a registry counts
 * it and the rest is served; a bare source that fails while nobody listens is
 * answered with 500, because a silent 200 would hide it.
 *
 * @throws {RangeError} At once, if `timeout` is no number of seconds.
 */
export function metricsHandler(
  source: Source = defaultRegistry(),
  options: MetricsHandlerOptions = {},
): Handler {
  const { authorize, timeout = 8, gzip = true, created = false } = options;
  if (!(timeout > 0 && timeout <= MOST_SECONDS)) {
    throw new RangeError(
      `Cannot serve metrics: timeout is ${timeout}; give seconds, such as 8`,
    );
  }
  const scrapes = new Scrapes(source, timeout, options.onFailure);
  const formats = [prometheusText, openMetricsWith({ created })] as const;

  return async (request: Request): Promise<Response> => {
    const { method, headers } = request;
    const refused = await refusal(request, authorize);
    if (refused !== undefined) return refused;
    if (method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { allow: ALLOW } });
    }
    if (method !== "GET" && method !== "HEAD") {
      return new Response(`use one of ${ALLOW}\n`, {
        status: 405,
        headers: { allow: ALLOW },
      });
    }
    const format = negotiate(headers.get("accept"), [...formats]);
    const answer = new Headers({
      "content-type": format.contentType,
      "vary": "Accept, Accept-Encoding",
    });
    if (method === "HEAD") return new Response(null, { headers: answer });
    const squeeze = gzip && acceptsGzip(headers.get("accept-encoding"));
    const { bytes, squeezed, unheard } = await scrapes.body(format, squeeze);
    if (unheard) {
      return new Response("the source failed\n", { status: 500 });
    }
    if (squeezed) answer.set("content-encoding", "gzip");
    answer.set("content-length", String(bytes.length));
    return new Response(bytes, { headers: answer });
  };
}

interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly squeezed: boolean;
  /** Whether a part failed and nobody was there to hear of it. */
  readonly unheard: boolean;
}

/** The scrapes of one handler that are under way. */
class Scrapes {
  readonly #source: Source;
  readonly #timeout: number;
  readonly #onFailure: FailureListener;
  #unheard = false;
  readonly #bodies = new Map<string, Promise<Body>>();
  #refresh: Promise<ReadonlySet<Source>> | undefined;
  #sizeHint = 16_384;

  constructor(
    source: Source,
    timeout: number,
    onFailure: FailureListener | undefined,
  ) {
    this.#source = source;
    this.#timeout = timeout;
    const heard = source.failed !== undefined || onFailure !== undefined;
    this.#onFailure = (part, error) => {
      this.#unheard = !heard;
      try {
        onFailure?.(part, error);
      } catch {
        // The listener is told what failed; it must not fail the scrape.
      }
    };
  }

  /** The body that is being made, or a new one if none is. */
  body(format: Format, squeeze: boolean): Promise<Body> {
    return shared(this.#bodies, `${format.id} ${squeeze}`, async () => {
      this.#unheard = false;
      const except = await this.#refreshed();
      const bytes = expose(this.#source, format, {
        except,
        onFailure: this.#onFailure,
        sizeHint: this.#sizeHint,
      });
      // Room for one more digit on many lines, rather than a second buffer.
      this.#sizeHint = Math.ceil(bytes.length * 1.1) + 1024;
      const worth = squeeze && bytes.length >= LEAST_COMPRESSED;
      const unheard = this.#unheard;
      return worth
        ? { bytes: await gzipped(bytes), squeezed: true, unheard }
        : { bytes, squeezed: false, unheard };
    });
  }

  /** The parts to leave out, once all the others are fresh. */
  #refreshed(): Promise<ReadonlySet<Source>> {
    if (!needsRefresh(this.#source)) return Promise.resolve(new Set());
    return this.#refresh ??= this.#refreshOnce();
  }

  async #refreshOnce(): Promise<ReadonlySet<Source>> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      const reason = `not ready within ${this.#timeout} s`;
      late.abort(new DOMException(reason, "TimeoutError"));
    }, this.#timeout * 1000);
    try {
      return await refreshParts(this.#source, late.signal, this.#onFailure);
    } finally {
      clearTimeout(timer);
      this.#refresh = undefined;
    }
  }
}

/** What is being made under `key`, or what `make` begins to make. */
function shared<T>(
  pending: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = pending.get(key);
  if (known !== undefined) return known;
  const made = make().finally(() => pending.delete(key));
  pending.set(key, made);
  return made;
}

async function gzipped(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const squeezed = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(squeezed).arrayBuffer());
}
