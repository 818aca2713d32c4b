/** Writes what the owner of a slot publishes. */
import type { SlotFile, SlotFiles } from "../../platform/internal.ts";
import type { SlotMeta } from "./slot.ts";
import {
  BEAT_AT,
  capacityFor,
  checkLength,
  copyAt,
  CopyBuffer,
  type CopyHeader,
  HEADER_BYTES,
  logAt,
  MAX_BYTES,
  readHeader,
  SEQ_AT,
  SlotFault,
  slotOf,
  writeHeader,
} from "./slot_format.ts";
import { SlotImage } from "./slot_image.ts";
import { isMissing, isUnknown, SlotReader } from "./slot_reader.ts";

/** The file that a writer continues. */
interface OwnFile {
  readonly id: number;
  readonly capacity: number;
  /** The last publish of which the copy is whole. */
  number: number;
  /** The length of the log that this copy covers. */
  logLength: number;
}

/** The parts of a publish that are not in the image. */
interface Contents {
  readonly meta: Uint8Array;
  readonly publishedAt: number;
}

interface WriterOptions {
  /** Returns numbers that differ, which identify files. */
  random(): number;
  /** Returns whether this owner still has the slot. Default: it has. */
  readonly owns?: (() => boolean) | undefined;
}

const ENCODER = /* @__PURE__ */ new TextEncoder();

/**
 * Writes one slot. It must be the only one that does.
 *
 * It keeps no file open, so it notices if the file was removed or replaced: the next
 * publish writes a whole new one, as it does for growth and after `compact()`. A new
 * file is written under another name and renamed, so that readers see either file
 * whole.
 */
export class SlotWriter extends SlotImage {
  readonly #files: SlotFiles;
  readonly #path: string;
  readonly #random: () => number;
  readonly #owns: () => boolean;
  #copy = new CopyBuffer(0);
  #file: OwnFile | undefined;
  #isClosed = false;
  #beatAt: number;
  readonly #header = new Uint8Array(new ArrayBuffer(HEADER_BYTES));
  readonly #number = new Float64Array(1);
  readonly #numberBytes = new Uint8Array(this.#number.buffer);

  private constructor(
    files: SlotFiles,
    path: string,
    { random, owns = () => true }: WriterOptions,
    { state, file, beatAt }: SlotReader,
  ) {
    super(state);
    this.#files = files;
    this.#path = path;
    this.#random = random;
    this.#owns = owns;
    this.#beatAt = beatAt;
    if (file === undefined) return;
    const { id, capacity, number, logLength } = file;
    this.#file = { id, capacity, number, logLength };
  }

  /**
   * Continues a slot from its last whole copy. Begins an empty one if there is
   * none of this version, or with `begins`. Writes nothing before the first
   * publish.
   *
   * @throws If the file exists and cannot be read, or is of another version.
   */
  static open(
    files: SlotFiles,
    path: string,
    options: WriterOptions & { readonly begins?: boolean | undefined },
  ): SlotWriter {
    const reader = new SlotReader(files, path);
    if (!options.begins) reader.read();
    // It may be whole, so it must not be replaced.
    if (isUnknown(reader)) throw reader.error;
    return new SlotWriter(files, path, options, reader);
  }

  /** The size of the file; 0 before the first publish. */
  get bytes(): number {
    return this.#file ? endOf(this.#file) : 0;
  }

  /**
   * Publishes the image. When it returns, each read sees it or a later one. If it
   * throws the error of the runtime, readers see this image or the one before.
   *
   * @throws {Error} Also if this owner has the slot no longer.
   */
  publish(meta: SlotMeta, now: number): void {
    this.#checkOpen();
    const contents: Contents = {
      meta: ENCODER.encode(JSON.stringify(meta)),
      publishedAt: Number.isFinite(now) ? now : 0,
    };
    if (!this.#publishInPlace(contents)) this.#publishAnew(contents);
  }

  /**
   * Writes that the owner lives. Returns false if the file is missing, destroyed or
   * another one: the next publish replaces it.
   */
  beat(now: number): boolean {
    this.#checkOpen();
    const file = this.#file && this.#open(this.#file);
    if (file === undefined) return false;
    this.#beatAt = now;
    try {
      this.#writeNumber(file, BEAT_AT, now);
    } finally {
      file.close();
    }
    return true;
  }

  /** Returns whether the file of the last publish is still there. */
  isThere(): boolean {
    try {
      const file = this.#files.open(this.#path, "read");
      try {
        return readHeader(file, this.#header).id === this.#file?.id;
      } finally {
        file.close();
      }
    } catch {
      return false;
    }
  }

  /** Ends the writing: another owner may continue the slot. */
  close(): void {
    this.#isClosed = true;
  }

  /** Publishes in the file; returns false if that takes a new one. */
  #publishInPlace(contents: Contents): boolean {
    const own = this.#file;
    if (own === undefined || this.isRenumbered) return false;
    const number = own.number + 1;
    const log = ENCODER.encode(this.pending);
    const extras = this.extrasFor(number);
    const header = this.#headerFor(
      contents,
      number,
      own.logLength + log.length,
      extras.length,
    );
    if (CopyBuffer.lengthOf(header) > own.capacity) return false;
    const file = this.#open(own);
    if (file === undefined) return false;
    try {
      const copy = this.#copyFor(own.capacity, header, contents, extras);
      if (log.length > 0) file.write(log, logAt(own.capacity) + own.logLength);
      this.#writeNumber(file, SEQ_AT, 2 * number - 1);
      file.write(copy, copyAt(number, own.capacity));
      // If the last write throws, its effect is not known. The copy is whole, so the
      // next publish can come after it in either case.
      own.number = number;
      own.logLength = header.logLength;
      this.pending = "";
      this.#writeNumber(file, SEQ_AT, 2 * number);
    } finally {
      file.close();
    }
    return true;
  }

