import assert from "node:assert/strict";
import { test } from "node:test";
import { HELD } from "../../../src/fleet/slot/slot.ts";
import {
  copyAt,
  CopyBuffer,
  logAt,
} from "../../../src/fleet/slot/slot_format.ts";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { MemoryDisk } from "./memory_files.ts";
import { META, PATH, row, withNumbers } from "./slots.ts";

interface Forged {
  readonly log?: string;
  readonly meta?: string;
  readonly extras?: string;
  readonly header?: Record<string, number>;
}

const FAMILY = JSON.stringify([
  ...["a_total", "counter", "Help.", "", ["a"], "sum", [], false],
]);

const HISTOGRAM = ["h", "histogram", "Help.", "", [], "sum", [1], false];

/** Returns a file that has a proper checksum, but any contents. */
function forged({
  log = `F${FAMILY}\nR0\t0\t0\t["x"]\n`,
  meta = JSON.stringify(META),
  extras = "1\n",
  header = {},
}: Forged): Uint8Array {
  const encoder = new TextEncoder();
  const capacity = 4096;
  const logBytes = encoder.encode(log);
  const metaBytes = encoder.encode(meta);
  const extrasBytes = encoder.encode(extras);
  const bytes = new Uint8Array(logAt(capacity) + logBytes.length);
  bytes.set(encoder.encode("BAROFLT1"));
  withNumbers(bytes, { 8: 2, 24: 0.25, 32: capacity });
  const copy = new CopyBuffer(capacity).write(
    {
      number: 1,
      cells: 1,
      rows: 1,
      logLength: logBytes.length,
      metaLength: metaBytes.length,
      extrasLength: extrasBytes.length,
      publishedAt: 1,
      ...header,
    },
    Float64Array.of(5),
    Uint8Array.of(HELD),
    metaBytes,
    extrasBytes,
  );
  bytes.set(copy, copyAt(1, capacity));
  bytes.set(logBytes, logAt(capacity));
  return bytes;
}

function readForged(parts: Forged): SlotReader {
  const disk = new MemoryDisk();
  disk.set(PATH, forged(parts));
  const reader = new SlotReader(disk.member(), PATH);
  reader.read();
  return reader;
}

test("a file with a proper checksum is read", () => {
  const { state } = readForged({});
  assert.deepEqual(state?.rows, [{ ...row(0, "x"), at: 0 }]);
  assert.equal(state?.cells[0], 5);
});

