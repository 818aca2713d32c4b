/** Observes requests of `node:http`, for the adapters of frameworks on top of it. */
import { callSafely, ownValue } from "../base/internal.ts";
import type {
  Answer,
  ObservedRequest,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "../instrument/mod.ts";
import {
  answerByNode,
  isEncrypted,
  NODE_REQUEST,
  onClosed,
  targetOf,
} from "../platform/internal.ts";
import type { NodeRequest, NodeResponse } from "../platform/mod.ts";
import type { Attributes } from "../trace/mod.ts";

/** The options whose functions receive a request. */
const WITH_REQUEST = [
  "route",
  "ignore",
  "filter",
  "attributes",
  "userId",
] as const satisfies readonly (keyof ObserveOptions)[];

/**
 * `ObserveOptions` whose functions receive the framework's own object of a
 * request, `Own`, instead of a `Request`.
 */
export interface NodeObserveOptions<Own> extends
  Omit<
    ObserveOptions,
    "route" | "ignore" | "filter" | "attributes" | "userId"
  > {
  /**
   * The route template of requests for which the framework has none, or a
   * function that returns it. Default: the label value `unknown`.
   */
  readonly route?: string | ((request: Own) => string | undefined) | undefined;
  /** Returns true for requests to leave out of metrics and spans. */
  readonly ignore?: ((request: Own) => boolean) | undefined;
  /** Selects the requests that get a span. Default: all. */
  readonly filter?: ((request: Own) => boolean) | undefined;
  /** Returns further span attributes; called once per recorded span. */
  readonly attributes?: ((request: Own) => Attributes) | undefined;
  /** Returns the span attribute `user.id`. Default: no user is recorded. */
  readonly userId?: ((request: Own) => string | undefined) | undefined;
}

/** A request as observers read it. */
class RequestView<Own> {
  readonly #request: NodeRequest;
  readonly own: Own;
  readonly url: string;

  constructor(request: NodeRequest, own: Own) {
    this.#request = request;
    this.own = own;
    const target = targetOf(request);
    this.url = isEncrypted(request) ? `https://localhost${target}` : target;
  }

  get method(): string {
    return this.#request.method ?? "";
  }

  /** The request behind the view, for facts about its connection. */
  get [NODE_REQUEST](): NodeRequest {
    return this.#request;
  }

  get headers(): this {
    return this;
  }

  /** Whether the client has left before its request was complete. */
  get hasLeft(): boolean {
    return this.#request.aborted === true;
  }

  /** Returns a header. */
  get(name: string): string | null {
    const value = this.#request.headers[name];
    if (value === undefined) return null;
    return typeof value === "string" ? value : value.join(", ");
  }
}

/** An answer as observers read it. */
class AnswerView {
  readonly #response: NodeResponse;
  /** The arguments of `writeHead`: headers may be given there only. */
  readonly #head: readonly unknown[];
  readonly status: number;

  constructor(response: NodeResponse, head: readonly unknown[]) {
    this.#response = response;
    this.#head = head;
    this.status = response.statusCode;
  }

  get headers(): this {
    return this;
  }

  /** Returns a header; the name is in lower case. */
  get(name: string): string | null {
    const value = headerIn(this.#head.at(-1), name) ??
      this.#response.getHeader(name);
    return value === undefined ? null : String(value);
  }
}

/** Returns a header of an object, or of a list of names and values in turn. */
function headerIn(headers: unknown, name: string): unknown {
  if (typeof headers !== "object" || headers === null) return undefined;
  const list = Array.isArray(headers) ? headers.flat() : undefined;
  const pairs = list === undefined
    ? Object.entries(headers)
    : list.map((value, i) => [value, list[i + 1]]);
  return pairs.find(([key]) => String(key).toLowerCase() === name)?.[1];
}

/**
 * An observed request. It ends when the headers are sent, or when the client
 * leaves before.
 */
class NodeExchange<Own> {
  readonly #observed: ObservedRequest;
  readonly #response: NodeResponse;
  readonly #view: RequestView<Own>;
  readonly #routeOf: (own: Own) => unknown;
  /** The error that the framework answers, if its adapter knows it. */
  error: unknown;

  constructor(
    observed: ObservedRequest,
    response: NodeResponse,
    view: RequestView<Own>,
    routeOf: (own: Own) => unknown,
  ) {
    this.#observed = observed;
    this.#response = response;
    this.#view = view;
    this.#routeOf = routeOf;
  }

  /** Runs `work` in the context of the span. */
  run<T>(work: () => T): T {
    return this.#observed.run(work);
  }

  /** Ends the request when its headers have been sent; `head` has been sent. */
  sent(head: readonly unknown[]): void {
    const answer = new AnswerView(this.#response, head);
    if (answer.status >= 500 && this.#view.hasLeft) return this.#left();
    this.#observed.end(answer as unknown as Answer, this.#route(), this.error);
  }

  /** Ends the request when its connection or its response is closed. */
  closed(): void {
    // Some runtimes send headers that no `writeHead` has announced.
    if (this.#response.headersSent) this.sent([]);
    else this.#left();
  }

  #left(): void {
    this.#observed.left(this.#route());
  }

  #route(): string | undefined {
    const route = callSafely(this.#routeOf, this.#view.own);
    return typeof route === "string" && route !== "" ? route : undefined;
  }
}

const OBSERVED = Symbol("barograph.head");

/** A response whose headers are awaited. */
interface ObservedHead {
  writeHead(...args: unknown[]): unknown;
  [OBSERVED]?: {
    readonly writeHead: ObservedHead["writeHead"];
    /** The inner ones first: the outer ones end with the routes of these. */
    readonly exchanges: Pick<NodeExchange<unknown>, "sent" | "closed">[];
  };
}

/** Calls `exchange.sent` when the headers of `response` have been sent. */
function onHead<Own>(
  response: NodeResponse,
  exchange: NodeExchange<Own>,
): void {
  const head = response as unknown as ObservedHead;
  if (head[OBSERVED] !== undefined) {
    head[OBSERVED].exchanges.unshift(exchange);
    return;
  }
  const { writeHead } = head;
  head[OBSERVED] = { writeHead, exchanges: [exchange] };
  head.writeHead = observedWriteHead;
}

/** Calls `closed` of all exchanges of a response. */
function closeAll(response: NodeResponse): void {
  const { exchanges } = (response as unknown as ObservedHead)[OBSERVED]!;
  for (const exchange of exchanges) exchange.closed();
}

/**
 * Replaces `writeHead`, which Node calls for headers that are sent implicitly,
 * too. One function for all responses: V8 keeps a closure for each, and all that
 * it reaches, until a full collection, at more than the cost of the rest
 * (express_bench).
 */
function observedWriteHead(this: ObservedHead, ...args: unknown[]): unknown {
  const { writeHead, exchanges } = this[OBSERVED]!;
  const result = writeHead.apply(this, args);
  for (const exchange of exchanges) exchange.sent(args);
  return result;
}

/** Observes the requests of one adapter. */
export class NodeObserver<Own> {
  readonly #observer: RequestObserver;
  readonly #routeOf: (own: Own) => unknown;

  /** `routeOf` returns the template of a request that has been answered. */
  constructor(
    telemetry: Observing,
    options: NodeObserveOptions<Own> | undefined,
    routeOf: (own: Own) => unknown,
  ) {
    this.#observer = telemetry.observer(optionsOf(options));
    this.#routeOf = routeOf;
  }

  /** Answers a request for an endpoint; returns undefined for others. */
  serve(
    request: NodeRequest,
    response: NodeResponse,
  ): Promise<void> | undefined {
    const endpoint = this.#observer.endpointAt(targetOf(request));
    return endpoint &&
      answerByNode((request) => endpoint(request), request, response);
  }

  /** Begins a request; returns undefined if the options exclude it. */
  begin(
    request: NodeRequest,
    response: NodeResponse,
    own: Own,
  ): NodeExchange<Own> | undefined {
    const view = new RequestView(request, own);
    const observed = this.#observer.begin(
      view as unknown as Request,
      request,
    );
    if (observed === undefined) return undefined;
    const exchange = new NodeExchange(observed, response, view, this.#routeOf);
    onHead(response, exchange);
    onClosed(request, response, () => closeAll(response));
    return exchange;
  }
}

/** Returns options whose functions receive the view of a request. */
function optionsOf<Own>(
  options: NodeObserveOptions<Own> | undefined,
): ObserveOptions | undefined {
  if (Object(options) !== options || Array.isArray(options)) {
    return options as undefined; // the observer refuses others
  }
  const read: Record<string, unknown> = { ...options };
  for (const name of WITH_REQUEST) {
    const call = ownValue(options!, name);
    if (typeof call !== "function") continue;
    read[name] = (view: unknown) => call((view as RequestView<Own>).own);
  }
  return read;
}
