/**
 * One client of a feed by WebSocket: a text frame an event, as it comes.
 *
 * - The first frame also tells the epoch of the bus, so that a client that comes
 *   back after a restart can say which life its ids are of.
 * - At most `maxBytes`, and one frame, wait for it in the runtime.
 */
import type { Socket, SocketListener } from "../platform/internal.ts";
import type { FeedClient, FeedInit } from "./event_stream.ts";

const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

/** A client of a WebSocket feed. */
export class EventSocket<M extends object>
  implements FeedClient, SocketListener {
  readonly #init: FeedInit<M>;
  readonly #epoch: string;
  #socket: Socket | undefined;
  #open = true;
  /** Whether it waits for the client to read. */
  #blocked = false;
  /** Bytes that waited when it was last looked at. */
  #level = 0;
  /** Whether the client has read since the last heartbeat. */
  #hasRead = false;

  constructor(init: FeedInit<M>, epoch: string) {
    this.#init = init;
    this.#epoch = epoch;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    if (this.#open) this.#feed(socket).catch(() => this.drop());
    else socket.close(GOING_AWAY, "");
  }

  closed(): void {
    this.#finish();
  }

  beat(): boolean {
    const socket = this.#socket;
    // It never opens where the server was not given our handlers.
    if (socket === undefined) return true;
    this.#look(socket);
    const isStuck = this.#level > 0 && !this.#hasRead;
    this.#hasRead = false;
    return isStuck;
  }

  /** Less waits than before if the client has read. */
  #look(socket: Socket): void {
    const level = socket.buffered();
    if (level < this.#level) this.#hasRead = true;
    this.#level = level;
  }

  close(): void {
    this.#init.subscription.cancel(); // `#feed` ends it after what was there
    if (!this.#blocked && this.#socket !== undefined) return;
    this.#end(GOING_AWAY, "the feed has ended");
  }

  drop(): void {
    this.#end(TRY_AGAIN_LATER, "the client does not read");
  }

  async #feed(socket: Socket): Promise<void> {
    const { subscription, frames, maxBytes, now } = this.#init;
    let isFirst = true;
    while (this.#open && await subscription.ready()) {
      const item = subscription.read();
      const text = item && frames.json(item, now());
      if (text === undefined) continue;
      this.#look(socket);
      socket.send(isFirst ? this.#withEpoch(text) : text);
      isFirst = false;
      this.#level = socket.buffered();
      if (this.#level < maxBytes) continue;
      this.#blocked = true;
      await socket.drained(maxBytes);
      this.#blocked = false;
    }
    this.#end(GOING_AWAY, "the feed has ended");
  }

  #withEpoch(text: string): string {
    // At the end: of two fields of one name, the last one counts.
    return `${text.slice(0, -1)},"epoch":${JSON.stringify(this.#epoch)}}`;
  }

  #end(code: number, reason: string): void {
    if (!this.#open) return;
    this.#finish();
    this.#socket?.close(code, reason);
  }

  #finish(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#init.subscription.cancel();
    this.#init.ended(this);
  }
}
