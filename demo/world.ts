/**
 * The world of the demo: its time, its services, and what goes wrong in it.
 *
 * In the past, services call one another directly; later they use the network.
 */
import { DemoTime } from "./time.ts";
import { randomOf } from "./random.ts";

/** Seconds after which the same goes wrong again. */
const CYCLE = 1200;

/** Seconds of a cycle in which payments fail, and in which the search is slow. */
const PAYMENTS_FAIL = [300, 960] as const;
const SEARCH_IS_SLOW = [480, 900] as const;

/** The second of the cycle in which the past ends: both go wrong. */
const SECOND_OF_NOW = 640;

/** A handler of a service. */
type Handler = (request: Request) => Response | Promise<Response>;

/** The services and the time of one run. */
export class World {
  readonly time: DemoTime;
  readonly random: () => number;
  readonly #handlers = new Map<string, Handler>();
  readonly #start: number;

  /** Begins `past` seconds ago. */
  constructor(past: number) {
    this.time = new DemoTime(past);
    this.random = randomOf(1);
    this.#start = this.time.mono() + past - (past > 0 ? SECOND_OF_NOW : 0);
  }

  /** Whether the payment provider leaves one request in five without answer. */
  get paymentsFail(): boolean {
    return this.#isWithin(PAYMENTS_FAIL);
  }

  /** Whether the index of the search is missing. */
  get searchIsSlow(): boolean {
    return this.#isWithin(SEARCH_IS_SLOW);
  }

  /** Makes `handler` the service at `origin`. */
  serve(origin: string, handler: Handler): void {
    this.#handlers.set(origin, handler);
  }

  /** Calls a service. */
  readonly fetch: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    if (!this.time.isPast) return fetch(request);
    const handler = this.#handlers.get(new URL(request.url).origin)!;
    const { signal } = request;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      Promise.resolve(handler(request)).then(resolve, reject);
    });
  };

  /** Returns a signal that aborts after `seconds`. */
  timeout(seconds: number): AbortSignal {
    const abort = new AbortController();
    this.time.after(seconds, () => {
      const message = `no answer within ${seconds * 1000} ms`;
      abort.abort(new DOMException(message, "TimeoutError"));
    });
    return abort.signal;
  }

  #isWithin([from, to]: readonly [number, number]): boolean {
    const elapsed = this.time.mono() - this.#start;
    const second = elapsed % CYCLE; // negative before the first cycle
    return second >= from && second < to;
  }
}
