/**
 * `/v1/metrics`: a plain `(Request) => Promise<Response>` that receives metrics
 * over OTLP, and exposes them through a registry.
 *
 * - The answers are those of the protocol: a request that cannot be read is
 *   refused whole, a point that cannot be taken alone.
 * - No bytes of a client make it throw or answer 5xx, except for 503 with
 *   `Retry-After` when too many requests are in progress.
 * - Nothing is written before the whole request is read.
 */
import { pathOf, readOptions } from "../base/internal.ts";
import type { Handler } from "../http/mod.ts";
import { hostRefusal, refusal, urlOf } from "../http/internal.ts";
import type { BareRegistry } from "../metrics/mod.ts";
import { scopeIn } from "../metrics/internal.ts";
import type { FamilyDesc } from "../model/mod.ts";
import { accepted, type Encoding, encodingOf, refused } from "./answers.ts";
import { type Body, readBody } from "./body.ts";
import { ingest } from "./ingest.ts";
import { type OtlpReceiverOptions, RECEIVER } from "./options.ts";
import { ReceivedSource } from "./received_source.ts";
import { ReceiverMetrics } from "./self_metrics.ts";
import { SeriesStore } from "./series_store.ts";
import { decodeJson, decodeProto } from "./wire/decode.ts";
import { MalformedError } from "./wire/reader.ts";

/** Numbers about a receiver. */
export interface ReceiverStats {
  /** Senders whose series are kept. */
  readonly senders: number;
  /** Families that are kept, including `target_info`. */
  readonly families: number;
  /** Series that are kept, without those of `target_info`. */
  readonly series: number;
  /** Data points that were accepted since the start. */
  readonly accepted: number;
  /** Data points that were rejected since the start. */
  readonly rejected: number;
}

/** An endpoint that receives metrics; see `otlpReceiver`. */
export interface OtlpReceiver extends Handler, Disposable {
  /** Returns how much was received and is kept. */
  stats(): ReceiverStats;
  /** Removes all received series from the registry; further requests get 503. */
  [Symbol.dispose](): void;
}

const ACTION = "Cannot receive metrics";

/**
 * Returns an endpoint that receives metrics over OTLP/HTTP, in protobuf or JSON,
 * and exposes them in `registry` as if it had counted them itself.
 *
 * ```ts
 * import { metricsHandler } from "@barograph/barograph/http";
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { otlpReceiver } from "@barograph/barograph/receiver";
 *
 * const registry = createRegistry();
 * const receive = otlpReceiver(registry);
 * const metrics = metricsHandler(registry);
 *
 * export default {
 *   fetch: (request: Request): Promise<Response> =>
 *     request.method === "POST" ? receive(request) : metrics(request),
 * };
 * ```
 *
 * It answers `POST` to every path that ends in `/v1/metrics`. Status codes: 200,
 * with the number of rejected points and the reasons if there are any; 400 to a
 * body that is no request of OTLP; 404 to other paths; 405 to other methods; 408
 * to a body that is late; 413 to one that is too large; 415 to other content
 * types and codings; 503 when too many requests are in progress; 403 to other
 * `hosts`; and the refusals of `authorize`.
 *
 * A second receiver of a registry takes the place of the first one, as after a
 * hot reload. Cost: 5 to 10 µs a point; the event loop is blocked while a
 * request is decoded: about 0.1 s for 4 MiB, and below a second for the worst
 * ones.
 *
 * @throws {TypeError | RangeError} If `registry` is no registry, or an option is
 *   wrong.
 */