  /** Publishes in a new file, which replaces the one before. */
  #publishAnew(contents: Contents): void {
    if (!this.#owns()) {
      throw new Error(
        `Cannot write ${this.#path}: its claim was removed; ` +
          `do not remove the files of a fleet while it runs`,
      );
    }
    const extras = this.extrasAnew();
    const log = ENCODER.encode(this.log.text());
    const header = this.#headerFor(contents, 1, log.length, extras.length);
    const capacity = capacityFor(CopyBuffer.lengthOf(header));
    const copy = this.#copyFor(capacity, header, contents, extras);
    const random = this.#random();
    const id = random === this.#file?.id ? random + 1 : random;
    const file: OwnFile = { id, capacity, number: 1, logLength: log.length };
    const bytes = new Uint8Array(endOf(file));
    const beatAt = this.#beatAt;
    const slot = slotOf(this.#path);
    writeHeader(bytes, { seq: 2, beatAt, id, capacity, slot });
    bytes.set(copy, copyAt(1, capacity));
    bytes.set(log, logAt(capacity));
    this.#replace(bytes);
    this.#file = file;
    this.pending = "";
    this.isRenumbered = false;
  }

  /** Replaces the file at once. */
  #replace(bytes: Uint8Array): void {
    const path = `${this.#path}.new`;
    try {
      const file = this.#files.open(path, "create");
      try {
        file.write(bytes, 0);
      } finally {
        file.close();
      }
      this.#files.rename(path, this.#path);
    } catch (error) {
      try {
        this.#files.remove(path);
      } catch { /* it was not made */ }
      throw error;
    }
  }

  #headerFor(
    { meta, publishedAt }: Contents,
    number: number,
    logLength: number,
    extrasLength: number,
  ): CopyHeader {
    const header: CopyHeader = {
      number,
      cells: this.log.cells,
      rows: this.rows.length,
      logLength,
      metaLength: meta.length,
      extrasLength,
      publishedAt,
    };
    if (Math.max(CopyBuffer.lengthOf(header), logLength) > MAX_BYTES) {
      throw new RangeError(
        `Cannot publish ${header.rows} series: they need more than ` +
          `${MAX_BYTES} bytes`,
      );
    }
    return header;
  }

  #copyFor(
    capacity: number,
    header: CopyHeader,
    { meta }: Contents,
    extras: Uint8Array,
  ): Uint8Array {
    if (this.#copy.capacity !== capacity) this.#copy = new CopyBuffer(capacity);
    return this.#copy.write(header, this.cells, this.states, meta, extras);
  }

  /** Opens the file; returns undefined if it is missing, destroyed or another. */
  #open(own: OwnFile): SlotFile | undefined {
    let file: SlotFile | undefined;
    try {
      file = this.#files.open(this.#path, "write");
      const { id, seq } = readHeader(file, this.#header);
      // A publish that has failed leaves `seq` one too high, or one too low.
      if (id === own.id && Math.abs(seq - 2 * own.number) <= 1) {
        checkLength(file, endOf(own));
        return file;
      }
    } catch { /* a new file replaces it */ }
    file?.close();
    return undefined;
  }

  #writeNumber(file: SlotFile, at: number, value: number): void {
    this.#number[0] = value;
    file.write(this.#numberBytes, at);
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new Error(`Cannot write ${this.#path}: its writer was closed`);
    }
  }
}

/**
 * Checks that a slot can be continued, or begun empty.
 *
 * @throws If its file cannot be read and written, or is of another version.
 */
export function checkUsable(files: SlotFiles, path: string): void {
  try {
    const file = files.open(path, "write");
    try {
      readHeader(file, new Uint8Array(HEADER_BYTES));
    } finally {
      file.close();
    }
  } catch (error) {
    const isUsable = error instanceof SlotFault
      ? error.reason !== "version"
      : isMissing(error);
    if (!isUsable) throw error;
  }
}

/** Returns the position of the first byte after the published log. */
function endOf({ capacity, logLength }: OwnFile): number {
  return logAt(capacity) + logLength;
}