test("a forged log, meta or extra makes the file unusable", () => {
  const change = (at: number, value: unknown): string => {
    const values: unknown[] = JSON.parse(FAMILY);
    values[at] = value;
    return JSON.stringify(values);
  };
  const histogram = (at: number, value: unknown): string => {
    const values: unknown[] = [...HISTOGRAM];
    values[at] = value;
    return `F${JSON.stringify(values)}\n`;
  };
  const families = [
    ...["", "{", "null", "1", "[]", "{}", FAMILY.slice(0, -1)],
    JSON.stringify([...JSON.parse(FAMILY), 1]),
    change(0, ""),
    change(0, "a"),
    change(0, 1),
    change(0, { toString: "x" }),
    ...["nonsense", "__proto__", null].map((type) => change(1, type)),
    ...["", 7].map((help) => change(2, help)),
    change(3, "seconds"),
    ...[["b", "b"], [1], "a", ["a", "b"], { length: 1 }, null].map((names) =>
      change(4, names)
    ),
    ...["nonsense", null].map((rule) => change(5, rule)),
    ...[[1], "x", null].map((bounds) => change(6, bounds)),
    ...[true, 1].map((isNative) => change(7, isNative)),
  ].map((text) => `F${text}\nR0\t0\t0\t["x"]\n`);
  const line = `F${FAMILY}\n`;
  const rows = [
    ...["R", "R0", "R0\t0\t0", 'R0\t0\t0\t["x"]\t', 'X0\t0\t0\t["x"]', ""],
    ...[
      '["x"',
      '["x","y"]',
      '["",""]',
      '[",",""]',
      '["x",]',
      "[]",
      "[1]",
      '"x"',
      "null",
      '[ "x"]',
      '["\\u0041"]',
    ]
      .map((labels) => `R0\t0\t0\t${labels}`),
    ...["1", "-1", "0.5", "", " 0", "00", "9".repeat(20), "length", "NaN"].map(
      (number) => `R${number}\t0\t0\t["x"]`,
    ),
    ...["-1", "NaN", "Infinity", "x", "", "1e99"].map((start) =>
      `R0\t${start}\t0\t["x"]`
    ),
    ...["-1", "NaN", "0.5", "", "1e99"].map((generation) =>
      `R0\t0\t${generation}\t["x"]`
    ),
    'R0\t0\t0\t["x"]\nT0\t0\t["x"',
    'R0\t0\t0\t["x"]\nT0\t0',
    'R0\t0\t0\t["x"]\nT1\t0\t["x"]',
    'R0\t0\t0\t["x"]\nR0\t0\t0\t["y"]',
  ].map((text) => `${line}${text}\n`);
  const bounds = [[2, 1], [1, 1], ["1"], [null], "1"].map((it) =>
    `${line}R0\t0\t0\t["x"]\n${histogram(6, it)}`
  );
  const cases: readonly Forged[] = [
    ...[...families, ...rows, ...bounds].map((log) => ({ log })),
    { log: `${line}R0\t0\t0\t["x"]` },
    { log: `R0\t0\t0\t["x"]\n${line}` },
    { log: "" },
    ...["", "null", "1", "[]", "{}", "x", '{"incarnation":1}'].map((meta) => ({
      meta,
    })),
    ...[
      { incarnation: -1 },
      { incarnation: "1" },
      { joinedAt: null },
      { process: 1 },
      { run: null },
      { hasLeft: 0 },
      { declared: [1] },
      { declared: [-1] },
      { declared: ["0"] },
      { declared: {} },
    ].map((part) => ({ meta: JSON.stringify({ ...META, ...part }) })),
    ...["", "1", "1\n1\tx\n", "1\n-1\tx\n", "1\nx\n", "1\n\tx\n", "1\n0\tx"]
      .map(
        (extras) => ({ extras }),
      ),
    ...[
      { cells: 2 },
      { cells: 0 },
      { rows: 0 },
      { rows: 9 },
      { logLength: 0 },
      { logLength: 3 },
      { logLength: 1e6 },
      { logLength: 2 ** 40 },
      { logLength: 2 ** 53 },
      { logLength: NaN },
      { publishedAt: NaN },
      { publishedAt: Infinity },
      { number: 3 },
      { number: NaN },
    ].map((header) => ({ header })),
  ];
  for (const parts of cases) {
    const reader = readForged(parts);
    const what = JSON.stringify(parts);
    assert.equal(reader.state, undefined, what);
    const [reason] = [...reader.failed.keys()];
    assert.ok(reason === "corrupt" || reason === "truncated", what);
  }
});

test("huge numbers in the header of a copy are refused before memory is taken", () => {
  for (const at of [8, 16, 24, 32, 40]) {
    for (const value of [2 ** 31, 2 ** 40, 2 ** 52, -1, NaN, Infinity, 0.5]) {
      const disk = new MemoryDisk();
      const bytes = forged({});
      const { length } = bytes;
      disk.set(PATH, withNumbers(bytes, { [copyAt(1, 4096) + at]: value }));
      const reader = new SlotReader(disk.member(), PATH);
      assert.equal(reader.read(), "gone");
      assert.ok(disk.longestRead <= length);
    }
  }
});

test("invalid UTF-8 makes a file unusable", () => {
  const bytes = forged({});
  bytes[bytes.length - 4] = 0xff;
  const disk = new MemoryDisk();
  disk.set(PATH, bytes);
  const reader = new SlotReader(disk.member(), PATH);
  assert.equal(reader.read(), "gone");
  assert.deepEqual([...reader.failed], [["corrupt", 1]]);
});

test("a beat that is not a time is none", () => {
  for (const beat of [NaN, Infinity, -1]) {
    const disk = new MemoryDisk();
    disk.set(PATH, withNumbers(forged({}), { 16: beat }));
    const reader = new SlotReader(disk.member(), PATH);
    assert.equal(reader.read(), "replaced");
    assert.equal(reader.beatAt, 0);
  }
});
