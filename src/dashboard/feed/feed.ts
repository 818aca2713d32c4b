/**
 * `feed`: everything that changes, as an event stream for each client.
 *
 * - A client is a cursor in the log of frames, and in those of events and traces.
 *   Nothing waits for it, and nothing is queued for it.
 * - A client that is behind gets merged frames, or a gap.
 * - The texts of a frame are written once for all clients.
 */
import { Ring } from "../../base/internal.ts";
import {
  FeedClients,
  SseClient,
  STREAM_HEADERS,
  textResponse,
} from "../../http/internal.ts";
import type { Frame } from "../history/kept_history.ts";
import type { SeriesId } from "../protocol.ts";
import { ClientReader, type FeedLogs } from "./client_reader.ts";
import { FrameTexts } from "./frame_texts.ts";
import type { FeedParts } from "./parts.ts";
import { parsePosition } from "./position.ts";
import { StateText } from "./state_text.ts";
import { parseWant } from "./want.ts";

/** Bytes that are buffered for one client, beside its socket. */
const MAX_BYTES = 65_536;

/** Seconds between two heartbeats: Bun closes silent connections after 10. */
const HEARTBEAT = 5;

/** Seconds after which a client that reads nothing is dropped. */
const PATIENCE = 30;

/** Traces that are kept for clients which resume. */
const MAX_TRACES = 256;

/** Removed series that are kept for clients which are behind. */
const MAX_GONE = 4096;

/** The feed of one mounted page. */
export class Feed implements FeedLogs, Disposable {
  readonly parts: FeedParts;
  readonly findings: StateText;
  readonly health: StateText;
  readonly traces: Ring<string> = new Ring<string>(MAX_TRACES);
  newest: FrameTexts | undefined;
  namesSeq = 0;
  readonly #clients: FeedClients;
  readonly #readers = new Set<ClientReader>();
  /** Removed series, the last ones at the end. */
  #gone: { readonly seq: number; readonly id: SeriesId }[] = [];
  /** Number of the newest frame when the feed was made. */
  readonly #begin: number;
  readonly #following: Disposable;
  /** Parts that run while a page is open. */
  #looking: readonly Disposable[] = [];

  constructor(parts: FeedParts) {
    this.parts = parts;
    const { findings, health, history, maxFeeds, timers } = parts;
    this.#clients = new FeedClients({
      maxClients: maxFeeds,
      heartbeat: HEARTBEAT,
      patience: PATIENCE,
      timers,
    });
    this.findings = new StateText("findings", findings, this.#wake);
    this.health = new StateText("health", health, this.#wake);
    this.#begin = history.seq;
    this.#following = history.follow((frame) => this.#follow(frame));
  }

  /** Number of open feeds. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Answers a request that may read. */
  respond(query: URLSearchParams, { method }: Request): Response {
    const { isClosed } = this.#clients;
    if (isClosed || !this.#clients.makeRoom()) {
      const reason = isClosed
        ? "the feed has ended"
        : "too many feeds are open: close a tab with this page, or raise maxFeeds";
      return textResponse(503, reason, { "retry-after": "5" });
    }
    if (method === "HEAD") return new Response(null, { headers: HEADERS });
    const { epoch } = this.parts.history;
    const want = parseWant(query.get("want"));
    const after = parsePosition(query.get("after"), epoch);
    const reader = new ClientReader(this, want, after);
    const client = new SseClient({
      reader,
      maxBytes: MAX_BYTES,
      onEnd: (client) => {
        this.#readers.delete(reader);
        this.#clients.remove(client);
        this.#watch();
      },
    });
    this.#readers.add(reader);
    this.#clients.add(client);
    this.#watch();
    return new Response(client.body, { headers: HEADERS });
  }

  gone(from: number, to: number): SeriesId[] {
    return this.#gone.filter(({ seq }) => seq > from && seq <= to)
      .map(({ id }) => id);
  }

  /** Ends all feeds, and refuses new ones. */
  close(): void {
    this.#clients.close();
  }

  [Symbol.dispose](): void {
    this.close();
    this.#following[Symbol.dispose]();
  }

  /** Starts or stops what only readers need. */
  #watch(): void {
    const isRead = this.#readers.size > 0;
    this.findings.follow(isRead);
    this.health.follow(
      [...this.#readers].some(({ want }) => want.health),
    );
    if (isRead === this.#looking.length > 0) return;
    for (const part of this.#looking) part[Symbol.dispose]();
    this.#looking = [];
    if (!isRead) return;
    const { history, traces } = this.parts;
    const following = traces?.((summary) => {
      this.traces.push(JSON.stringify(summary));
      this.#wake();
    });
    this.#looking = [
      history.look(),
      ...following === undefined ? [] : [following],
    ];
  }

  #follow(frame: Frame): void {
    const { names, gone, seq } = frame;
    if (names.f.length + names.s.length + gone.length > 0) this.namesSeq = seq;
    for (const id of gone) this.#gone.push({ seq, id });
    if (this.#gone.length > MAX_GONE) this.#gone = this.#gone.slice(-MAX_GONE);
    this.newest = new FrameTexts(frame, this.newest?.frame.seq ?? this.#begin);
    this.#wake();
  }

  readonly #wake = (): void => {
    for (const reader of this.#readers) reader.wake();
  };
}

const HEADERS = { ...STREAM_HEADERS, "x-content-type-options": "nosniff" };
