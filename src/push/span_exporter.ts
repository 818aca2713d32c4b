/**
 * Spans to an OTLP collector, over HTTP, as JSON or protobuf.
 *
 * - Handing a span over is O(1), never waits and never fails; a collector that
 *   cannot be reached delays nothing.
 * - Spans wait in a ring. The cursor in it moves when a collector has taken
 *   them, or has refused them for good; what the ring has to give up meanwhile
 *   is counted.
 * - One request at a time. No timer keeps the process alive.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { Ring } from "../base/internal.ts";
import type { Attributes, SpanRecord } from "../trace/mod.ts";
import { tracesUrl } from "./endpoint.ts";
import {
  checkArguments,
  type ExporterStats,
  headersOf,
  type SpanExporter,
  type SpanExporterOptions,
} from "./exporter_options.ts";
import type { Encoding } from "./otlp.ts";
import { otlpJson } from "./otlp_json.ts";
import { otlpProto } from "./otlp_proto.ts";
import { type Outcome, platformFetch, post } from "./post.ts";
import { byTimer, type Schedule } from "./schedule.ts";

const FIRST_WAIT = 1;
const MOST_WAIT = 30;

/**
 * Makes an exporter.
 *
 * ```ts
 * import { spanExporter } from "@barograph/barograph/push";
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const exporter = spanExporter({
 *   endpoint: "http://localhost:4318",
 *   resource: { "service.name": "shop" },
 * });
 * const tracer = createTracer({ name: "shop" });
 * tracer.onEnd(exporter.export);
 * // … and at the end of the program:
 * await exporter.shutdown(1);
 * ```
 *
 * @throws {TypeError | RangeError} At once, if an option is wrong.
 */
export function spanExporter(options: SpanExporterOptions): SpanExporter {
  checkArguments(options);
  return new RingExporter(options);
}

/** Somebody who waits until the cursor has come to an id. */
interface Waiter {
  readonly target: number;
  /** How many spans were lost when it began. */
  readonly lost: number;
  readonly reached: (all: boolean) => void;
}

class RingExporter implements SpanExporter {
  readonly #url: string;
  readonly #encoding: Encoding;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #resource: Attributes;
  readonly #options: SpanExporterOptions;
  readonly #ring: Ring<SpanRecord>;
  readonly #batch: number;
  readonly #interval: number;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  /** Up to here all spans are off our hands. */
  #cursor = 0;
  /** How many after it a request is telling of. */
  #sending = 0;
  #exported = 0;
  #lost = 0;
  #rejected = 0;
  #retries = 0;
  /** Failed requests in a row. */
  #failures = 0;
  #working = false;
  /** Whether a full batch waits to be written at once. */
  #hurried = false;
  /** Calls off what is waited for, if anything is. */
  #callOff: (() => void) | undefined;
  #waiters: Waiter[] = [];
  #shutdown: Promise<boolean> | undefined;

