import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  expose,
  type ExposeOptions,
  type Format,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../src/encode/mod.ts";
import {
  type KeepBudget,
  type PageSizes,
  Retained,
} from "../../src/encode/retained.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  BLOCK,
  familyDesc,
  Labels,
  type Rows,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { joined, SMALL } from "./retained_fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const help = "Help.";

/** Pages of sixteen rows, and all of a family in one batch. */
const PAGES: PageSizes = { pageBytes: 1, pagesABatch: 1000 };

const LONG = "a-value-that-is-long-enough-for-pages-to-be-handed-on-";

/** What a family of so many series says, each in a line of 80 bytes or so. */
function gaugeOf(registry: Registry, name: string, series = 160) {
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

function emptyRegistry(): Registry {
  return createRegistry({ selfMetrics: false });
}

function piecesOf(
  retained: Retained,
  source: Source,
  options: ExposeOptions = {},
): Bytes[] {
  return [...retained.batches(source, options)].flat();
}

function textOf(pieces: readonly Bytes[]): string {
  return new TextDecoder().decode(joined(pieces));
}

/** That `pieces` are what is written anew. */
function isWhole(
  pieces: readonly Bytes[],
  source: Source,
  format: Format = prometheusText,
  options: ExposeOptions = {},
): void {
  const anew = expose(source, format, options);
  if (Buffer.compare(joined(pieces), anew) === 0) return;
  assert.equal(textOf(pieces), new TextDecoder().decode(anew));
  assert.fail("they differ in bytes that are no text");
}

/** The places in which two expositions have not the very same piece. */
function differing(before: readonly Bytes[], after: readonly Bytes[]) {
  assert.equal(after.length, before.length);
  return after.flatMap((piece, i) => piece === before[i] ? [] : [i]);
}

/** A gauge of rows as a test has them, and what its series throw. */
class OwnRows implements Source, Rows {
  readonly desc = familyDesc({ name: "own", type: "gauge", help });
  readonly descs = [this.desc];
  readonly width = 1;
  readonly cells: Float64Array;
  readonly versions: Uint32Array;
  /** The row that throws. */
  broken = -1;
  readonly #label = ["a"];

  constructor(readonly length: number) {
    this.desc = familyDesc({
      name: "own",
      type: "gauge",
      help,
      labelNames: this.#label,
    });
    this.descs = [this.desc];
    this.cells = new Float64Array(length);
    this.versions = new Uint32Array(Math.ceil(length / BLOCK));
  }

  get rows(): Rows {
    return this;
  }

  open(): void {}

  emit(from: number, to: number, sink: Sink): void {
    for (let row = from; row < to; row++) {
      if (row === this.broken) throw new Error("broken");
      const labels = new Labels(this.#label, [`${LONG}${row}`]);
      sink.number(labels, this.cells[row]!, 0);
    }
  }

  collect(sink: Sink): void {
    if (sink.family(this.desc)) this.emit(0, this.length, sink);
  }
}

function composed(...parts: readonly Source[]): Source {
  return { descs: [], parts, collect() {} };
}

test("where nothing has changed, every page is the very same", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const first = piecesOf(retained, registry);
  assert.equal(first.length, 1 + 10, "the metadata, and ten pages");
  isWhole(first, registry);
  assert.deepEqual(differing(first, piecesOf(retained, registry)), [0]);
});

test("a changed value leaves the other pages the very same", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(retained, registry);
  for (const value of [7, 1000, 0.25, NaN, -3]) {
    at(50).set(value); // in the page of rows 48 to 63
    const after = piecesOf(retained, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, 4]);
    before = after;
  }
});

test("values at both ends of a page change that page alone", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(retained, registry);
  for (const [row, page] of [[0, 1], [15, 1], [16, 2], [159, 10]] as const) {
    at(row).set(12_345);
    const after = piecesOf(retained, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  }
});

test("a body that was handed out never changes", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const held: (readonly [readonly Bytes[], string])[] = [];
  for (let i = 0; i < 20; i++) {
    at(i * 7).set(i % 2 === 0 ? i : i * 1e6);
    if (i % 5 === 0) remove(i);
    const pieces = piecesOf(retained, registry);
    held.push([pieces, textOf(pieces)]);
  }
  for (const [pieces, then] of held) assert.equal(textOf(pieces), then);
});

test("a series that comes or goes rewrites its page alone", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g", 155);
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(retained, registry);
  const change = (work: () => void, page: number) => {
    work();
    const after = piecesOf(retained, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  };
  change(() => remove(40), 3);
  change(() => at(500).set(1), 3); // in the row that has become free
  change(() => at(501).set(1), 10); // behind the last one
  change(() => remove(501), 10);
});

