import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { crc32, gunzipSync } from "node:zlib";
import * as fc from "../../support/property.ts";
import type { Page } from "../../../src/encode/mod.ts";
import { GzipPages } from "../../../src/http/metrics/gzip_pages.ts";
import { type Deflate, deflate } from "../../../src/platform/internal.ts";
import { gunzip } from "../fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Batches = readonly (readonly Bytes[])[];

const real: Deflate = deflate()!;

/** How many bytes stand after the last block: CRC and size. */
const TRAILER = 8;

function joined(batches: Batches): Bytes {
  return new Uint8Array(Buffer.concat(batches.flat()));
}

/** The pieces as they are lent, by their bytes; none is written over. */
const lent = new WeakMap<Bytes, Page>();

function piecesOf(batches: Batches): Page[][] {
  return batches.map((batch) =>
    batch.map((bytes) => {
      const piece = lent.get(bytes) ?? { bytes, revision: 0 };
      lent.set(bytes, piece);
      return piece;
    })
  );
}

function zipped(batches: Batches, pages = new GzipPages(real)): Bytes {
  return joined([...pages.batches(piecesOf(batches))]);
}

function text(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Lines as a page has them, and bytes that cannot be made smaller. */
function pageOf(number: number, size = 8192): Bytes {
  const line = `page_${number}_total{method="GET",route="/items/:id"} `;
  const lines = Array.from({ length: 300 }, (_, i) => `${line}${i * i}\n`);
  return text(lines.join("")).slice(0, size);
}

function noiseOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  let state = size | 1;
  for (let i = 0; i < size; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Bodies of all shapes, as batches of pieces. */
const BODIES: Readonly<Record<string, Batches>> = {
  "nothing": [],
  "an empty batch": [[]],
  "empty pieces": [[new Uint8Array(0)], [], [new Uint8Array(0)]],
  "one byte": [[text("x")]],
  "one page": [[pageOf(1)]],
  "many pages": Array.from(
    { length: 40 },
    (_, i) => [pageOf(i), pageOf(i + 1, i * 100), pageOf(i)],
  ),
  "empty batches between pages": [[], [pageOf(1)], [], [pageOf(2)], []],
  "noise": [[noiseOf(100_000), noiseOf(1)], [noiseOf(70_000)]],
};

/** What a program that reads gzip makes of `bytes`; undefined if absent. */
function piped(
  program: string,
  args: readonly string[],
  bytes: Bytes,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args]);
    const chunks: Buffer[] = [];
    let complaint = "";
    child.on("error", ({ message }) => {
      if (/ENOENT|not found/i.test(message)) resolve(undefined);
      else reject(new Error(message));
    });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => complaint += chunk);
    child.on("close", (code) => {
      if (code === 0 && complaint === "") resolve(Buffer.concat(chunks));
      else reject(new Error(`${program} ended with ${code}: ${complaint}`));
    });
    child.stdin.on("error", () => {}); // it may refuse before it has read all
    child.stdin.end(bytes);
  });
}

function has(program: string): { skip: string | false } {
  const { error } = spawnSync(program, ["--version"]);
  return { skip: error === undefined ? false : `there is no ${program} here` };
}

test("the system's gzip takes each body, and finds nothing to complain of", {
  ...has("gzip"),
  timeout: 60_000,
}, async () => {
  for (const [name, batches] of Object.entries(BODIES)) {
    const bytes = zipped(batches);
    assert.equal((await piped("gzip", ["-t"], bytes))?.length, 0, name);
    const plain = await piped("gzip", ["-dc"], bytes);
    assert.equal(Buffer.compare(plain!, joined(batches)), 0, name);
  }
});

test("Python's gzip reads each body", {
  ...has("python3"),
  timeout: 60_000,
}, async () => {
  const program =
    "import gzip, sys; i = sys.stdin.buffer; o = sys.stdout.buffer\n" +
    "o.write(gzip.decompress(i.read()))";
  for (const [name, batches] of Object.entries(BODIES)) {
    const plain = await piped("python3", ["-c", program], zipped(batches));
    assert.equal(Buffer.compare(plain!, joined(batches)), 0, name);
  }
});

test("gunzipSync() and DecompressionStream read each body", async () => {
  for (const [name, batches] of Object.entries(BODIES)) {
    const bytes = zipped(batches);
    const plain = joined(batches);
    assert.equal(Buffer.compare(gunzipSync(bytes), plain), 0, name);
    if (name === "noise") continue; // it is no text
    assert.equal(await gunzip(bytes), new TextDecoder().decode(plain), name);
  }
});

test("law: what is unpacked is what was given, however it is cut", () => {
  const anyPiece = fc.oneof(
    { weight: 2, arbitrary: fc.constant(new Uint8Array(0)) },
    fc.uint8Array({ maxLength: 200, size: "max" }),
    fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9000 })).map(([page, size]) =>
      pageOf(page, size)
    ),
    fc.nat({ max: 70_000 }).map(noiseOf),
  );
  const anyBatches = fc.array(fc.array(anyPiece, { maxLength: 5 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(anyBatches, (given) => {
      const batches = given.map((batch) =>
        batch.map((piece) => new Uint8Array(piece))
      );
      const plain = joined(batches);
      const pages = new GzipPages(real);
      const bytes = zipped(batches, pages);
      assert.equal(Buffer.compare(gunzipSync(bytes), plain), 0);
      const again = zipped(batches, pages); // from what it remembers
      assert.equal(Buffer.compare(again, bytes), 0);
      const trailer = new DataView(bytes.buffer, bytes.length - TRAILER);
      assert.equal(trailer.getUint32(0, true), crc32(plain));
      assert.equal(trailer.getUint32(4, true), plain.length);
    }),
    { numRuns: 300 },
  );
});

