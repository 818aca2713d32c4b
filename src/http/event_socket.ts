/**
 * One client of a feed by WebSocket: a text frame an event, as it comes.
 *
 * - The first frame also tells the epoch of the bus, so that a client that comes
 *   back after a restart can say which life its ids are of.
 * - At most `maxBytes`, and one frame, wait for it in the runtime.
 */
import type { Socket, SocketListener } from "../platform/mod.ts";
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
  /** Whether it did so already at the last heartbeat. */
  #wasBlocked = false;

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
    const waited = this.#blocked && this.#wasBlocked;
    this.#wasBlocked = this.#blocked;
    return waited;
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
      socket.send(isFirst ? this.#withEpoch(text) : text);
      isFirst = false;
      if (socket.buffered() < maxBytes) continue;
      this.#blocked = true;
      await socket.drained(maxBytes);
      this.#blocked = false;
      this.#wasBlocked = false;
    }
    this.#end(GOING_AWAY, "the feed has ended");
  }

  #withEpoch(text: string): string {
    return `{"epoch":${JSON.stringify(this.#epoch)},${text.slice(1)}`;
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