test("series beyond the last page make up new pages", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 160);
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(retained, registry);
  for (let i = 160; i < 200; i++) at(i).set(i);
  const after = piecesOf(retained, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length + 3);
  assert.deepEqual(differing(before.slice(1), after.slice(1, 11)), []);
});

test("a page that has lost all of its series is left out", () => {
  const registry = emptyRegistry();
  const { gauge, at, remove } = gaugeOf(registry, "g", 160);
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(retained, registry);
  for (let i = 16; i < 32; i++) remove(i);
  const after = piecesOf(retained, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length - 1);
  gauge.clear();
  isWhole(piecesOf(retained, registry), registry);
  assert.equal(textOf(piecesOf(retained, registry)), "");
  at(3).set(1);
  isWhole(piecesOf(retained, registry), registry);
});

test("with no room nothing is kept, and the output is the same", () => {
  for (const left of [0, 100, 5000]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const budget = { left };
    const retained = new Retained(prometheusText, budget, PAGES);
    for (let i = 0; i < 3; i++) {
      at(i).set(i * 100);
      isWhole(piecesOf(retained, registry), registry);
      assert.equal(budget.left, left, "what is not kept takes no room");
    }
  }
});

/** What one family takes, of as many series as the tests have. */
function costOfOne(): number {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const budget = { left: 1e9 };
  piecesOf(new Retained(prometheusText, budget, PAGES), registry);
  return 1e9 - budget.left;
}

test("what is kept takes about twice its size", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const size = expose(registry, prometheusText).length;
  const cost = costOfOne();
  assert.ok(cost > size && cost < 2 * size, `${cost} for ${size} bytes`);
});

test("room is given back when a family goes, and taken by another", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const most = 1.5 * costOfOne();
  const budget = { left: most };
  const retained = new Retained(prometheusText, budget, PAGES);
  const first = piecesOf(retained, registry);
  isWhole(first, registry);
  const kept = (before: readonly Bytes[]) => {
    const held = new Set(before);
    return piecesOf(retained, registry).filter((piece) => held.has(piece));
  };
  assert.equal(kept(first).length, 10, "there is room for one of them");
  assert.ok(budget.left < most);
  registry.unregister("g");
  piecesOf(retained, registry);
  assert.equal(budget.left, most);
  const third = piecesOf(retained, registry); // now it fits
  isWhole(third, registry);
  assert.equal(kept(third).length, 10);
  registry.unregister("h");
  piecesOf(retained, registry);
  assert.equal(budget.left, most);
});

test("clear() forgets everything, and gives all room back", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const formats = [prometheusText, openMetrics, prometheusProto];
  const all = formats.map((one) => new Retained(one, budget, PAGES));
  for (let i = 0; i < 10; i++) {
    at(i).set(1e9 * i);
    remove(20 + i);
    for (const retained of all) piecesOf(retained, registry);
  }
  assert.ok(budget.left < 1e6);
  const before = piecesOf(all[0]!, registry);
  for (const retained of all) retained.clear();
  assert.equal(budget.left, 1e6);
  const held = new Set(before);
  const after = piecesOf(all[0]!, registry);
  assert.ok(after.every((piece) => !held.has(piece)));
  isWhole(after, registry);
});

test("families that outgrow their room are given up, and written anew", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 16);
  const budget = { left: costOfOne() };
  const retained = new Retained(prometheusText, budget, PAGES);
  for (let i = 16; i < 400; i += 32) {
    for (let j = 0; j < 32; j++) at(i + j).set(j);
    isWhole(piecesOf(retained, registry), registry);
    assert.ok(budget.left >= 0);
  }
  assert.equal(budget.left, costOfOne(), "nothing is kept any more");
});

test("a piece that was transferred is written anew", () => {
  for (const format of [prometheusText, prometheusProto]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const retained = new Retained(format, { left: Infinity }, PAGES);
    for (const change of [false, true]) {
      const pieces = piecesOf(retained, registry);
      const transfer = pieces.slice(2, 7).map(({ buffer }) => buffer);
      structuredClone(transfer, { transfer });
      assert.equal(pieces[2]!.length, 0);
      if (change) at(40).set(77);
      isWhole(piecesOf(retained, registry), registry, format);
    }
    const pieces = piecesOf(retained, registry);
    const transfer = pieces.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    isWhole(piecesOf(retained, registry), registry, format);
  }
});

test("families asked for by name do not make the others be forgotten", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const retained = new Retained(prometheusText, budget, PAGES);
  const before = piecesOf(retained, registry);
  const { left } = budget;
  const only: ExposeOptions = { only: ({ name }) => name === "g" };
  at(3).set(99);
  isWhole(
    piecesOf(retained, registry, only),
    registry,
    prometheusText,
    only,
  );
  const nothing: ExposeOptions = { only: () => false };
  assert.equal(textOf(piecesOf(retained, registry, nothing)), "");
  assert.equal(budget.left, left - 1, "one digit more");
  const after = piecesOf(retained, registry);
  assert.deepEqual(differing(before, after), [0, 1, 11]);
});

