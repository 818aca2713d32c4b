/**
 * Spans that wait to be sent by one of the next requests.
 *
 * - A flush is one request to the collector. Where it fails for a time, its spans
 *   wait for a later flush.
 * - The runtime may end a flush together with the event that has started it. Then
 *   its spans count as lost, and the next flush begins once it would be over.
 * - No timer runs outside of a flush.
 */
import type { Clock, Timers } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";
import type { ExporterStats } from "../push/mod.ts";
import type { SendOutcome } from "../push/internal.ts";
import type { SpanRecord } from "../trace/mod.ts";

/** Options of a queue, all of them required. All times are seconds. */
export interface SpanQueueOptions {
  /** Sends spans once; must stop when `signal` aborts. */
  readonly send: (
    spans: readonly SpanRecord[],
    signal: AbortSignal,
  ) => Promise<SendOutcome>;
  /** Called for each request that failed. */
  readonly onError: (error: Error) => void;
  /** Maximum number of waiting spans; beyond it the oldest are lost. */
  readonly capacity: number;
  /** Maximum duration of a request. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Seconds after `timeout` at which a request without an end is given up. */
const SLACK = 1;

/** A request in progress. */
interface Sending {
  readonly spans: readonly SpanRecord[];
  /** The time, of the clock `mono`, at which it is given up. */
  readonly until: number;
}

/** Queues spans, and sends them on demand. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  #waiting: SpanRecord[] = [];
  #sending: Sending | undefined;
  /** Maximum number of spans in a request: less after a body was too large. */
  #size: number;
  /** The time, of the clock `mono`, until which the collector wants no request. */
  #pausedUntil = -Infinity;
  #exported = 0;
  #lost = 0;
  #rejected = 0;
  #retries = 0;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
    this.#size = options.capacity;
  }

  /** Adds a span. */
  readonly add = (span: SpanRecord): void => {
    this.#waiting.push(span);
    this.#trim();
  };

  /** Returns the current counts. */
  stats(): ExporterStats {
    return {
      queued: this.#waiting.length + (this.#sending?.spans.length ?? 0),
      exported: this.#exported,
      lost: this.#lost,
      rejected: this.#rejected,
      retries: this.#retries,
    };
  }

  /** Returns whether no span waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Sends waiting spans by one request; none while another one is in progress or
   * the collector wants a pause.
   */
  async flush(): Promise<void> {
    const { clock, timeout } = this.#options;
    const now = clock.mono();
    const busyUntil = this.#sending?.until ?? -Infinity;
    if (this.isEmpty || now < this.#pausedUntil || now < busyUntil) return;
    this.#lost += this.#sending?.spans.length ?? 0;
    const spans = this.#waiting.splice(0, this.#size);
    const sending = this.#sending = { spans, until: now + timeout + SLACK };
    const outcome = await this.#send(spans);
    if (this.#sending !== sending) return; // counted as lost meanwhile
    this.#sending = undefined;
    this.#finish(spans, outcome);
  }

  async #send(spans: readonly SpanRecord[]): Promise<SendOutcome> {
    const { send, timeout, timers } = this.#options;
    const request = new AbortController();
    const cancel = timers.after(timeout, () => {
      const reason = "the collector is too slow";
      request.abort(new DOMException(reason, "TimeoutError"));
    });
    try {
      return await send(spans, request.signal);
    } catch (error) {
      // As a whole, the spans cannot be encoded.
      return { state: "tooLarge", error: error as Error };
    } finally {
      cancel();
    }
  }

  #finish(spans: readonly SpanRecord[], outcome: SendOutcome): void {
    const { length } = spans;
    const { capacity, clock, onError } = this.#options;
    if (outcome.state === "retry") {
      this.#retries++;
      this.#pausedUntil = clock.mono() + (outcome.after ?? 0);
      this.#putBack(spans);
    } else if (outcome.state === "tooLarge" && length > 1) {
      this.#size = Math.ceil(length / 2);
      this.#putBack(spans);
      return;
    } else {
      const rejected = outcome.state === "accepted" ? outcome.rejected : length;
      this.#rejected += Math.min(rejected, length);
      this.#exported += length - Math.min(rejected, length);
      this.#size = Math.min(capacity, this.#size * 2);
    }
    if (outcome.error !== undefined) callSafely(onError, outcome.error);
  }

  #putBack(spans: readonly SpanRecord[]): void {
    this.#waiting = [...spans, ...this.#waiting];
    this.#trim();
  }

  #trim(): void {
    const excess = this.#waiting.length - this.#options.capacity;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#lost += excess;
  }
}
