/**
 * One WebSocket client of a feed: one text frame per event.
 *
 * - The first frame also carries the epoch of the bus, so that a client that
 *   reconnects after a restart can name the epoch of its last id.
 * - Messages of the client are dropped; a client that sends much is
 *   disconnected.
 * - At most `maxBytes`, plus one frame, are buffered for the client, in the
 *   runtime.
 */
import {
  MAX_MESSAGE_BYTES,
  type Socket,
  type SocketListener,
} from "../../platform/internal.ts";
import type { FeedInit } from "./bus_reader.ts";
import type { FeedClient } from "./feed_clients.ts";

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

/**
 * The maximum number of messages and control frames from a client between two
 * heartbeats. A client has no reason to send more than a pong.
 */
const MAX_RECEIVED = 100;

/** A client that reads WebSocket frames. */
export class WebSocketClient<M extends object>
  implements FeedClient, SocketListener {
  readonly #init: FeedInit<M>;
  readonly #epoch: string;
  #socket: Socket | undefined;
  #isOpen = true;
  /** Whether the feed waits for the client to read. */
  #isBlocked = false;
  /** The number of bytes that were buffered at the last measurement. */
  #buffered = 0;
  /** Whether the client has read since the last heartbeat. */
  #hasRead = false;
  /** The number of frames from the client since the last heartbeat. */
  #received = 0;

  constructor(init: FeedInit<M>, epoch: string) {
    this.#init = init;
    this.#epoch = epoch;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    if (this.#isOpen) this.#feed(socket).catch(() => this.drop());
    else socket.close(GOING_AWAY, "");
  }

  received(bytes: number): void {
    if (bytes > MAX_MESSAGE_BYTES) {
      const reason = `a message has more than ${MAX_MESSAGE_BYTES} bytes`;
      this.#end(TOO_BIG, reason);
    } else if (++this.#received > MAX_RECEIVED) {
      this.#end(POLICY_VIOLATION, "too many messages");
    }
  }

  closed(): void {
    this.#finish();
  }

  beat(): boolean {
    this.#received = 0;
    const socket = this.#socket;
    // On Bun, a socket never opens if the server lacks `eventSockets`.
    if (socket === undefined) return true;
    this.#measure(socket);
    const isStuck = this.#buffered > 0 && !this.#hasRead;
    this.#hasRead = false;
    return isStuck;
  }

  /** Measures the buffer; if it has shrunk, the client has read. */
  #measure(socket: Socket): void {
    const buffered = socket.buffered();
    if (buffered < this.#buffered) this.#hasRead = true;
    this.#buffered = buffered;
  }

  close(): void {
    this.#init.subscription.cancel(); // #feed ends it after the last event
    if (!this.#isBlocked && this.#socket !== undefined) return;
    this.#end(GOING_AWAY, "the feed has ended");
  }

  drop(): void {
    this.#end(TRY_AGAIN_LATER, "the client does not read");
  }

  async #feed(socket: Socket): Promise<void> {
    const { subscription, frames, maxBytes, now } = this.#init;
    let isFirst = true;
    while (this.#isOpen && await subscription.ready()) {
      const item = subscription.read();
      const text = item && frames.json(item, now());
      if (text === undefined) continue;
      this.#measure(socket);
      socket.send(isFirst ? this.#withEpoch(text) : text);
      isFirst = false;
      this.#buffered = socket.buffered();
      if (this.#buffered < maxBytes) continue;
      this.#isBlocked = true;
      await socket.drained(maxBytes);
      this.#isBlocked = false;
    }
    this.#end(GOING_AWAY, "the feed has ended");
  }

  #withEpoch(text: string): string {
    // Last, because the last of two JSON fields with the same name counts.
    return `${text.slice(0, -1)},"epoch":${JSON.stringify(this.#epoch)}}`;
  }

  #end(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#finish();
    this.#socket?.close(code, reason);
  }

  #finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#init.subscription.cancel();
    this.#init.onEnd(this);
  }
}
