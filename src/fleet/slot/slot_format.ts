/**
 * The bytes of the file of a slot, in the byte order of the host.
 *
 * ```
 * 0                header: magic with version, seq, beat, id of the file, capacity
 *                  of a copy, number of the slot
 * 64               copy 0
 * 64 + capacity    copy 1
 * 64 + 2 capacity  log
 * ```
 *
 * A copy has a header, the cells, the states, the meta as JSON, and the extras as
 * lines. Publish `k` appends to the log, sets `seq` to `2k − 1`, writes copy
 * `k & 1`, and sets `seq` to `2k`. So at each moment copy `seq >> 1` is whole, and
 * the log up to the length that this copy gives never changes.
 *
 * The kernel writes aligned words of 8 bytes at once. Longer writes may be torn.
 *
 * Members of different versions share a directory. A file of another version is
 * neither read nor replaced: its owner may count more than this version knows. The
 * next version also reads this one, and writes a new file when it adopts its slot.
 */
import type { SlotFile } from "../../platform/internal.ts";

/** The length of the header of the file, and of that of a copy. */
export const HEADER_BYTES = 64;

/** Maximum length of a copy, and of the log: more is never read or written. */
export const MAX_BYTES = 2 ** 28;

/** The positions of numbers in the header of the file. */
export const SEQ_AT = 8;
export const BEAT_AT = 16;

/** The last byte is the version. */
const MAGIC = /* @__PURE__ */ new TextEncoder().encode("BAROFLT1");
const ID_AT = 24;
const CAPACITY_AT = 32;
const SLOT_AT = 40;

/** Copies and their parts begin at multiples of these. */
const COPY_ALIGN = 16;
const PART_ALIGN = 8;

/** The reason for which the file of a slot cannot be used. */
export type FaultReason =
  | "unreadable"
  | "foreign"
  | "version"
  | "truncated"
  | "torn"
  | "corrupt";

/** Ends the reading of a file that cannot be used. */
export class SlotFault extends Error {
  readonly reason: FaultReason;

  constructor(reason: FaultReason) {
    super(
      `the file is ${reason === "version" ? "of another version" : reason}`,
    );
    this.reason = reason;
  }
}

/** The header of the file. */
export interface FileHeader {
  readonly seq: number;
  readonly beatAt: number;
  /** Identifies the file among those that had its name. */
  readonly id: number;
  /** The number of bytes of a copy. */
  readonly capacity: number;
  /** The number of the slot. */
  readonly slot: number;
}

/** The header of a copy. */
export interface CopyHeader {
  /** The number of the publish that wrote it. */
  readonly number: number;
  readonly cells: number;
  readonly rows: number;
  readonly logLength: number;
  readonly metaLength: number;
  readonly extrasLength: number;
  /** In unix seconds. */
  readonly publishedAt: number;
}

/** Returns the number of the slot whose file has this path. */
export function slotOf(path: string): number {
  return Number(/\d+$/.exec(path)?.[0] ?? 0);
}

/** Returns the smallest multiple of `align`, a power of two, that has `length`. */
function aligned(length: number, align: number): number {
  return Math.ceil(length / align) * align;
}

/** Returns whether a number can be a length or an index. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Returns the capacity for copies of `length` bytes and longer ones. */
export function capacityFor(length: number): number {
  return aligned(Math.max(2048, Math.min(length * 1.5, MAX_BYTES)), COPY_ALIGN);
}

/** Returns the position of a copy. */
export function copyAt(number: number, capacity: number): number {
  return HEADER_BYTES + (number % 2) * capacity;
}

/** Returns the position of the log. */
export function logAt(capacity: number): number {
  return HEADER_BYTES + 2 * capacity;
}

/** Writes the header of a file to the start of `bytes`. */
export function writeHeader(bytes: Uint8Array, header: FileHeader): void {
  bytes.set(MAGIC);
  const view = new Float64Array(bytes.buffer, bytes.byteOffset, 8);
  view[SEQ_AT / 8] = header.seq;
  view[BEAT_AT / 8] = header.beatAt;
  view[ID_AT / 8] = header.id;
  view[CAPACITY_AT / 8] = header.capacity;
  view[SLOT_AT / 8] = header.slot;
}

/** Reads the header of a file, by way of `bytes` with room for it. */
export function readHeader(file: SlotFile, bytes: Uint8Array): FileHeader {
  if (readAll(file, bytes, 0) < HEADER_BYTES) throw new SlotFault("truncated");
  const other = MAGIC.findIndex((byte, at) => byte !== bytes[at]);
  if (other >= 0) {
    throw new SlotFault(other < MAGIC.length - 1 ? "foreign" : "version");
  }
  const view = new Float64Array(bytes.buffer, bytes.byteOffset, 8);
  const seq = view[SEQ_AT / 8]!;
  const beat = view[BEAT_AT / 8]!;
  const id = view[ID_AT / 8]!;
  const capacity = view[CAPACITY_AT / 8]!;
  const isLegal = isCount(seq) && seq > 1 && Number.isFinite(id) &&
    isCount(capacity) && capacity % COPY_ALIGN === 0 &&
    capacity > HEADER_BYTES && capacity <= MAX_BYTES;
  if (!isLegal) throw new SlotFault("corrupt");
  const beatAt = beat > 0 && beat < Infinity ? beat : 0;
  return { seq, beatAt, id, capacity, slot: view[SLOT_AT / 8]! };
}

/** Fills `bytes` from a position on; returns how many bytes the file has there. */
export function readAll(file: SlotFile, bytes: Uint8Array, at: number): number {
  let done = file.read(bytes, at);
  while (done > 0 && done < bytes.length) {
    const more = file.read(bytes.subarray(done), at + done);
    if (more <= 0) break;
    done += more;
  }
  return done;
}