test("parts that are left out of one exposition are kept for the next", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(retained, registry);
  const except = { except: new Set(registry.parts) };
  assert.equal(textOf(piecesOf(retained, registry, except)), "");
  assert.deepEqual(differing(before, piecesOf(retained, registry)), [0]);
});

test("a part that throws in the middle of a family leaves nothing of it", () => {
  for (const format of [prometheusText, openMetrics, prometheusProto]) {
    for (const left of [Infinity, 0]) {
      const rows = new OwnRows(160);
      const registry = emptyRegistry();
      gaugeOf(registry, "before");
      const after = emptyRegistry();
      gaugeOf(after, "after");
      const source = composed(...registry.parts, rows, ...after.parts);
      const told: unknown[] = [];
      const options: ExposeOptions = {
        onFailure: (part, error) => told.push([part, String(error)]),
      };
      const budget = { left };
      const retained = new Retained(format, budget, PAGES);
      const pass = () => {
        const pieces = piecesOf(retained, source, options);
        assert.equal(told.splice(0).length, rows.broken < 0 ? 0 : 1);
        isWhole(pieces, source, format, options);
        told.length = 0;
      };
      for (const broken of [0, 17, 159, -1, 40, -1]) {
        rows.broken = broken;
        rows.cells[40]!++; // so that it is patched, and throws again
        pass();
        rows.versions[9]!++;
        pass();
      }
      rows.broken = 40;
      rows.cells[40]!++;
      piecesOf(retained, source, options);
      assert.deepEqual(told, [[rows, "Error: broken"]]);
    }
  }
});

test("a part that throws is thrown, where nobody listens", () => {
  const rows = new OwnRows(160);
  rows.broken = 100;
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  assert.throws(() => piecesOf(retained, composed(rows)), /broken/);
  rows.broken = -1;
  isWhole(piecesOf(retained, composed(rows)), composed(rows));
});

test("the names of a part that threw are free for the next one", () => {
  const [first, second] = [new OwnRows(20), new OwnRows(30)];
  first.broken = 19;
  const source = composed(first, second);
  const retained = new Retained(prometheusText, { left: Infinity }, PAGES);
  const options = { onFailure: () => {} };
  for (let i = 0; i < 3; i++) {
    const pieces = piecesOf(retained, source, options);
    assert.equal(textOf(pieces).match(/^own\{/gm)?.length, 30);
  }
  first.broken = -1; // and now the second one clashes
  const pieces = piecesOf(retained, source, options);
  assert.equal(textOf(pieces).match(/^own\{/gm)?.length, 20);
});

test("a format of one's own works, though it knows nothing of places", () => {
  const own: Format = {
    ...prometheusText,
    encoder: (out) => {
      const inner = prometheusText.encoder(out);
      return {
        family: (desc) => inner.family(desc),
        number: (...said) => inner.number(...said),
        histogram: (...said) => inner.histogram(...said),
        summary: (...said) => inner.summary(...said),
        mark: () => inner.mark(),
        rollback: () => inner.rollback(),
        end() {
          inner.end();
          out.ascii("# the end\n");
        },
      };
    },
  };
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 5000);
  registry.histogram({ name: "h", help }).observe(0.3);
  const budget = { left: 1e6 };
  const retained = new Retained(own, budget, PAGES);
  for (let i = 0; i < 3; i++) {
    at(i).set(i * 1000);
    const pieces = piecesOf(retained, registry);
    isWhole(pieces, registry, own);
    assert.match(textOf(pieces), /# the end\n$/);
  }
  assert.equal(budget.left, 1e6, "nothing of it is kept");
  const source = composed(...registry.parts, new OwnRows(3));
  isWhole(piecesOf(retained, source), source, own);
});

test("protobuf is kept too: what has not changed is the very same", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  const histogram = registry.histogram({
    name: "h_seconds",
    help,
    labels: ["a"],
    native: true,
    buckets: [1, 2],
  });
  histogram.with({ a: "b" }).observe(1.5);
  const retained = new Retained(prometheusProto, { left: Infinity }, PAGES);
  const first = piecesOf(retained, registry);
  isWhole(first, registry, prometheusProto);
  const pages = (pieces: readonly Bytes[]) => pieces.slice(1, 11);
  const second = piecesOf(retained, registry);
  assert.deepEqual(differing(pages(first), pages(second)), []);
  at(50).set(123_456);
  const third = piecesOf(retained, registry);
  isWhole(third, registry, prometheusProto);
  assert.deepEqual(differing(pages(first), pages(third)), [3]);
  remove(1); // the message becomes shorter, and its length stands before it
  histogram.with({ a: "c" }).observe(5);
  isWhole(piecesOf(retained, registry), registry, prometheusProto);
});

test("a huge family that is not kept is written in slices", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g", 20_000);
  registry.gauge({ name: "after", help }).set(1);
  for (const format of allFormats()) {
    const retained = new Retained(format, { left: 0 });
    const batches = [...retained.batches(registry)];
    isWhole(batches.flat(), registry, format);
    if (format === prometheusProto) continue; // its length stands before it
    assert.ok(batches.length >= 10, `${format.id}: ${batches.length} batches`);
    const largest = Math.max(...batches.flat().map(({ length }) => length));
    assert.ok(largest < 600_000, `${format.id}: ${largest} bytes at once`);
  }
});