export function otlpReceiver(
  registry: BareRegistry,
  options: OtlpReceiverOptions = {},
): OtlpReceiver {
  const read = readOptions(ACTION, RECEIVER, options);
  if (typeof (registry as Partial<BareRegistry> | null)?.add !== "function") {
    throw new TypeError(
      `${ACTION}: the first argument must be a registry; ` +
        "try otlpReceiver(defaultRegistry(), options)",
    );
  }
  const { clock, authorize, hosts, timers, maxInFlight, others } = read;
  const families = scopeIn(registry)?.families;
  const claim = (desc: FamilyDesc): void => {
    for (const above of families?.above() ?? []) above.names.check(desc);
  };
  const now = (): number => clock.mono();
  const store = new SeriesStore(read, claim);
  const metrics = new ReceiverMetrics(store, clock);
  let isOpen = true;
  const added = registry.add(
    new ReceivedSource({
      store,
      metrics,
      exposesMetrics: families?.exposesSelfMetrics ?? true,
      now,
      onDrop: () => isOpen = false,
    }),
  );
  let inFlight = 0;

  async function answer(
    request: Request,
    signal: "metrics" | "traces" | "logs",
    encoding: Encoding,
  ): Promise<Response> {
    const coding = (request.headers.get("content-encoding") ?? "identity")
      .trim().toLowerCase();
    if (coding !== "gzip" && coding !== "identity") {
      return refused(415, encoding, "use Content-Encoding: gzip, or none");
    }
    if (!isOpen) return ended(encoding);
    if (inFlight >= maxInFlight) {
      return unavailable(encoding, "too many requests at once");
    }
    inFlight++;
    let body: Body;
    try {
      body = await readBody(request, coding === "gzip", read);
    } finally {
      inFlight--;
    }
    switch (body.state) {
      case "large": {
        const words = `the body is larger than ${read.maxBytes} bytes; ` +
          "send fewer points at a time";
        return refused(413, encoding, words);
      }
      case "late":
        return refused(408, encoding, `not here within ${read.timeout} s`);
      case "broken":
        return refused(400, encoding, "the body is cut off, or no gzip");
    }
    if (signal !== "metrics") return accepted(encoding, 0, "");
    if (!isOpen) return ended(encoding);
    return take(body.bytes, encoding);
  }

  function take(body: Uint8Array, encoding: Encoding): Response {
    try {
      const decode = encoding === "application/json" ? decodeJson : decodeProto;
      const request = decode(body);
      store.sweep(now());
      const outcome = ingest(store, request, read, now());
      metrics.took(outcome);
      let rejected = 0;
      for (const count of outcome.rejected.values()) rejected += count;
      return accepted(encoding, rejected, outcome.words);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return refused(400, encoding, `not a request of OTLP: ${error.message}`);
    }
  }

  async function receive(request: Request): Promise<Response> {
    const refusedBy = (hosts && hostRefusal(request, hosts)) ??
      (authorize && await refusal(request, authorize, timers));
    if (refusedBy !== undefined) return refusedBy;
    const encoding = encodingOf(request);
    const signal = signalOf(request);
    if (signal === undefined || (signal !== "metrics" && others !== "drop")) {
      return refused(404, encoding, "only metrics are received: /v1/metrics");
    }
    if (request.method !== "POST") {
      return refused(405, encoding, "use POST", { allow: "POST" });
    }
    if (encoding === undefined) {
      const words = "use application/x-protobuf or application/json";
      return refused(415, encoding, words);
    }
    return await answer(request, signal, encoding);
  }

  const handler = async (request: Request): Promise<Response> => {
    const response = await receive(request);
    metrics.answered(response.status);
    return response;
  };
  return Object.assign(handler, {
    stats(): ReceiverStats {
      let rejected = 0;
      for (const count of metrics.rejected.values()) rejected += count;
      return {
        senders: store.senders.size,
        families: store.families.size,
        series: store.size,
        accepted: metrics.points,
        rejected,
      };
    },
    [Symbol.dispose](): void {
      isOpen = false;
      added[Symbol.dispose]();
    },
  });
}

function ended(encoding: Encoding): Response {
  return unavailable(encoding, "it has ended");
}

function unavailable(encoding: Encoding, words: string): Response {
  return refused(503, encoding, words, { "retry-after": "1" });
}

/** Returns the signal that a request has in its path; undefined if none. */
function signalOf(request: Request): "metrics" | "traces" | "logs" | undefined {
  const [, signal] =
    /\/v1\/(metrics|traces|logs)\/?$/.exec(pathOf(urlOf(request))) ?? [];
  return signal as "metrics" | "traces" | "logs" | undefined;
}
