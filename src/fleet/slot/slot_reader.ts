/** Reads what the owner of a slot has published. */
import type { SlotFile, SlotFiles } from "../../platform/internal.ts";
import type { SlotMeta, SlotState } from "./slot.ts";
import {
  checkLength,
  copyAt,
  CopyBuffer,
  type CopyHeader,
  type FaultReason,
  type FileHeader,
  HEADER_BYTES,
  isCount,
  logAt,
  MAX_BYTES,
  readAll,
  readHeader,
  SlotFault,
  slotOf,
} from "./slot_format.ts";
import { roomFor } from "./slot_image.ts";
import { jsonFrom } from "./log_cursor.ts";
import { type LogLines, SlotLog } from "./slot_log.ts";

/** The result of reading a slot; see `SlotReader.read()`. */
export type SlotChange = "same" | "changed" | "replaced" | "gone";

/** A copy is read again up to this often if it is written at the same time. */
const MAX_TRIES = 16;

/** Called with each read that fails. */
type OnFailure = (reason: FaultReason, error: unknown) => void;

/** The file that a reader knows, and the last copy that it read. */
interface KnownFile extends FileHeader {
  readonly number: number;
  readonly logLength: number;
  readonly log: SlotLog;
  readonly metaText: string;
  /** The publish that changed the extras last. */
  readonly extrasVersion: string;
}

/** Reads one slot, again and again. It is safe against any contents of the file. */
export class SlotReader {
  /** The contents when the slot was last read; undefined before. */
  state: SlotState | undefined;
  /** The cells of the read before; undefined if the file was another one. */
  before: Float64Array | undefined;
  /** The last beat of the owner, in unix seconds; 0: none. */
  beatAt = 0;
  /** The number of reads that failed, by reason. */
  readonly failed: Map<FaultReason, number> = new Map();
  /** The error of the last of them. */
  error: unknown;
  readonly #files: SlotFiles;
  readonly #path: string;
  readonly #slot: number;
  readonly #onFailure: OnFailure;
  readonly #header = new Uint8Array(new ArrayBuffer(HEADER_BYTES));
  #copy = new CopyBuffer(0);
  #known: KnownFile | undefined;

  constructor(
    files: SlotFiles,
    path: string,
    onFailure: OnFailure = () => {},
  ) {
    this.#files = files;
    this.#path = path;
    this.#slot = slotOf(path);
    this.#onFailure = onFailure;
  }

  /** The file that was read last, for its owner, who continues it. */
  get file():
    | Readonly<FileHeader & Pick<KnownFile, "number" | "logLength">>
    | undefined {
    return this.#known;
  }

  /**
   * Reads what is published.
   *
   * - `same`: nothing is new.
   * - `changed`: cells, states, extras or meta, or rows at the end.
   * - `replaced`: it is another file; all numbers are new.
   * - `gone`: there is no file, or one that cannot be used; `state` remains.
   *
   * Never throws. The arrays of `state` grow in place, and its cells become
   * `before` at the next read.
   */
  read(): SlotChange {
    let file: SlotFile | undefined;
    try {
      file = this.#files.open(this.#path, "read");
      return this.#read(file);
    } catch (error) {
      if (file === undefined && isMissing(error)) return "gone";
      const reason = error instanceof SlotFault ? error.reason : "unreadable";
      this.error = error;
      this.failed.set(reason, (this.failed.get(reason) ?? 0) + 1);
      this.#onFailure(reason, error);
      return reason === "torn" && this.state ? "same" : "gone";
    } finally {
      try {
        file?.close();
      } catch { /* it was read */ }
    }
  }

  #read(file: SlotFile): SlotChange {
    const known = this.#known;
    let header = readHeader(file, this.#header);
    // A link to another slot, or a copy of it, would count twice.
    if (header.slot !== this.#slot) throw new SlotFault("foreign");
    const first = header.seq;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const number = Math.floor(header.seq / 2);
      if (known?.id === header.id && known.number === number) {
        this.beatAt = header.beatAt;
        return "same";
      }
      const copy = this.#readCopy(file, header, number);
      const { capacity } = header;
      header = readHeader(file, this.#header);
      // From the next publish but one on, the copy is written again.
      if (
        copy && header.capacity === capacity && header.seq <= 2 * number + 2
      ) {
        return this.#take(file, header, copy);
      }
    }
    throw new SlotFault(header.seq === first ? "corrupt" : "torn");
  }

  #readCopy(
    file: SlotFile,
    { capacity }: FileHeader,
    number: number,
  ): CopyHeader | undefined {
    if (this.#copy.capacity !== capacity) {
      checkLength(file, logAt(capacity));
      this.#copy = new CopyBuffer(capacity);
    }
    const { bytes } = this.#copy;
    const length = readAll(file, bytes, copyAt(number, capacity));
    return this.#copy.check(number, length);
  }

