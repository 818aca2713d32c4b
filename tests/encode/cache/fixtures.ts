/** Registries with known pages, and a source whose rows a test controls. */
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
import { BLOCK, trustSource } from "../../../src/model/internal.ts";
import { concatBytes } from "../../../src/base/internal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export const help = "Help.";

/** Pages of 16 rows, and a whole family in one step. */
export const PAGES: PageSizes = {
  pageBytes: 1,
  pageRows: 16,
  pagesPerStep: 1000,
  pagesPerBatch: 1000,
};

/** The same pages with the smallest steps. */
export const SMALL: PageSizes = {
  ...PAGES,
  pagesPerStep: 1 / WRITE_COST,
  pagesPerBatch: 1,
};

export const LONG = "a-value-that-is-long-enough-for-pages-to-be-handed-on-";

/** Declares a gauge with `series` series of about 80 bytes each. */
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

/** A borrowed page, with a copy of its bytes and revision at that time. */
export interface BorrowedPage {
  readonly page: Page;
  readonly revision: number;
  readonly bytes: Bytes;
}

export function borrowedOf(
  cache: Pick<ExpositionCache, "borrowed">,
  source: Source,
  options: ExposeOptions = {},
): BorrowedPage[] {
  const pages: BorrowedPage[] = [];
  for (const step of cache.borrowed(source, options)) {
    for (const page of step) {
      const { bytes, revision } = page;
      pages.push({ page, revision, bytes: bytes.slice() });
    }
  }
  return pages;
}

export function isSame(a: BorrowedPage, b: BorrowedPage): boolean {
  return a.page === b.page && a.revision === b.revision;
}

export function ownedOf(cache: ExpositionCache, source: Source): Bytes[] {
  return [...cache.owned(source)].flat();
}

type Pages = readonly (Bytes | BorrowedPage)[];

function whole(pages: Pages): Bytes {
  return concatBytes(
    pages.map((page) => page instanceof Uint8Array ? page : page.bytes),
  );
}

export function textOf(pages: Pages): string {
  return new TextDecoder().decode(whole(pages));
}

/** Asserts that `pages` equal a new exposition. */
export function isWhole(
  pages: Pages,
  source: Source,
  format: Format = prometheusText,
  options: ExposeOptions = {},
): void {
  const fresh = expose(source, format, options);
  if (Buffer.compare(whole(pages), fresh) === 0) return;
  assert.equal(textOf(pages), new TextDecoder().decode(fresh));
  assert.fail("bytes differ that decode to the same text");
}

/** Returns the indexes at which two expositions have different pages. */
export function differing(
  before: readonly BorrowedPage[],
  after: readonly BorrowedPage[],
) {
  assert.equal(after.length, before.length);
  return after.flatMap((page, i) => isSame(page, before[i]!) ? [] : [i]);
}

const OWN_LABELS = ["a"];

/** A gauge whose rows a test sets; writing one of them can throw. */
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
  /** The row that throws; -1: none. */
  broken = -1;

  constructor(readonly length: number) {
    trustSource(this); // only trusted rows are cached
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

  /** Marks all numbers as changed. */
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
