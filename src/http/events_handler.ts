/**
 * `/events`: a live feed of a bus, by Server-Sent Events or WebSocket.
 *
 * - A client gets what is kept after the last event that it has seen, then what
 *   comes, each event once; what it was too slow for is told as an exact gap.
 * - Publishing never waits for a client, and no client for another.
 * - Pages of other sites get nothing unless they are allowed to.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds } from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import { type Timer, unref, upgradeWebSocket } from "../platform/internal.ts";
import { type Authorize, refusal } from "./access.ts";
import { EventFrames, type Redact } from "./event_frames.ts";
import { EventSocket } from "./event_socket.ts";
import { EventStream, type FeedClient, type FeedInit } from "./event_stream.ts";
import { areOrigins, corsHeaders, originMay, type Origins } from "./origin.ts";
import { plain } from "./plain.ts";
import { wantedAfter, wantedTopics } from "./since.ts";

/** What can be asked of an events handler. */
export interface EventsHandlerOptions<M extends object> {
  /** Who may read; everybody unless given. */
  readonly authorize?: Authorize;
  /** Which web pages may read; those of the `same` origin unless given. */
  readonly origins?: Origins;
  /**
   * Takes out of an event what clients must not see, such as tokens in paths;
   * undefined hides all of it. Asked once for each event; where it throws, the
   * event is hidden.
   */
  readonly redact?: Redact<M>;
  /** Which topics can be read at all; all unless given. */
  readonly topics?: readonly (keyof M & string)[];
  /** How many live events may wait for a client; all that the bus keeps. */
  readonly buffer?: number;
  /** How many bytes may wait for a client, 65 536 unless given. */
  readonly maxBytes?: number;
  /** How many clients there may be, 1024 unless given; others get 503. */
  readonly maxClients?: number;
  /**
   * Seconds of silence after which a comment is sent, 5 unless given: proxies
   * and runtimes cut silent connections, Bun after 10.
   */
  readonly heartbeat?: number;
  /**
   * Seconds after which a client is let go that reads nothing although
   * something waits for it, 30 unless given.
   */
  readonly patience?: number;
  /** Ends all feeds when it aborts. */
  readonly signal?: AbortSignal;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** Serves feeds; `extra` is what the runtime passes beside the request. */
export interface EventsHandler extends Disposable {
  (request: Request, extra?: unknown): Promise<Response>;
  /** How many clients there are. */
  readonly clients: number;
  /**
   * Ends all feeds, present and future: do so before the server is stopped,
   * which waits for them.
   */
  close(): void;
}

const ALLOW = "GET, HEAD, OPTIONS";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no", // nginx would wait for more
};

/**
 * Serves the events of `bus`.
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
 * Server-Sent Events by default: `id: <epoch>:<id>`, `data:` with one JSON
 * object; a gap has the event name `gap`. Where the request asks for an
 * upgrade, a WebSocket: one JSON object a text frame. On Bun pass the server,
 * `events(request, server)`, and give it `websocket: eventSockets`; what
 * comes back is then undefined, as Bun wants it.
 *
 * `?since=` is an id, or `<epoch>:<id>`; `Last-Event-ID` goes before it.
 * `?topics=a,b` picks topics. Answers 403 to pages of other sites, 405 to other
 * methods, 426 where no WebSocket can be had, 503 beyond `maxClients` and after
 * `close()`.
 *
 * @throws {TypeError | RangeError} At once, if an option is wrong.
 */
export function eventsHandler<M extends object>(
  bus: Bus<M>,
  options: EventsHandlerOptions<M> = {},
): EventsHandler {
  checkArguments(bus, options);
  const feeds = new Feeds(bus, options);
  const handler = (request: Request, extra?: unknown) =>
    feeds.answer(request, extra);
  options.signal?.addEventListener("abort", () => feeds.close(), {
    once: true,
  });
  if (options.signal?.aborted) feeds.close();
  return Object.defineProperties(handler, {
    clients: { get: () => feeds.clients.size },
    close: { value: () => feeds.close() },
    [Symbol.dispose]: { value: () => feeds.close() },
  }) as unknown as EventsHandler;
}