  /** Takes a copy that is whole. Changes nothing before all of it is checked. */
  #take(file: SlotFile, header: FileHeader, copy: CopyHeader): SlotChange {
    const known = this.#known?.id === header.id ? this.#known : undefined;
    const last = known && this.state;
    const { number, logLength, cells, rows } = copy;
    const log = known?.log ?? new SlotLog();
    const from = known?.logLength ?? 0;
    const bytes = readLog(file, header.capacity, from, logLength);
    const lines = log.parse(textFrom(bytes), bytes);
    const isComplete = lines.cells === cells &&
      log.rows.length + lines.rows.length === rows;
    if (!isComplete) throw new SlotFault("corrupt");
    const metaText = textFrom(this.#copy.meta(copy));
    const meta = last !== undefined && known?.metaText === metaText
      ? last.meta
      : metaFrom(metaText, log.families.length + lines.families.length);
    const extrasBytes = this.#copy.extras(copy);
    const extrasVersion = versionOf(extrasBytes);
    const extras = last !== undefined && known?.extrasVersion === extrasVersion
      ? last.extras
      : extrasFrom(extrasBytes, rows);
    this.#commit(log, lines, copy, { meta, extras });
    this.#known = {
      ...header,
      number,
      logLength,
      log,
      metaText,
      extrasVersion,
    };
    this.beatAt = header.beatAt;
    return known ? "changed" : "replaced";
  }

  #commit(
    log: SlotLog,
    lines: LogLines,
    copy: CopyHeader,
    parts: Pick<SlotState, "meta" | "extras">,
  ): void {
    const last = this.#known?.log === log ? this.state : undefined;
    const spare = last && this.before;
    log.add(lines);
    const cells = spare && spare.length >= copy.cells
      ? spare
      : new Float64Array(roomFor(copy.cells));
    this.#copy.copyCells(copy, cells);
    const states = last && last.states.length >= copy.rows
      ? last.states
      : new Uint8Array(roomFor(copy.rows));
    this.#copy.copyStates(copy, states);
    this.before = last?.cells;
    const { families, rows, tombstones } = log;
    this.state = {
      ...parts,
      publishedAt: copy.publishedAt,
      families,
      rows,
      tombstones,
      cells,
      states,
    };
  }
}

/**
 * Returns whether a file could not be read that may be whole, so that it must not
 * be replaced.
 */
export function isUnknown({ failed }: Pick<SlotReader, "failed">): boolean {
  return failed.has("unreadable") || failed.has("version");
}

/** Returns whether an error of the runtime says that there is no file. */
export function isMissing(error: unknown): boolean {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown };
  return code === "ENOENT" || name === "NotFound";
}

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

function readLog(
  file: SlotFile,
  capacity: number,
  from: number,
  to: number,
): Uint8Array {
  if (to === from) return NOTHING;
  if (to < from || to > MAX_BYTES) throw new SlotFault("corrupt");
  checkLength(file, logAt(capacity) + to);
  const bytes = new Uint8Array(to - from);
  if (readAll(file, bytes, logAt(capacity) + from) < bytes.length) {
    throw new SlotFault("truncated");
  }
  return bytes;
}

const DECODER = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

const STRICT = /* @__PURE__ */ new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

function textFrom(bytes: Uint8Array): string {
  // Strict decoders are ten times as slow. Others replace what is not legal.
  const text = DECODER.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return STRICT.decode(bytes);
  } catch {
    throw new SlotFault("corrupt");
  }
}

function metaFrom(text: string, families: number): SlotMeta {
  const meta = Object(jsonFrom(text)) as Record<keyof SlotMeta, unknown>;
  const { incarnation, joinedAt, process, run, hasLeft, declared } = meta;
  const isLegal = isCount(incarnation) && typeof joinedAt === "number" &&
    typeof process === "string" && typeof run === "string" &&
    typeof hasLeft === "boolean" && Array.isArray(declared) &&
    declared.every((family) => isCount(family) && family < families);
  if (!isLegal) throw new SlotFault("corrupt");
  return { incarnation, joinedAt, process, run, hasLeft, declared };
}

/** Extras begin with a line that says when they changed last. */
function versionOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  if (end < 0) throw new SlotFault("corrupt");
  return textFrom(bytes.subarray(0, end));
}

function extrasFrom(bytes: Uint8Array, rows: number): Map<number, string> {
  const extras = new Map<number, string>();
  const text = textFrom(bytes);
  let from = text.indexOf("\n") + 1;
  while (from < text.length) {
    const tab = text.indexOf("\t", from);
    const end = text.indexOf("\n", from);
    const row = tab > from && tab < end ? Number(text.slice(from, tab)) : NaN;
    if (!isCount(row) || row >= rows) throw new SlotFault("corrupt");
    extras.set(row, text.slice(tab + 1, end));
    from = end + 1;
  }
  return extras;
}
