/** Requests that no fetch-style handler answers: those of frameworks. */
import type { Page } from "../http/mod.ts";
import { NODE_REQUEST } from "../platform/internal.ts";
import type { Answer } from "./answer.ts";
import { LEFT_ANSWER } from "./client_left.ts";
import type { InstrumentOptions } from "./handler_options.ts";
import { RequestInFlight, type RequestRecorder } from "./request_in_flight.ts";

/** Options of `observe` and of adapters of frameworks. */
export interface ObserveOptions
  extends Omit<InstrumentOptions, "registry" | "tracer" | "clock"> {
  /** The path of the metrics, or false for none. Default: `/metrics`. */
  readonly metrics?: string | false | undefined;
  /**
   * The path of the events, such as `/events`. Default: none, because events
   * contain request paths; set `authorize` before you serve them.
   */
  readonly events?: string | false | undefined;
  /**
   * The live page, such as `dashboard("/_barograph")` of the module
   * `./dashboard`. Handlers with the same value share one page. Default: none.
   */
  readonly dashboard?: Page | undefined;
}

/** Answers the requests of one path. `server` is the second argument of `fetch`. */
export type Endpoint = (
  request: Request,
  server?: unknown,
) => Answer | Promise<Answer>;

/**
 * Measures and traces the requests of a framework, and knows the endpoints that
 * are mounted beside it.
 */
export interface RequestObserver {
  /** Returns the endpoint that is mounted at the path of `url`, if there is one. */
  endpointAt(url: string): Endpoint | undefined;
  /**
   * Begins a request: counts it as in flight, and starts its span. Returns
   * undefined if the option `ignore` excludes it.
   *
   * `request` is a `Request`, or an object with its `method`, `url`, `headers`
   * and `signal`. `key` is the object that identifies the request. Default:
   * `request`. If the telemetry already observes a request of that key, the
   * result only passes its route on: no request is counted twice.
   */
  begin(request: Request, key?: object): ObservedRequest | undefined;
}

/** A request that is being handled. Only the first call of an end has an effect. */
export interface ObservedRequest {
  /** Runs `work`, and everything that it starts, in the context of the span. */
  run<T>(work: () => T): T;
  /**
   * Ends the request with its answer: a `Response`, or an object with its
   * `status` and `headers`; undefined after an upgrade. `route` is the template
   * that the framework has matched, such as `/users/:id`. Default: the option
   * `route`, or `unknown`. `error` is the error that the framework has turned
   * into a 5xx answer.
   */
  end(answer: Answer, route?: string, error?: unknown): void;
  /** Ends the request with an error, as the status 500. */
  fail(error: unknown, route?: string): void;
  /** Ends a request whose client has left before its answer, as the status 499. */
  left(route?: string): void;
}

/** A source of observers, such as the result of `createTelemetry`. */
export interface Observing {
  /** Returns an observer of requests for an adapter of a framework. */
  observer(options?: ObserveOptions): RequestObserver;
}

/**
 * The requests that one telemetry observes now, by the object that identifies
 * them. That object has the request as a property: entries of a `WeakMap` would
 * cost the garbage collector as much as the rest of an observed request.
 */
export class RequestsInFlight {
  readonly #property = Symbol("barograph.request");
  /** False until an adapter needs it: it costs each request. */
  #isUsed = false;

  /** Remembers requests from now on. */
  remember(): void {
    this.#isUsed = true;
  }

  /** Adds a request. */
  add(key: object, request: RequestInFlight): void {
    if (!this.#isUsed) return;
    try {
      (key as Record<symbol, unknown>)[this.#property] = request;
    } catch {
      // A frozen object: its request is observed, but not found again.
    }
  }

  /**
   * Returns the request in flight with this key, or with the request of
   * `node:http` that it was made of.
   */
  find(key: object): RequestInFlight | undefined {
    if (!this.#isUsed) return undefined;
    const { [NODE_REQUEST]: origin } = key as { [NODE_REQUEST]?: object };
    const found = this.#of(key) ?? (origin && this.#of(origin));
    return found?.hasEnded === false ? found : undefined;
  }

  #of(key: object): RequestInFlight | undefined {
    return (key as Record<symbol, RequestInFlight | undefined>)[this.#property];
  }
}

/** Returns `RequestObserver.begin` of a recorder. */
export function requestBeginner(
  recorder: RequestRecorder,
  inFlight: RequestsInFlight,
): RequestObserver["begin"] {
  inFlight.remember();
  return (request, key = request) => {
    const outer = inFlight.find(key);
    if (outer !== undefined) return new Inner(outer);
    if (recorder.ignores(request)) return undefined;
    const own = new RequestInFlight(recorder, request);
    inFlight.add(key, own);
    return new Outer(own);
  };
}

class Outer implements ObservedRequest {
  readonly #request: RequestInFlight;

  constructor(request: RequestInFlight) {
    this.#request = request;
  }

  run<T>(work: () => T): T {
    return this.#request.within(work);
  }

  end(answer: Answer, route = "", error?: unknown): void {
    this.#request.matched(route);
    this.#request.settled(false, answer, error);
  }

  fail(error: unknown, route = ""): void {
    this.#request.matched(route);
    this.#request.settled(true, error);
  }

  left(route = ""): void {
    this.end(LEFT_ANSWER, route);
  }
}

/** A request that is observed further out, too. */
class Inner implements ObservedRequest {
  readonly #outer: RequestInFlight;

  constructor(outer: RequestInFlight) {
    this.#outer = outer;
  }

  run<T>(work: () => T): T {
    return work();
  }

  end(_answer: Answer, route = "", _error?: unknown): void {
    this.#outer.matched(route);
  }

  fail(_error: unknown, route = ""): void {
    this.#outer.matched(route);
  }

  left(route = ""): void {
    this.#outer.matched(route);
  }
}
