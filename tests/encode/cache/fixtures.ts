/** Registries whose pages a test can tell apart, and rows of its own. */
import assert from "node:assert/strict";
import {
  expose,
  type ExposeOptions,
  type Format,
  type Page,
  prometheusText,
} from "../../../src/encode/mod.ts";
import type { ExpositionCache, PageSizes } from "../../../src/encode/mod.ts";
import { WRITE_COST } from "../../../src/encode/cache/consistent_pages.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import {
  familyDesc,
  Labels,
  type Rows,
  type Sink,
  type Source,
} from "../../../src/model/mod.ts";
import { BLOCK } from "../../../src/model/internal.ts";
import { joined } from "./world.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export const help = "Help.";

/** Pages of sixteen rows, and all of a family in one batch. */
export const PAGES: PageSizes = {
  pageBytes: 1,
  pageRows: 16,
  pagesPerStep: 1000,
};

/** And the smallest batches: all that can be cut is cut. */
export const SMALL: PageSizes = { ...PAGES, pagesPerStep: 1 / WRITE_COST };

export const LONG = "a-value-that-is-long-enough-for-pages-to-be-handed-on-";

/** What a family of so many series says, each in a line of 80 bytes or so. */
export function gaugeOf(registry: Registry, name: string, series = 160) {
  const gauge = registry.gauge({
    name,
    help,
    labels: ["a"],
    maxSeries: 1e6,
  });
  const at = (i: number) => gauge.with({ a: `${LONG}${i}` });
  for (let i = 0; i < series; i++) at(i).set(i % 10);
  return { gauge, at, remove: (i: number) => gauge.remove({ a: LONG + i }) };
}

export function emptyRegistry(): Registry {
  return createRegistry({ selfMetrics: false });
}

/** A piece that was lent, with what it said then. */
export interface Lent {
  readonly piece: Page;
  readonly revision: number;
  readonly bytes: Bytes;
}

export function piecesOf(
  cache: ExpositionCache,
  source: Source,
  options: ExposeOptions = {},
): Lent[] {
  const pieces: Lent[] = [];
  for (const batch of cache.borrowed(source, options)) {
    for (const piece of batch) {
      const { bytes, revision } = piece;
      pieces.push({ piece, revision, bytes: bytes.slice() });
    }
  }
  return pieces;
}

export function isSame(a: Lent, b: Lent): boolean {
  return a.piece === b.piece && a.revision === b.revision;
}

export function givenOf(cache: ExpositionCache, source: Source): Bytes[] {
  return [...cache.owned(source)].flat();
}

type Pieces = readonly (Bytes | Lent)[];

function whole(pieces: Pieces): Bytes {
  return joined(
    pieces.map((one) => one instanceof Uint8Array ? one : one.bytes),
  );
}

export function textOf(pieces: Pieces): string {
  return new TextDecoder().decode(whole(pieces));
}

/** That `pieces` are what is written anew. */
export function isWhole(
  pieces: Pieces,
  source: Source,
  format: Format = prometheusText,
  options: ExposeOptions = {},
): void {
  const anew = expose(source, format, options);
  if (Buffer.compare(whole(pieces), anew) === 0) return;
  assert.equal(textOf(pieces), new TextDecoder().decode(anew));
  assert.fail("they differ in bytes that are no text");
}

/** The places in which two expositions have not the very same piece. */
export function differing(before: readonly Lent[], after: readonly Lent[]) {
  assert.equal(after.length, before.length);
  return after.flatMap((piece, i) => isSame(piece, before[i]!) ? [] : [i]);
}

const OWN_LABELS = ["a"];

/** A gauge of rows as a test has them, and what its series throw. */
export class OwnRows implements Source, Rows {
  readonly desc = familyDesc({
    name: "own",
    type: "gauge",
    help,
    labelNames: OWN_LABELS,
  });
  readonly descs = [this.desc];
  readonly width = 1;
  readonly cells: Float64Array;
  readonly changes: { numbers: Uint32Array; versions: Uint32Array };
  /** The row that throws. */
  broken = -1;

  constructor(readonly length: number) {
    this.cells = new Float64Array(length);
    const blocks = Math.ceil(length / BLOCK);
    this.changes = {
      numbers: new Uint32Array(blocks),
      versions: new Uint32Array(blocks),
    };
  }

  get rows(): Rows {
    return this;
  }

  /** Any number may be another one. */
  open(): void {
    const { numbers } = this.changes;
    numbers.forEach((_, block) => numbers[block]!++);
  }

  emit(from: number, to: number, sink: Sink): void {
    for (let row = from; row < to; row++) {
      if (row === this.broken) throw new Error("broken");
      const labels = new Labels(OWN_LABELS, [`${LONG}${row}`]);
      sink.number(labels, this.cells[row]!, 0);
    }
  }

  collect(sink: Sink): void {
    if (sink.family(this.desc)) this.emit(0, this.length, sink);
  }
}

export function composed(...parts: readonly Source[]): Source {
  return { descs: [], parts, collect() {} };
}
