/**
 * Changes as bytes. A frame is a list of changes; each one is the distance of its
 * id from the one before, then its numbers.
 *
 * - A number begins with a varint whose last two bits say what follows: 0 and 1
 *   are whole numbers, above and below zero; 2 is one of `SPECIAL`.
 * - A number that has seven digits takes five bytes, one with more takes nine.
 * - How many numbers follow depends on the shape of the family.
 */
import { isFloat32, shortNumber } from "../sampling/short_number.ts";
import type { Change, SeriesId } from "../protocol.ts";

/**
 * The numbers of a change, after the id.
 *
 * - `numbers`: this many numbers.
 * - `levels`: last, least and largest level.
 * - `buckets`: a sum, then pairs of bucket and growth.
 */
export type Shape =
  | { readonly kind: "numbers"; readonly count: number }
  | { readonly kind: "levels" }
  | { readonly kind: "buckets" };

/** One number a change. */
export const ONE: Shape = { kind: "numbers", count: 1 };

/** Numbers that are not whole, and absent ones. */
const SPECIAL = {
  float32: 2,
  float64: 6,
  none: 10,
  /** The series is not there; no number follows. */
  absent: 14,
  /** All levels are the last one. */
  same: 18,
} as const;

/** Whole numbers up to here are written as varints. */
const LARGEST = 2 ** 50;

/** Added to the number of a bucket, so that none is below 1: see `ZERO_BUCKET`. */
const FIRST_BUCKET = 100_001;

const FLOAT = new DataView(new ArrayBuffer(8));

/** Bytes that grow. */
export class ByteLog {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Writes a whole number from 0 to 2^53. */
  varint(value: number): void {
    while (value > 0x7fffffff) {
      this.#byte(value % 128 | 128);
      value = Math.floor(value / 128);
    }
    while (value > 127) {
      this.#byte(value & 127 | 128);
      value >>>= 7;
    }
    this.#byte(value);
  }

  /** Writes the first bytes of the scratch buffer. */
  float(size: 4 | 8): void {
    for (let at = 0; at < size; at++) this.#byte(FLOAT.getUint8(at));
  }

  /** Gives back the room that is not used. */
  trim(): void {
    this.bytes = this.bytes.slice(0, this.length);
  }

  #byte(value: number): void {
    if (this.length === this.bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length++] = value;
  }
}

/** Reads what `ByteLog` has written. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Reads from the byte `at` on. */
  constructor({ bytes, length }: Pick<ByteLog, "bytes" | "length">, at = 0) {
    this.#bytes = bytes;
    this.#end = length;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new RangeError("Cannot read a log: it ends within a number");
  }

  float32(): number {
    this.#take(4);
    return shortNumber(FLOAT.getFloat32(0));
  }

  float64(): number {
    this.#take(8);
    return FLOAT.getFloat64(0);
  }

  #take(size: number): void {
    for (let at = 0; at < size; at++) {
      FLOAT.setUint8(at, this.#bytes[this.#at++]!);
    }
  }
}

function writeNumber(log: ByteLog, value: number | null): void {
  if (value === null) return log.varint(SPECIAL.none);
  if (value % 1 === 0 && Math.abs(value) < LARGEST) {
    return log.varint(value < 0 ? -4 * value + 1 : 4 * value);
  }
  if (isFloat32(value)) {
    FLOAT.setFloat32(0, value);
    if (shortNumber(FLOAT.getFloat32(0)) === value) {
      log.varint(SPECIAL.float32);
      return log.float(4);
    }
  }
  FLOAT.setFloat64(0, value);
  log.varint(SPECIAL.float64);
  log.float(8);
}

function readNumber(
  reader: ByteReader,
  code: number = reader.varint(),
): number | null {
  if ((code & 3) < 2) return Math.floor(code / 4) * (code % 2 === 0 ? 1 : -1);
  if (code === SPECIAL.float32) return reader.float32();
  return code === SPECIAL.float64 ? reader.float64() : null;
}

/** Returns whether a change says that its series is not there. */
export function isAbsence(change: Change): boolean {
  return change.length === 2 && change[1] === null;
}

/** Writes changes, and the end of their list. */
export function writeChanges(
  log: ByteLog,
  changes: Iterable<Change>,
  shape: Shape,
): void {
  let last: SeriesId = 0;
  for (const change of changes) {
    const id = change[0];
    const gap = id - last;
    log.varint(1 + (gap < 0 ? -2 * gap - 1 : 2 * gap));
    last = id;
    writeChange(log, change, shape);
  }
  log.varint(0);
}

function writeChange(log: ByteLog, change: Change, shape: Shape): void {
  if (isAbsence(change)) return log.varint(SPECIAL.absent);
  if (shape.kind === "numbers") {
    for (let at = 1; at <= shape.count; at++) writeNumber(log, change[at]!);
    return;
  }
  writeNumber(log, change[1]!);
  if (shape.kind === "levels") {
    const [, last, least, most] = change;
    if (last === least && last === most) return log.varint(SPECIAL.same);
    writeNumber(log, least!);
    return writeNumber(log, most!);
  }
  let bucket = -FIRST_BUCKET;
  for (let at = 2; at < change.length; at += 2) {
    log.varint(change[at]! - bucket);
    bucket = change[at]!;
    writeNumber(log, change[at + 1]!);
  }
  log.varint(0);
}

/** Reads changes up to the end of their list. */
export function readChanges(
  reader: ByteReader,
  shape: Shape,
  take: (change: Change) => void,
): void {
  let id: SeriesId = 0;
  for (let gap = reader.varint(); gap !== 0; gap = reader.varint()) {
    const code = gap - 1;
    id += code % 2 === 0 ? code / 2 : -(code + 1) / 2;
    take(readChange(reader, id, shape));
  }
}

function readChange(reader: ByteReader, id: SeriesId, shape: Shape): Change {
  const code = reader.varint();
  if (code === SPECIAL.absent) return [id, null];
  const first = readNumber(reader, code);
  const change: [SeriesId, ...(number | null)[]] = [id, first];
  if (shape.kind === "numbers") {
    for (let at = 1; at < shape.count; at++) change.push(readNumber(reader));
  } else if (shape.kind === "levels") {
    const next = reader.varint();
    if (next === SPECIAL.same) change.push(first, first);
    else change.push(readNumber(reader, next), readNumber(reader));
  } else {
    let bucket = -FIRST_BUCKET;
    for (let gap = reader.varint(); gap !== 0; gap = reader.varint()) {
      change.push(bucket += gap, readNumber(reader));
    }
  }
  return change;
}