/** Refuses a file that ends before `end`, so that no room is made for it. */
export function checkLength(file: SlotFile, end: number): void {
  if (file.read(new Uint8Array(1), end - 1) < 1) {
    throw new SlotFault("truncated");
  }
}

/** A copy in memory: it can hold any copy of up to `capacity` bytes. */
export class CopyBuffer {
  readonly capacity: number;
  readonly bytes: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #words: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity);
    this.bytes = new Uint8Array(buffer);
    this.#numbers = new Float64Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  /** Returns the number of bytes of a copy. */
  static lengthOf(header: Omit<CopyHeader, "number" | "publishedAt">): number {
    return aligned(extrasAt(header) + header.extrasLength, COPY_ALIGN);
  }

  /** Writes a copy; `capacity` must suffice. Returns its bytes. */
  write(
    header: CopyHeader,
    cells: Float64Array,
    states: Uint8Array,
    meta: Uint8Array,
    extras: Uint8Array,
  ): Uint8Array {
    const { bytes } = this;
    const statesStart = statesAt(header);
    const metaStart = metaAt(header);
    const extrasStart = extrasAt(header);
    const length = CopyBuffer.lengthOf(header);
    this.#numbers.set([
      header.number,
      header.cells,
      header.rows,
      header.logLength,
      header.metaLength,
      header.extrasLength,
      0,
      header.publishedAt,
    ]);
    this.#numbers.set(cells.subarray(0, header.cells), HEADER_BYTES / 8);
    bytes.set(states.subarray(0, header.rows), statesStart);
    bytes.fill(0, statesStart + header.rows, metaStart);
    bytes.set(meta, metaStart);
    bytes.fill(0, metaStart + meta.length, extrasStart);
    bytes.set(extras, extrasStart);
    bytes.fill(0, extrasStart + extras.length, length);
    this.#numbers[CHECKSUM] = checksumOf(this.#words, length / 4);
    return bytes.subarray(0, length);
  }

  /**
   * Checks the copy of a publish of which `length` bytes were read. Returns its
   * header; undefined if it is not whole.
   */
  check(number: number, length: number): CopyHeader | undefined {
    const numbers = this.#numbers;
    const header: CopyHeader = {
      number: numbers[0]!,
      cells: numbers[1]!,
      rows: numbers[2]!,
      logLength: numbers[3]!,
      metaLength: numbers[4]!,
      extrasLength: numbers[5]!,
      publishedAt: numbers[7]!,
    };
    const isLegal = header.number === number && isCount(header.cells) &&
      isCount(header.rows) && isCount(header.logLength) &&
      isCount(header.metaLength) && isCount(header.extrasLength) &&
      Number.isFinite(header.publishedAt);
    if (!isLegal) return undefined;
    const end = CopyBuffer.lengthOf(header);
    if (end > length) return undefined;
    const checksum = numbers[CHECKSUM];
    numbers[CHECKSUM] = 0;
    return checksumOf(this.#words, end / 4) === checksum ? header : undefined;
  }

  /** Copies the cells of a checked copy. */
  copyCells({ cells }: CopyHeader, to: Float64Array): void {
    const start = HEADER_BYTES / 8;
    to.set(this.#numbers.subarray(start, start + cells));
  }

  /** Copies the states of a checked copy. */
  copyStates(header: CopyHeader, to: Uint8Array): void {
    const start = statesAt(header);
    to.set(this.bytes.subarray(start, start + header.rows));
  }

  /** Returns the bytes of the meta of a checked copy. */
  meta(header: CopyHeader): Uint8Array {
    const start = metaAt(header);
    return this.bytes.subarray(start, start + header.metaLength);
  }

  /** Returns the bytes of the extras of a checked copy. */
  extras(header: CopyHeader): Uint8Array {
    const start = extrasAt(header);
    return this.bytes.subarray(start, start + header.extrasLength);
  }
}

/** The index of the checksum in the header of a copy. */
const CHECKSUM = 6;

function statesAt({ cells }: Pick<CopyHeader, "cells">): number {
  return HEADER_BYTES + cells * 8;
}

function metaAt(header: Pick<CopyHeader, "cells" | "rows">): number {
  return statesAt(header) + aligned(header.rows, PART_ALIGN);
}

function extrasAt(
  header: Pick<CopyHeader, "cells" | "rows" | "metaLength">,
): number {
  return metaAt(header) + aligned(header.metaLength, PART_ALIGN);
}

/**
 * Returns a checksum of 53 bits. Four lanes, because each step waits for the one
 * before it. The rotation spreads differences of the highest bits.
 */
function checksumOf(words: Int32Array, count: number): number {
  let a = 0x2545f491;
  let b = 0x1b873593;
  let c = 0x5bd1e995;
  let d = 0x3c6ef372;
  for (let at = 0; at < count; at += 4) {
    a = Math.imul(a ^ words[at]!, 0x9e3779b1 | 0);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ words[at + 1]!, 0x85ebca77 | 0);
    b = (b << 13) | (b >>> 19);
    c = Math.imul(c ^ words[at + 2]!, 0xc2b2ae3d | 0);
    c = (c << 13) | (c >>> 19);
    d = Math.imul(d ^ words[at + 3]!, 0x27d4eb2f | 0);
    d = (d << 13) | (d >>> 19);
  }
  const high = mixed(a ^ mixed(b ^ mixed(c ^ mixed(d))));
  const low = mixed(d ^ mixed(c + mixed(b ^ mixed(a + count))));
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

function mixed(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