test("a large family that is kept is looked at in slices", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 20_000);
  for (const format of allFormats()) {
    const retained = new Retained(format, { left: Infinity });
    for (let i = 0; i < 2; i++) {
      at(i).set(i * 1e6);
      const batches = [...retained.batches(registry)];
      isWhole(batches.flat(), registry, format);
      assert.ok(batches.length >= 5, `${format.id}: ${batches.length}`);
    }
  }
});

test("a huge family that throws after a part of it was sent fails the whole", () => {
  const rows = new OwnRows(20_000);
  rows.broken = 19_999;
  const told: unknown[] = [];
  const onFailure = (part: Source) => told.push(part);
  const retained = new Retained(prometheusText, { left: 0 });
  const batches = retained.batches(composed(rows), { onFailure });
  let sent = 0;
  assert.throws(() => {
    for (const batch of batches) sent += batch.length;
  }, /broken/);
  assert.ok(sent > 0);
  rows.broken = -1;
  isWhole(piecesOf(retained, composed(rows)), composed(rows));
});

/** Takes batches of several in turn, with `between` in between. */
function interleaved(
  readers: readonly Iterator<readonly Bytes[]>[],
  between: (turn: number) => void,
): Bytes[][] {
  const taken: Bytes[][] = readers.map(() => []);
  const open = new Set(readers.keys());
  for (let turn = 0; open.size > 0; turn++) {
    for (const i of open) {
      const { value, done } = readers[i]!.next();
      if (done) open.delete(i);
      else taken[i]!.push(...value);
      between(turn);
    }
  }
  return taken;
}

test("two readers that alternate each get a well-formed exposition", () => {
  for (const left of [Infinity, 20_000, 0]) {
    for (const format of [prometheusText, openMetrics]) {
      const registry = emptyRegistry();
      const { at, remove } = gaugeOf(registry, "g", 3000);
      const counter = registry.counter({
        name: "x_total",
        help,
        labels: ["a"],
      });
      const histogram = registry.histogram({
        name: "h",
        help,
        labels: ["a"],
        buckets: [1, 2, 3],
      });
      for (let i = 0; i < 200; i++) {
        counter.with({ a: i }).inc(i);
        histogram.with({ a: i }).observe(i % 5);
      }
      const budget: KeepBudget = { left };
      const retained = new Retained(format, budget, SMALL);
      for (let round = 0; round < 2; round++) {
        const readers = [0, 1, 2].map(() => retained.batches(registry));
        const bodies = interleaved(readers, (turn) => {
          at(turn * 13 % 3000).set(turn % 3 === 0 ? turn * 1e5 : turn);
          counter.with({ a: turn % 250 }).inc(1e3);
          histogram.with({ a: turn % 210 }).observe(turn % 7);
          if (turn % 11 === 0) remove(turn * 17 % 3000);
        });
        const dialect = format === openMetrics
          ? "openmetrics-1.0.0"
          : "text-0.0.4";
        for (const pieces of bodies) {
          const families = parseExposition(joined(pieces), dialect);
          assert.equal(families.length, 3);
          assert.ok(families[0]!.samples.length > 2500);
        }
        isWhole(piecesOf(retained, registry), registry, format);
      }
    }
  }
});

test("two readers of different formats do not disturb each other", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const formats = allFormats();
  const budget = { left: 1e6 };
  const all = formats.map((one) => new Retained(one, budget, SMALL));
  for (let round = 0; round < 3; round++) {
    interleaved(
      all.map((retained) => retained.batches(registry)),
      (turn) => at(turn % 500).set(turn),
    );
    formats.forEach((format, i) => {
      isWhole(piecesOf(all[i]!, registry), registry, format);
    });
  }
});

test("a reader that stops in the middle leaves the next one a whole", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const retained = new Retained(prometheusText, { left: Infinity }, SMALL);
  for (let stop = 1; stop < 40; stop++) {
    const batches = retained.batches(registry);
    for (let i = 0; i < stop; i++) batches.next();
    at(stop).set(stop * 1000);
    if (stop % 2 === 0) batches.return();
    isWhole(piecesOf(retained, registry), registry);
  }
});
