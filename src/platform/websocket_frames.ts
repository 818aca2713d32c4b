/**
 * Frames of RFC 6455: reads those of a client, and writes those of a server.
 *
 * - Nothing that a client sends is kept, except for the payload of a ping: up to
 *   125 bytes. The size of a message is counted over all of its fragments.
 * - A message above the limit is reported as soon as a header declares its size,
 *   and skipped. A frame that breaks the protocol ends the reading.
 */

type Bytes = Uint8Array<ArrayBuffer>;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

const FINAL = 0x80;
const MASKED = 0x80;
const MAX_CONTROL_BYTES = 125;

/** Header of 2 bytes, 8 more for the length, and 4 for the mask. */
const MAX_HEADER_BYTES = 14;

/** Receives what a client sends. */
export interface FrameListener {
  /** Called for each complete message and each control frame but close. */
  received(bytes: number): void;
  /** Called for each ping; the payload answers it. */
  pinged(payload: Bytes): void;
  /** Called once, by a close frame; nothing is read after it. */
  closing(): void;
  /** Called for a message above the limit, which is skipped. */
  exceeded(bytes: number): void;
  /** Called once, by a frame that breaks the protocol. */
  failed(): void;
}

/** Reads the frames of one client, in pieces of any size. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #maxMessage: number;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  #opcode = 0;
  #isFinal = false;
  /** Bytes of the payload that have not been read. */
  #left = 0;
  /** The payload of a control frame. */
  #control: Bytes | undefined;
  /** Bytes of the message so far; undefined between messages. */
  #message: number | undefined;
  #isDone = false;

  constructor(listener: FrameListener, maxMessage: number) {
    this.#listener = listener;
    this.#maxMessage = maxMessage;
  }

  /** Whether no more is read: the client has closed or broken the protocol. */
  get isDone(): boolean {
    return this.#isDone;
  }

  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#isDone) {
      at = this.#left === 0
        ? this.#readHeader(bytes, at)
        : this.#readPayload(bytes, at);
    }
  }

  #readHeader(bytes: Uint8Array, at: number): number {
    const header = this.#header;
    header[this.#headerLength++] = bytes[at]!;
    if (this.#headerLength < 2) return at + 1;
    if (this.#headerLength === 2) this.#check();
    if (this.#isDone || this.#headerLength < this.#headerSize()) return at + 1;
    this.#headerLength = 0;
    this.#begin();
    return at + 1;
  }

  /** Returns the size of the header; its first two bytes have been read. */
  #headerSize(): number {
    const length = this.#header[1]! & 127;
    return 6 + (length === 126 ? 2 : length === 127 ? 8 : 0);
  }

  /** Checks the first two bytes of a header. */
  #check(): void {
    const [first, second] = this.#header as unknown as [number, number];
    const opcode = this.#opcode = first & 15;
    this.#isFinal = (first & FINAL) !== 0;
    const length = second & 127;
    const isControl = opcode >= CLOSE;
    const isInMessage = this.#message !== undefined;
    const isLegal = (first & 0x70) === 0 && (second & MASKED) !== 0 &&
      (isControl
        ? opcode <= PONG && this.#isFinal && length <= MAX_CONTROL_BYTES
        : isInMessage
        ? opcode === CONTINUATION
        : opcode === TEXT || opcode === BINARY);
    if (isLegal) return;
    this.#isDone = true;
    this.#listener.failed();
  }

  /** Begins a payload; its header is complete. */
  #begin(): void {
    const size = this.#headerSize() - 4;
    let length = this.#header[1]! & 127;
    if (length >= 126) {
      length = 0;
      for (const byte of this.#header.subarray(2, size)) {
        length = length * 256 + byte;
      }
    }
    this.#left = length;
    if (this.#opcode >= CLOSE) {
      this.#control = new Uint8Array(length);
    } else {
      this.#message = (this.#message ?? 0) + length;
      if (this.#message > this.#maxMessage) {
        this.#listener.exceeded(this.#message);
      }
    }
    if (length === 0) this.#end();
  }

  #readPayload(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#left, bytes.length - at);
    const control = this.#control;
    if (control !== undefined) {
      const mask = this.#header.subarray(2);
      const from = control.length - this.#left;
      for (let i = 0; i < count; i++) {
        control[from + i] = bytes[at + i]! ^ mask[(from + i) % 4]!;
      }
    }
    this.#left -= count;
    if (this.#left === 0) this.#end();
    return at + count;
  }

  #end(): void {
    const control = this.#control;
    this.#control = undefined;
    if (control === undefined) {
      const message = this.#message!;
      // Each fragment counts: a message can have any number of empty ones.
      this.#listener.received(message);
      if (this.#isFinal) this.#message = undefined;
      return;
    }
    if (this.#opcode === CLOSE) {
      this.#isDone = true;
      return this.#listener.closing();
    }
    this.#listener.received(control.length);
    if (this.#opcode === PING) this.#listener.pinged(control);
  }
}

const encoder = new TextEncoder();

/** Returns a text frame. */
export function textFrame(text: string): Bytes {
  return frame(TEXT, encoder.encode(text));
}

/** Returns a ping without a payload. */
export function pingFrame(): Bytes {
  return frame(PING, new Uint8Array(0));
}

export function pongFrame(payload: Bytes): Bytes {
  return frame(PONG, payload);
}

/** Returns a close frame; `reason` is ASCII of at most 123 characters. */
export function closeFrame(code: number, reason: string): Bytes {
  const payload = encoder.encode(`  ${reason}`).subarray(0, MAX_CONTROL_BYTES);
  new DataView(payload.buffer).setUint16(0, code);
  return frame(CLOSE, payload);
}

function frame(opcode: number, payload: Bytes): Bytes {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = new Uint8Array(size + length);
  bytes[0] = FINAL | opcode;
  if (size === 2) {
    bytes[1] = length;
  } else {
    const view = new DataView(bytes.buffer);
    bytes[1] = size === 4 ? 126 : 127;
    if (size === 4) view.setUint16(2, length);
    else view.setUint32(6, length); // no text has 4 GB
  }
  bytes.set(payload, size);
  return bytes;
}