/** The compression of the runtime, and what it was asked for. */
function counting() {
  const calls: { pieces: Bytes[]; crcs: Bytes[] } = { pieces: [], crcs: [] };
  const zip: Deflate = {
    piece(bytes) {
      calls.pieces.push(bytes);
      return real.piece(bytes);
    },
    crc32(bytes) {
      calls.crcs.push(bytes);
      return real.crc32(bytes);
    },
  };
  return { zip, calls };
}

test("pieces that have not changed are compressed and read once", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const all = Array.from({ length: 20 }, (_, i) => pageOf(i)); // 8, 8 and 4
  const body: Batches = [all, [all[0]!]];
  zipped(body, pages);
  assert.equal(calls.pieces.length, 4);
  zipped([all], pages); // the first eight anew: it began another row meanwhile
  zipped([all], pages);
  assert.equal(calls.pieces.length, 5);
  all[9] = pageOf(99);
  const changed: Batches = [all];
  assert.equal(
    Buffer.compare(gunzipSync(zipped(changed, pages)), joined(changed)),
    0,
  );
  assert.equal(calls.pieces.length, 6);
  assert.equal(calls.pieces[5]!.length, 8 * all[9].length);
  assert.deepEqual(calls.crcs, calls.pieces);
});

test("a piece that was written over is compressed anew", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const hot = { bytes: pageOf(1), revision: 0 };
  const batch: Page[] = [{ bytes: pageOf(0), revision: 0 }, hot];
  const plain = () => joined([batch.map(({ bytes }) => bytes)]);
  for (let turn = 0; turn < 3; turn++) {
    for (let again = 0; again < 2; again++) {
      const bytes = joined([...pages.batches([batch])]);
      assert.equal(Buffer.compare(gunzipSync(bytes), plain()), 0);
      assert.equal(calls.pieces.length, turn + 1);
    }
    hot.bytes.set(text(`turn ${turn}`), 1000);
    hot.revision++;
  }
});

test("what changes all the time is not kept, and is again once it stands", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const hot = { bytes: pageOf(1), revision: 0 };
  const squeezed = () => {
    const before = calls.pieces.length;
    const bytes = joined([...pages.batches([[hot]])]);
    assert.equal(Buffer.compare(gunzipSync(bytes), hot.bytes), 0);
    return calls.pieces.length - before;
  };
  for (let i = 0; i < 10; i++) {
    hot.revision++;
    assert.equal(squeezed(), 1);
  }
  assert.equal(squeezed(), 1, "it had not been kept");
  assert.equal(squeezed(), 0);
  hot.revision++;
  assert.equal(squeezed(), 1);
  assert.equal(squeezed(), 0, "one change does not make it hot");
});

test("pieces of the same bytes are other pieces", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  zipped([[pageOf(1)], [pageOf(1)]], pages);
  assert.equal(calls.pieces.length, 2);
});

test("nothing is compressed before it is asked for", () => {
  const { zip, calls } = counting();
  const batches = new GzipPages(zip).batches(
    piecesOf([[pageOf(1)], [pageOf(2)]]),
  );
  assert.equal(calls.pieces.length, 0);
  batches.next();
  assert.equal(calls.pieces.length, 1);
  batches.return();
  assert.equal(calls.pieces.length, 1);
});

test("two bodies that are written by turns do not disturb each other", () => {
  const pages = new GzipPages(real);
  const bodies: Batches[] = [
    [[pageOf(1)], [pageOf(2)], [pageOf(3)]],
    [[noiseOf(5000)], [], [text("x")]],
  ];
  const writers = bodies.map((body) => pages.batches(piecesOf(body)));
  const taken: Bytes[][] = bodies.map(() => []);
  for (let turn = 0; turn < 4; turn++) {
    writers.forEach((writer, i) => {
      taken[i]!.push(...writer.next().value ?? []);
    });
  }
  bodies.forEach((body, i) => {
    const plain = gunzipSync(joined([taken[i]!]));
    assert.equal(Buffer.compare(plain, joined(body)), 0);
  });
});

test("bytes that were handed out and transferred are missing to no one", () => {
  const pages = new GzipPages(real);
  const body: Batches = [[pageOf(1), pageOf(2)], [pageOf(3)]];
  for (let i = 0; i < 3; i++) {
    const pieces = [...pages.batches(piecesOf(body))].flat();
    const bytes = joined([pieces]);
    assert.equal(Buffer.compare(gunzipSync(bytes), joined(body)), 0);
    const transfer = pieces.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    assert.ok(pieces.every(({ length }) => length === 0));
  }
});

test("a batch of gzip has the bytes of a batch, and its ends beside them", () => {
  const pages = new GzipPages(real);
  const body: Batches = [[pageOf(1), pageOf(2)], [], [pageOf(3)]];
  const sizes = [...pages.batches(piecesOf(body))].map(({ length }) => length);
  assert.deepEqual(sizes, [1 + 1, 0, 1, 1]);
});

test("the size at the end is that of the body modulo 2^32", {
  timeout: 60_000,
}, () => {
  const piece = new Uint8Array(2 ** 24); // compressed once
  const times = 2 ** 8 + 3;
  const batches = Array.from({ length: times }, () => [piece]);
  const bytes = zipped([...batches, [text("end")]]);
  const trailer = new DataView(bytes.buffer, bytes.length - TRAILER);
  assert.equal(trailer.getUint32(4, true), 3 * 2 ** 24 + 3);
  let crc = 0;
  for (let i = 0; i < times; i++) crc = crc32(piece, crc);
  assert.equal(trailer.getUint32(0, true), crc32("end", crc));
});