/** The clients of one handler. */
class Feeds<M extends object> {
  readonly clients = new Set<FeedClient>();
  readonly #bus: Bus<M>;
  readonly #options: EventsHandlerOptions<M>;
  readonly #frames: EventFrames<M>;
  readonly #clock: Clock;
  /** How many heartbeats each client has let pass without reading. */
  readonly #idle = new Map<FeedClient, number>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(bus: Bus<M>, options: EventsHandlerOptions<M>) {
    this.#bus = bus;
    this.#options = options;
    this.#frames = new EventFrames(bus, options.redact);
    this.#clock = options.clock ?? systemClock;
  }

  async answer(request: Request, extra: unknown): Promise<Response> {
    const { method, headers } = request;
    const { authorize, origins = "same", maxClients = 1024 } = this.#options;
    if (!originMay(request, origins)) {
      return plain(403, "this origin may not read", { vary: "Origin" });
    }
    const refused = await refusal(request, authorize);
    if (refused !== undefined) return refused;
    if (method === "OPTIONS") {
      const allow = { allow: ALLOW, ...corsHeaders(request) };
      return new Response(null, { status: 204, headers: allow });
    }
    if (method !== "GET" && method !== "HEAD") {
      return plain(405, `use one of ${ALLOW}`, { allow: ALLOW });
    }
    if (this.#closed || this.clients.size >= maxClients) {
      const why = this.#closed ? "the feed has ended" : "too many clients";
      return plain(503, why, { "retry-after": "5" });
    }
    if (headers.get("upgrade")?.toLowerCase() === "websocket") {
      return this.#socket(request, extra);
    }
    const answer = { ...HEADERS, ...corsHeaders(request) };
    if (method === "HEAD") return new Response(null, { headers: answer });
    const stream = new EventStream(this.#init(request));
    this.#add(stream);
    return new Response(stream.body, { headers: answer });
  }

  close(): void {
    this.#closed = true;
    for (const client of [...this.clients]) client.close();
  }

  #socket(request: Request, extra: unknown): Response {
    const { epoch } = this.#bus;
    const socket = new EventSocket(this.#init(request), epoch);
    this.#add(socket);
    try {
      const upgrade = upgradeWebSocket(request, extra, socket);
      if (upgrade.state === "answer") return upgrade.response;
      // Bun has answered itself, and wants to hear nothing.
      if (upgrade.state === "answered") return undefined as never;
    } catch {
      socket.closed();
      return plain(400, "this is no WebSocket handshake");
    }
    socket.closed();
    const advice = "no WebSocket here: call events(request, server), and " +
      "give the server websocket: eventSockets";
    return plain(426, advice, { upgrade: "websocket" });
  }

  #init(request: Request): FeedInit<M> {
    const { headers, url } = request;
    const { buffer = this.#bus.stats().capacity } = this.#options;
    const query = queryOf(url);
    const topics = this.#topics(wantedTopics(query.get("topics")));
    const subscription = this.#bus.subscribe({
      after: wantedAfter(
        headers.get("last-event-id"),
        query.get("since"),
        this.#bus.newest,
      ),
      buffer,
      ...(topics === undefined ? {} : { topics }),
    });
    return {
      subscription,
      frames: this.#frames,
      whole: topics === undefined,
      maxBytes: this.#options.maxBytes ?? 65_536,
      now: () => this.#clock.unix(),
      ended: (client) => this.#remove(client),
    };
  }

  #topics(
    wanted: readonly string[] | undefined,
  ): readonly (keyof M & string)[] | undefined {
    const { topics } = this.#options;
    if (wanted === undefined) return topics;
    const known = wanted as readonly (keyof M & string)[];
    return topics === undefined
      ? known
      : known.filter((topic) => topics.includes(topic));
  }

  #add(client: FeedClient): void {
    this.clients.add(client);
    const { heartbeat = 5 } = this.#options;
    this.#timer ??= unref(setInterval(() => this.#beat(), heartbeat * 1000));
  }

  #remove(client: FeedClient): void {
    this.clients.delete(client);
    this.#idle.delete(client);
    if (this.clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    const { heartbeat = 5, patience = 30 } = this.#options;
    for (const client of [...this.clients]) {
      const idle = client.beat() ? (this.#idle.get(client) ?? 0) + 1 : 0;
      this.#idle.set(client, idle);
      // So many looks are one span less, and before the first one is none.
      if ((idle - 1) * heartbeat >= patience) client.drop();
    }
  }
}

function queryOf(url: string): URLSearchParams {
  const from = url.indexOf("?");
  return new URLSearchParams(from < 0 ? "" : url.slice(from + 1, from + 4096));
}

const KINDS: Kinds<EventsHandlerOptions<never>> = {
  authorize: [["function"], "a function, such as (request) => true"],
  origins: [
    ["string", "object", "function"],
    '"same", "any" or a list, such as ["https://status.example"]',
  ],
  redact: [["function"], "a function, such as (event) => event"],
  topics: [["object"], 'a list, such as ["joined"]'],
  buffer: [["number"], "a whole number from 1 on, such as 128"],
  maxBytes: [["number"], "a whole number from 1 on, such as 65536"],
  maxClients: [["number"], "a whole number from 1 on, such as 1024"],
  heartbeat: [["number"], "seconds, such as 5"],
  patience: [["number"], "seconds, such as 30"],
  signal: [["object"], "an AbortSignal"],
  clock: [["object"], "an object with unix() and mono()"],
};

function checkArguments<M extends object>(
  bus: Bus<M>,
  options: EventsHandlerOptions<M>,
): void {
  if (typeof (bus as Partial<Bus<M>> | null)?.subscribe !== "function") {
    throw new TypeError(
      "Cannot serve events: the first argument must be a bus; " +
        "try eventsHandler(createBus())",
    );
  }
  checkOptions("Cannot serve events", options, KINDS as never);
  for (const name of ["buffer", "maxBytes", "maxClients"] as const) {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && value > 0)) continue;
    refuse(name, value);
  }
  for (const name of ["heartbeat", "patience"] as const) {
    const value = options[name];
    if (value === undefined || (value > 0 && value < 1e6)) continue;
    refuse(name, value);
  }
  const { origins = "same", topics = [], signal } = options;
  if (!areOrigins(origins)) refuse("origins", JSON.stringify(origins));
  if (!Array.isArray(topics) || topics.some((one) => typeof one !== "string")) {
    refuse("topics", JSON.stringify(topics));
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    refuse("signal", "another object");
  }
}

function refuse(
  name: keyof EventsHandlerOptions<never>,
  value: number | string,
): never {
  throw new RangeError(
    `Cannot serve events: ${name} is ${value}; give ${KINDS[name]![1]}`,
  );
}