  constructor(options: SpanExporterOptions) {
    const { protocol = "protobuf", resource = {} } = options;
    const { capacity = 4096, batch = 512 } = options;
    this.#options = options;
    this.#url = tracesUrl(options.endpoint);
    this.#encoding = protocol === "json" ? otlpJson : otlpProto;
    this.#headers = headersOf(options, this.#encoding.contentType);
    this.#resource = {
      "service.name": "unknown_service",
      "telemetry.sdk.name": "barograph",
      "telemetry.sdk.language": "javascript",
      ...resource,
    };
    this.#ring = new Ring(capacity);
    // A full batch is sent at once. So is half a ring, or it would run over.
    this.#batch = Math.min(batch, Math.ceil(capacity / 2));
    this.#interval = options.interval ?? 5;
    this.#schedule = options.schedule ?? byTimer;
    this.#clock = options.clock ?? systemClock;
  }

  readonly export = (record: SpanRecord): void => {
    if (this.#stop.signal.aborted) {
      this.#lost++;
      return;
    }
    this.#ring.push(record);
    if (this.#working) return;
    if (this.#callOff === undefined) this.#later(this.#interval);
    if (this.#hurried || this.#queued() < this.#batch) return;
    if (this.#failures > 0) return; // a collector that is down is not stormed
    this.#hurried = true;
    this.#callOff?.();
    this.#later(0); // writing a batch is not the work of who hands it over
  };

  flush(signal?: AbortSignal): Promise<boolean> {
    const target = this.#ring.newest;
    if (this.#cursor >= target) return Promise.resolve(true);
    if (signal?.aborted || this.#stop.signal.aborted) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const giveUp = () => reached(false);
      const reached = (all: boolean): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        signal?.removeEventListener("abort", giveUp);
        resolve(all);
      };
      const lost = this.#lost + this.#lapped();
      const waiter: Waiter = { target, lost, reached };
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#start(); // also when it waits to try again
    });
  }

  shutdown(seconds = 5): Promise<boolean> {
    return this.#shutdown ??= this.#end(seconds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  stats(): ExporterStats {
    return {
      queued: this.#queued(),
      exported: this.#exported,
      lost: this.#lost + this.#lapped(),
      rejected: this.#rejected,
      retries: this.#retries,
    };
  }

  async #end(seconds: number): Promise<boolean> {
    const deadline = new AbortController();
    const callOff = this.#schedule(seconds, () => deadline.abort(), true);
    const all = await this.flush(deadline.signal);
    callOff();
    this.#lost += this.#ring.newest - this.#cursor;
    this.#cursor = this.#ring.newest;
    this.#sending = 0;
    this.#callOff?.();
    this.#stop.abort(new DOMException("the exporter is shut down"));
    for (const { reached } of this.#waiters) reached(false);
    return all;
  }

  #queued(): number {
    return this.#ring.newest - this.#cursor - this.#lapped();
  }

  /**
   * How many spans after the cursor the ring has given up. Those of a request
   * are not, as long as it is under way: what is lost is not found again.
   */
  #lapped(): number {
    return Math.max(0, this.#ring.oldest - 1 - this.#cursor - this.#sending);
  }

  #later(seconds: number): void {
    const holds = this.#waiters.length > 0;
    const callOff = this.#schedule(seconds, () => {
      this.#callOff = undefined;
      this.#start();
    }, holds);
    this.#callOff = () => {
      this.#callOff = undefined;
      callOff();
    };
  }

  #start(): void {
    if (this.#working) return;
    this.#callOff?.();
    this.#hurried = false;
    this.#working = true;
    void this.#work();
  }

  /** Exports until there is little left, or it is time to wait. */
  async #work(): Promise<void> {
    try {
      do {
        const spans = this.#read();
        if (spans.length === 0) return;
        this.#sending = spans.length;
        const outcome = await this.#send(spans);
        if (this.#stop.signal.aborted) return;
        this.#sending = 0;
        if (outcome.state === "retry") return this.#again(outcome);
        this.#settle(spans, outcome);
      } while (this.#queued() >= this.#batch || this.#waiters.length > 0);
      if (this.#queued() > 0) this.#later(this.#interval);
    } finally {
      this.#working = false;
    }
  }

  /** The spans after the cursor; what is no longer there is lost. */
  #read(): SpanRecord[] {
    const lapped = this.#lapped();
    this.#lost += lapped;
    this.#moveTo(this.#cursor + lapped);
    const spans: SpanRecord[] = [];
    while (spans.length < this.#batch) {
      const span = this.#ring.get(this.#cursor + spans.length + 1);
      if (span === undefined) break;
      spans.push(span);
    }
    return spans;
  }

  async #send(spans: readonly SpanRecord[]): Promise<Outcome> {
    const { fetch = platformFetch, timeout = 10, compress = true } =
      this.#options;
    const late = new AbortController();
    const callOff = this.#schedule(timeout, () => {
      late.abort(new DOMException("the collector is too slow", "TimeoutError"));
    }, false);
    try {
      const request = {
        url: this.#url,
        headers: this.#headers,
        body: this.#encoding.encode(spans, this.#resource),
        compress,
        signal: AbortSignal.any([late.signal, this.#stop.signal]),
      };
      return await post(fetch, request, this.#clock);
    } catch (error) {
      return { state: "refused", error: error as Error }; // not to be written
    } finally {
      callOff();
    }
  }

  #settle(
    spans: readonly SpanRecord[],
    outcome: Exclude<Outcome, { state: "retry" }>,
  ): void {
    const isRefused = outcome.state === "refused";
    const rejected = isRefused
      ? spans.length
      : Math.min(this.#encoding.rejectedIn(outcome.answer), spans.length);
    this.#failures = 0;
    this.#rejected += rejected;
    this.#exported += spans.length - rejected;
    this.#moveTo(this.#cursor + spans.length);
    if (isRefused) this.#tell(outcome.error);
    else if (rejected > 0) {
      this.#tell(new Error(`the collector has rejected ${rejected} spans`));
    }
  }

  #moveTo(cursor: number): void {
    this.#cursor = cursor;
    for (const { target, lost, reached } of this.#waiters) {
      if (cursor >= target) reached(this.#lost === lost);
    }
  }

  #again({ after, error }: Extract<Outcome, { state: "retry" }>): void {
    const { random = Math.random } = this.#options;
    this.#retries++;
    this.#tell(error);
    const most = Math.min(MOST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    // Full jitter: collectors that come back are not stormed by all at once.
    this.#later(Math.max(after ?? 0, most * random()));
  }

  #tell(error: Error): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // Who listens cannot stop the export.
    }
  }
}
