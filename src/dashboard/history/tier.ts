/**
 * One tier of the log of one family: frames in chunks of bytes.
 *
 * - A chunk begins with a head, from which it can be read without those before:
 *   all levels of gauges, or which series of other families are not there.
 * - Chunks are dropped whole, oldest first.
 */
import type { Change } from "../protocol.ts";
import {
  ByteLog,
  ByteReader,
  ONE,
  readChanges,
  type Shape,
  writeChanges,
} from "./codec.ts";

/** The bytes of all logs. */
export interface Account {
  bytes: number;
}

/** Frames of some time. */
interface Chunk {
  /** Ticks of its first and its last frame. */
  readonly start: number;
  end: number;
  readonly log: ByteLog;
}

/** Bytes of a chunk beside its content, measured on V8. */
const CHUNK_BYTES = 300;

/** Capacity of a new chunk. */
const CAPACITY = 64;

/** Reads frames; see `Tier.replay`. */
export interface Replay {
  /** Receives what holds before the first frame: a level, or an absence. */
  base(change: Change): void;
  change(change: Change, tick: number): void;
}

/** The frames of one family in one resolution. */
export class Tier {
  readonly shape: Shape;
  /** Frames up to this tick were dropped to make room. */
  cut = -Infinity;
  readonly #account: Account;
  /** Seconds of a chunk. */
  readonly #span: number;
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  /** The place up to which frames were merged: a chunk and its length then. */
  #mark:
    | { readonly chunk: Chunk; readonly at: number; readonly tick: number }
    | undefined;

  constructor(shape: Shape, span: number, account: Account) {
    this.shape = shape;
    this.#span = span;
    this.#account = account;
  }

  /** Bytes of all chunks. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of chunks. */
  get length(): number {
    return this.#chunks.length;
  }

  /**
   * Appends a frame that is not before the last one; `head` returns the head of a
   * new chunk.
   */
  append(
    tick: number,
    changes: Iterable<Change>,
    head: () => Iterable<Change>,
  ): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#number(chunk.start) < this.#number(tick)) {
      this.#seal(chunk);
      chunk = { start: tick, end: tick, log: new ByteLog(CAPACITY) };
      this.#chunks.push(chunk);
      this.#count(CHUNK_BYTES + chunk.log.bytes.length);
      this.#write(chunk, head(), ONE);
    }
    const before = chunk.log.bytes.length;
    chunk.log.varint(tick - chunk.end);
    this.#count(chunk.log.bytes.length - before);
    this.#write(chunk, changes, this.shape);
    chunk.end = tick;
  }

  /** Drops the chunks that end at `tick` or before, because of their age. */
  expire(tick: number): void {
    while (this.#chunks.length > 0 && this.#chunks[0]!.end <= tick) {
      this.#drop();
    }
  }

  /** Drops the oldest chunk to make room; returns false if there is none. */
  cutOldest(): boolean {
    if (this.#chunks.length === 0) return false;
    this.cut = Math.max(this.cut, this.#chunks[0]!.end);
    this.#drop();
    return true;
  }

  /** Drops everything. */
  clear(): void {
    while (this.#chunks.length > 0) this.#drop();
  }

  /**
   * Reads the frames after `tick`: first what holds at that time, then each
   * change. Returns false if there are no frames: all series are then as they
   * were noted last.
   */
  replay(tick: number, replay: Replay): boolean {
    const chunks = this.#chunks;
    if (chunks.length === 0) return false;
    let at = chunks.findLastIndex(({ start }) => start <= tick);
    if (at < 0) at = 0;
    const base = (change: Change) => replay.base(change);
    for (let first = true; at < chunks.length; at++, first = false) {
      const { log, start } = chunks[at]!;
      const reader = new ByteReader(log);
      readChanges(reader, ONE, first ? base : () => {});
      for (let time = start; !reader.isAtEnd;) {
        time += reader.varint();
        readChanges(
          reader,
          this.shape,
          time <= tick ? base : (change) => replay.change(change, time),
        );
      }
    }
    return true;
  }

  /** Marks the end: `unmerged` reads from here on. */
  mark(): void {
    const chunk = this.#chunks.at(-1);
    this.#mark = chunk && { chunk, at: chunk.log.length, tick: chunk.end };
  }

  /** Whether there are frames after the mark. */
  get hasUnmerged(): boolean {
    const last = this.#chunks.at(-1);
    return last !== undefined &&
      (last !== this.#mark?.chunk || last.log.length > this.#mark.at);
  }

  /** Reads the frames after the mark. */
  unmerged(take: (change: Change, tick: number) => void): void {
    const mark = this.#mark;
    const first = mark === undefined ? -1 : this.#chunks.indexOf(mark.chunk);
    for (let at = Math.max(0, first); at < this.#chunks.length; at++) {
      const { log, start } = this.#chunks[at]!;
      const isMarked = at === first;
      const reader = new ByteReader(log, isMarked ? mark!.at : 0);
      if (!isMarked) readChanges(reader, ONE, () => {});
      for (let time = isMarked ? mark!.tick : start; !reader.isAtEnd;) {
        time += reader.varint();
        readChanges(reader, this.shape, (change) => take(change, time));
      }
    }
  }

  #number(tick: number): number {
    return Math.floor((tick - 1) / this.#span);
  }

  #write(chunk: Chunk, changes: Iterable<Change>, shape: Shape): void {
    const before = chunk.log.bytes.length;
    writeChanges(chunk.log, changes, shape);
    this.#count(chunk.log.bytes.length - before);
  }

  #seal(chunk: Chunk | undefined): void {
    if (chunk === undefined) return;
    const before = chunk.log.bytes.length;
    chunk.log.trim();
    this.#count(chunk.log.bytes.length - before);
  }

  #drop(): void {
    const { log } = this.#chunks.shift()!;
    this.#count(-CHUNK_BYTES - log.bytes.length);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#account.bytes += bytes;
  }
}
