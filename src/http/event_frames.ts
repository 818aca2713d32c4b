/**
 * Events as the bytes that clients get: made once, whatever their number.
 *
 * - What `redact` takes out of an event no client ever sees; an event for which
 *   it fails is left out whole.
 * - Clients that stand at the same place share even the pieces that many
 *   frames are put together to.
 */
import type { Bus, BusEvent, Gap } from "../bus/mod.ts";
import { type AnyEvent, eventJson, gapJson } from "./event_json.ts";

/** Bytes that are sent and never written again. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Takes out of an event what clients must not see; undefined for all of it. */
export type Redact<M extends object> = (
  event: BusEvent<M>,
) => BusEvent<M> | undefined;

/** An event in both forms; each is made when it is first asked for. */
interface Frame {
  readonly id: number;
  /** undefined: no client may see it. */
  readonly json: string | undefined;
  sse: Bytes | undefined;
}

const encoder = new TextEncoder();
const NOTHING: Bytes = new Uint8Array(0);

/** How many shared pieces are kept. */
const PIECES = 16;

/** The frames of one bus. */
export class EventFrames<M extends object> {
  readonly #bus: Bus<M>;
  readonly #redact: Redact<M> | undefined;
  /** By id, over and over. */
  readonly #frames: (Frame | undefined)[];
  readonly #pieces = new Map<string, Bytes>();

  constructor(bus: Bus<M>, redact: Redact<M> | undefined) {
    this.#bus = bus;
    this.#redact = redact;
    this.#frames = new Array<Frame | undefined>(bus.stats().capacity)
      .fill(undefined);
  }

  /** The JSON of an event or a gap; undefined if no client may see it. */
  json(item: BusEvent<M> | Gap, now: number): string | undefined {
    if (item.gap !== undefined) return gapJson(item, now);
    return this.#frameOf(item).json;
  }

  /** An event or a gap as a frame of an event stream; empty if it is hidden. */
  sse(item: BusEvent<M> | Gap, now: number): Bytes {
    if (item.gap !== undefined) {
      const id = this.#bus.position(item.to);
      return encoder.encode(
        `id: ${id}\nevent: gap\ndata: ${gapJson(item, now)}\n\n`,
      );
    }
    const frame = this.#frameOf(item);
    if (frame.json === undefined) return NOTHING;
    const id = this.#bus.position(item.id);
    return frame.sse ??= encoder.encode(`id: ${id}\ndata: ${frame.json}\n\n`);
  }

  /**
   * Frames as one piece. Those of successive events without a gap are kept for
   * the next client that stands at the same place.
   */
  piece(frames: readonly Bytes[], ids: string | undefined): Bytes {
    if (frames.length === 1) return frames[0]!;
    const known = ids === undefined ? undefined : this.#pieces.get(ids);
    if (known !== undefined) return known;
    const length = frames.reduce((sum, frame) => sum + frame.length, 0);
    const piece = new Uint8Array(length);
    let at = 0;
    for (const frame of frames) {
      piece.set(frame, at);
      at += frame.length;
    }
    if (ids !== undefined) this.#keep(ids, piece);
    return piece;
  }

  #keep(ids: string, piece: Bytes): void {
    if (this.#pieces.size === PIECES) {
      const [oldest] = this.#pieces.keys();
      this.#pieces.delete(oldest!);
    }
    this.#pieces.set(ids, piece);
  }

  #frameOf(event: BusEvent<M>): Frame {
    const slot = event.id % this.#frames.length;
    const known = this.#frames[slot];
    if (known?.id === event.id) return known;
    return this.#frames[slot] = {
      id: event.id,
      json: this.#jsonOf(event),
      sse: undefined,
    };
  }

  #jsonOf(event: BusEvent<M>): string | undefined {
    // Ids and topics are the feed's, whatever became of the rest.
    const { id, topic } = event;
    try {
      const seen: unknown = this.#redact === undefined
        ? event
        : this.#redact(event);
      // What answers later is none, and must not end the process by failing.
      if (seen instanceof Promise) return void seen.catch(() => {});
      if (typeof seen !== "object" || seen === null) return undefined;
      return eventJson({ ...seen, id, topic } as unknown as AnyEvent);
    } catch {
      return undefined; // rather nothing than a secret
    }
  }
}
