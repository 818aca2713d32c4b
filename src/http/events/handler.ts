/**
 * `/events`: a live feed of a bus, by Server-Sent Events or WebSocket.
 *
 * - A client gets the buffered events after its last one, then new events, each
 *   exactly once. A client that misses events gets the exact gap.
 * - Publishing never waits for a client, and no client waits for another.
 * - Web pages of other origins are refused, except for those that `origins`
 *   allows.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  type OptionRule,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
  seconds,
  TIMERS,
  wholeNumber,
} from "../../base/internal.ts";
import type { Bus } from "../../bus/mod.ts";
import { isRequestBound, upgradeWebSocket } from "../../platform/internal.ts";
import {
  type Authorize,
  methodResponse,
  refusal,
  textResponse,
} from "../guard.ts";
import { hostRefusal, HOSTS, type Hosts } from "../hosts.ts";
import {
  areOrigins,
  corsHeaders,
  isOriginAllowed,
  type Origins,
  preflightResponse,
  withCors,
} from "../origins.ts";
import { queryOf } from "../request_url.ts";
import { BusReader, type FeedInit } from "./bus_reader.ts";
import { FeedClients } from "./feed_clients.ts";
import { EventFrames, type Redact } from "./frames.ts";
import { resumeAfter, selectedTopics } from "./resume_position.ts";
import { SseClient, STREAM_HEADERS } from "./sse_client.ts";
import { WebSocketClient } from "./websocket_client.ts";

/** Options of `eventsHandler`. */
export interface EventsHandlerOptions<M extends object> {
  /** Decides who may read. Default: everyone. */
  readonly authorize?: Authorize | undefined;
  /**
   * The origins whose web pages may read. Those of a list or a function may also
   * send tokens and cookies. Default: `same`.
   */
  readonly origins?: Origins | undefined;
  /**
   * The names by which clients may address the endpoint; others get 403. Set it
   * if the server is bound to a loopback address and anyone may read: see
   * `Hosts`. Default: any.
   */
  readonly hosts?: Hosts | undefined;
  /**
   * Removes from an event what clients must not see, such as tokens in paths;
   * returns undefined to hide the event. Called once for each event; if it
   * throws, the event is hidden. Default: removes nothing.
   */
  readonly redact?: Redact<M> | undefined;
  /** Topics that clients can read. Default: all. */
  readonly topics?: readonly (keyof M & string)[] | undefined;
  /**
   * The maximum number of live events that wait for one client. Default: the
   * capacity of the bus.
   */
  readonly buffer?: number | undefined;
  /**
   * The maximum number of bytes buffered for one client; a single event may
   * exceed it. The JSON of an event is limited to as many characters, but to no
   * fewer than 65 536: a longer event is sent with an `error` instead of its
   * payload, and counted as `oversized`. Default: 65 536.
   */
  readonly maxBytes?: number | undefined;
  /**
   * The maximum number of clients. For a further one, the client that has been
   * stuck for longest is disconnected (see `patience`). If none is stuck, the
   * further one gets 503. Default: 1024.
   */
  readonly maxClients?: number | undefined;
  /**
   * Seconds between two heartbeats. Each sends a comment to the SSE clients that
   * have read everything, because proxies and runtimes close silent connections:
   * Bun after 10 seconds. Default: 5.
   */
  readonly heartbeat?: number | undefined;
  /**
   * Seconds after which a client is disconnected if it reads nothing although
   * bytes are buffered for it. Rounded up to whole heartbeats. Default: 30.
   */
  readonly patience?: number | undefined;
  /**
   * Whether the handler and the bus belong to a Durable Object of Cloudflare.
   * Elsewhere on its runtime, a request cannot wait for the events of others, and
   * the endpoint answers 501. Default: false.
   */
  readonly inDurableObject?: boolean | undefined;
  /** Ends all feeds when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** The clock for the timestamps of gaps. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers for the heartbeat. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

/** An events endpoint. */
export interface EventsHandler extends Disposable {
  /** Answers a request; `extra` is Bun's second argument, its server. */
  (request: Request, extra?: unknown): Promise<Response>;
  /** The number of connected clients. */
  readonly clients: number;
  /** The number of events that were too large to be sent with their payload. */
  readonly oversized: number;
  /**
   * Ends all feeds and refuses new ones. Call it before you stop the server:
   * servers wait for open responses.
   */
  close(): void;
}

const ACTION = "Cannot serve events";

const SCHEMA = {
  authorize: fn<Authorize>("(request) => true"),
  origins: rule<Origins>(
    areOrigins,
    '"same", "any", a function or a list, such as ["https://status.example"]',
    "same",
  ),
  hosts: HOSTS,
  redact: fn<Redact<never>>("(event) => event"),
  topics: rule<readonly never[]>(
    (value) =>
      Array.isArray(value) && value.every((topic) => typeof topic === "string"),
    'a list, such as ["joined"]',
  ),
  buffer: { ...wholeNumber(128), fallback: undefined } as OptionRule<
    number | undefined
  >,
  maxBytes: wholeNumber(65_536),
  maxClients: wholeNumber(1024),
  heartbeat: seconds(5),
  patience: seconds(30),
  inDurableObject: flag(false),
  signal: rule<AbortSignal>(
    (value) => value instanceof AbortSignal,
    "an AbortSignal",
  ),
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<EventsHandlerOptions<never>>;

const ALLOW = "GET, HEAD, OPTIONS";

/** The JSON of an event may always have this many characters. */
const MIN_EVENT_CHARACTERS = 65_536;

const NO_FEED =
  "on this runtime, events are served by a Durable Object only: " +
  "call eventsHandler(bus, { inDurableObject: true }) in one";

/** The maximum length of a query; the rest is ignored. */
const MAX_QUERY_CHARACTERS = 4096;

/**
 * Returns an endpoint that serves the events of `bus`.
 *
 * ```ts
 * import { createBus } from "@barograph/barograph/bus";
 * import { eventsHandler } from "@barograph/barograph/http";
 *
 * const bus = createBus<{ joined: { room: string } }>();
 * using events = eventsHandler(bus);
 * bus.publish("joined", { room: "lobby" });
 * const feed = await events(new Request("http://localhost/events?since=0"));
 * console.log(feed.headers.get("content-type"));
 * await feed.body?.cancel();
 * ```
 *
 * It sends Server-Sent Events by default: `id: <epoch>:<id>` and `data:` with
 * one JSON object; a gap has the event name `gap`. If the request asks for an
 * upgrade, it sends one JSON object per WebSocket text frame. On Bun, call
 * `events(request, server)` and pass `websocket: eventSockets` to `Bun.serve`;
 * after an upgrade, the response is undefined, as Bun expects.
 *
 * `?since=` is an id or `<epoch>:<id>`; `Last-Event-ID` takes precedence.
 * `?topics=a,b` selects topics. Status codes: 200 to GET and HEAD, 204 to
 * OPTIONS, 400 to a malformed WebSocket handshake, 403 to web pages of other
 * origins and to other `hosts`, 405 to other methods, 426 where no WebSocket is
 * available, 501 on Cloudflare Workers outside of Durable Objects, 503 beyond
 * `maxClients` and after `close()`, and the refusals of `authorize`.
 *
 * @throws {TypeError | RangeError} If `bus` is not a bus or an option
 *   is wrong.
 */
export function eventsHandler<M extends object>(
  bus: Bus<M>,
  options: EventsHandlerOptions<M> = {},
): EventsHandler {
  if (typeof (bus as Partial<Bus<M>> | null)?.subscribe !== "function") {
    throw new TypeError(
      `${ACTION}: the first argument must be a bus; ` +
        "try eventsHandler(createBus())",
    );
  }
  const read = readOptions(ACTION, SCHEMA, options as object);
  const { signal } = read;
  const feeds = new Feeds(bus, read as FeedOptions<M>);
  const handler = (request: Request, extra?: unknown) =>
    feeds.respond(request, extra);
  signal?.addEventListener("abort", () => feeds.clients.close(), {
    once: true,
  });
  if (signal?.aborted) feeds.clients.close();
  return Object.defineProperties(handler, {
    clients: { get: () => feeds.clients.size },
    oversized: { get: () => feeds.oversized },
    close: { value: () => feeds.clients.close() },
    [Symbol.dispose]: { value: () => feeds.clients.close() },
  }) as unknown as EventsHandler;
}

type FeedOptions<M extends object> =
  & Omit<ReadOptions<typeof SCHEMA>, "redact" | "topics">
  & {
    readonly redact: Redact<M> | undefined;
    readonly topics: readonly (keyof M & string)[] | undefined;
  };

/** The clients of one handler. */
class Feeds<M extends object> {
  readonly clients: FeedClients;
  readonly #bus: Bus<M>;
  readonly #options: FeedOptions<M>;
  readonly #frames: EventFrames<M>;
  constructor(bus: Bus<M>, options: FeedOptions<M>) {
    this.#bus = bus;
    this.#options = options;
    this.clients = new FeedClients(options);
    const maxLength = Math.max(options.maxBytes, MIN_EVENT_CHARACTERS);
    this.#frames = new EventFrames(bus, options.redact, maxLength);
  }

  get oversized(): number {
    return this.#frames.oversized;
  }

  async respond(request: Request, extra: unknown): Promise<Response> {
    const { method, headers } = request;
    const { authorize, hosts, origins, timers } = this.#options;
    const misdirected = hostRefusal(request, hosts ?? "any");
    if (misdirected !== undefined) return misdirected;
    if (!isOriginAllowed(request, origins)) {
      return textResponse(403, "this origin may not read", { vary: "Origin" });
    }
    const cors = corsHeaders(request, origins);
    const early = preflightResponse(request, cors) ??
      withCors(await refusal(request, authorize, timers), cors) ??
      methodResponse(method, ALLOW, cors);
    if (early !== undefined) return early;
    if (isRequestBound() && !this.#options.inDurableObject) {
      return textResponse(501, NO_FEED, cors);
    }
    const { isClosed } = this.clients;
    if (isClosed || !this.clients.makeRoom()) {
      const reason = isClosed ? "the feed has ended" : "too many clients";
      return textResponse(503, reason, { ...cors, "retry-after": "5" });
    }
    if (headers.get("upgrade")?.toLowerCase() === "websocket") {
      return this.#upgrade(request, extra);
    }
    const responseHeaders = { ...STREAM_HEADERS, ...cors };
    if (method === "HEAD") {
      return new Response(null, { headers: responseHeaders });
    }
    const init = this.#initOf(request);
    const client = new SseClient({ ...init, reader: new BusReader(init) });
    this.clients.add(client);
    return new Response(client.body, { headers: responseHeaders });
  }

  #upgrade(request: Request, extra: unknown): Response {
    const client = new WebSocketClient(this.#initOf(request), this.#bus.epoch);
    this.clients.add(client);
    try {
      const { timers } = this.#options;
      const upgrade = upgradeWebSocket(request, extra, client, timers);
      if (upgrade.state === "answer") return upgrade.response;
      // Bun has sent the response itself and expects undefined.
      if (upgrade.state === "answered") return undefined as never;
    } catch {
      client.closed();
      return textResponse(400, "this is not a WebSocket handshake");
    }
    client.closed();
    const advice = "WebSocket is not available: call " +
      "events(request, server), and serve with websocket: eventSockets";
    return textResponse(426, advice, { upgrade: "websocket" });
  }

  #initOf(request: Request): FeedInit<M> {
    const { headers } = request;
    const { buffer, maxBytes, clock } = this.#options;
    const query = new URLSearchParams(
      queryOf(request).slice(0, MAX_QUERY_CHARACTERS),
    );
    const topics = this.#allowed(selectedTopics(query.get("topics")));
    const subscription = this.#bus.subscribe({
      after: resumeAfter(
        headers.get("last-event-id"),
        query.get("since"),
        this.#bus.newest,
      ),
      buffer: buffer ?? this.#bus.stats().capacity,
      ...(topics !== undefined && { topics }),
    });
    return {
      subscription,
      frames: this.#frames,
      isUnfiltered: topics === undefined,
      maxBytes,
      now: () => clock.unix(),
      onEnd: (client) => this.clients.remove(client),
    };
  }

  /** Returns the topics among `selected` that clients may read. */
  #allowed(
    selected: readonly string[] | undefined,
  ): readonly (keyof M & string)[] | undefined {
    const { topics } = this.#options;
    if (selected === undefined) return topics;
    const names = selected as readonly (keyof M & string)[];
    return topics === undefined
      ? names
      : names.filter((topic) => topics.includes(topic));
  }
}
