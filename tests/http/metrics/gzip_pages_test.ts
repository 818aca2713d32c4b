import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { crc32, gunzipSync } from "node:zlib";
import * as fc from "../../support/property.ts";
import { skippedUnless } from "../../support/rounds.ts";
import type { Page } from "../../../src/encode/mod.ts";
import { GzipPages } from "../../../src/http/metrics/gzip_pages.ts";
import { type Deflate, deflate } from "../../../src/platform/internal.ts";
import { gunzip } from "../fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Batches = readonly (readonly Bytes[])[];

const real: Deflate = deflate()!;

/** Bytes after the last block: CRC and size. */
const TRAILER = 8;

function joined(batches: Batches): Bytes {
  return new Uint8Array(Buffer.concat(batches.flat()));
}

/** Pages by their bytes, so that the same bytes are the same page. */
const pageByBytes = new WeakMap<Bytes, Page>();

function pagesOf(batches: Batches): Page[][] {
  return batches.map((batch) =>
    batch.map((bytes) => {
      const page = pageByBytes.get(bytes) ?? { bytes, revision: 0 };
      pageByBytes.set(bytes, page);
      return page;
    })
  );
}

function zipped(batches: Batches, pages = new GzipPages(real)): Bytes {
  return joined([...pages.batches(pagesOf(batches))]);
}

function text(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text of a page. */
function pageOf(number: number, size = 8192): Bytes {
  const line = `page_${number}_total{method="GET",route="/items/:id"} `;
  const lines = Array.from({ length: 300 }, (_, i) => `${line}${i * i}\n`);
  return text(lines.join("")).slice(0, size);
}

/** Bytes that cannot be compressed. */
function noiseOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  let state = size | 1;
  for (let i = 0; i < size; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Bodies of all shapes, as batches of pages. */
const BODIES: Readonly<Record<string, Batches>> = {
  "nothing": [],
  "an empty batch": [[]],
  "empty pages": [[new Uint8Array(0)], [], [new Uint8Array(0)]],
  "one byte": [[text("x")]],
  "one page": [[pageOf(1)]],
  "many pages": Array.from(
    { length: 40 },
    (_, i) => [pageOf(i), pageOf(i + 1, i * 100), pageOf(i)],
  ),
  "empty batches between pages": [[], [pageOf(1)], [], [pageOf(2)], []],
  "noise": [[noiseOf(100_000), noiseOf(1)], [noiseOf(70_000)]],
};

/** Pipes `bytes` through a program; undefined if the program is absent. */
function piped(
  program: string,
  args: readonly string[],
  bytes: Bytes,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args]);
    const chunks: Buffer[] = [];
    let stderr = "";
    child.on("error", ({ message }) => {
      if (/ENOENT|not found/i.test(message)) resolve(undefined);
      else reject(new Error(message));
    });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => stderr += chunk);
    child.on("close", (code) => {
      if (code === 0 && stderr === "") resolve(Buffer.concat(chunks));
      else reject(new Error(`${program} ended with ${code}: ${stderr}`));
    });
    child.stdin.on("error", () => {}); // it may fail before it has read everything
    child.stdin.end(bytes);
  });
}

function needs(program: string): { skip: string | false } {
  const { error } = spawnSync(program, ["--version"]);
  return skippedUnless(error === undefined, `${program} is not installed`);
}

test("gzip -t and gzip -dc accept each body", {
  ...needs("gzip"),
  timeout: 120_000,
}, async () => {
  for (const [name, batches] of Object.entries(BODIES)) {
    const bytes = zipped(batches);
    assert.equal((await piped("gzip", ["-t"], bytes))?.length, 0, name);
    const plain = await piped("gzip", ["-dc"], bytes);
    assert.equal(Buffer.compare(plain!, joined(batches)), 0, name);
  }
});

test("Python's gzip decompresses each body", {
  ...needs("python3"),
  timeout: 120_000,
}, async () => {
  const program =
    "import gzip, sys; i = sys.stdin.buffer; o = sys.stdout.buffer\n" +
    "o.write(gzip.decompress(i.read()))";
  for (const [name, batches] of Object.entries(BODIES)) {
    const plain = await piped("python3", ["-c", program], zipped(batches));
    assert.equal(Buffer.compare(plain!, joined(batches)), 0, name);
  }
});

test("gunzipSync() and DecompressionStream decompress each body", async () => {
  for (const [name, batches] of Object.entries(BODIES)) {
    const bytes = zipped(batches);
    const plain = joined(batches);
    assert.equal(Buffer.compare(gunzipSync(bytes), plain), 0, name);
    if (name === "noise") continue; // not UTF-8
    assert.equal(await gunzip(bytes), new TextDecoder().decode(plain), name);
  }
});

test("law: the decompressed body equals the pages, however they are batched", () => {
  const anyPage = fc.oneof(
    { weight: 2, arbitrary: fc.constant(new Uint8Array(0)) },
    fc.uint8Array({ maxLength: 200, size: "max" }),
    fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9000 })).map(([page, size]) =>
      pageOf(page, size)
    ),
    fc.nat({ max: 70_000 }).map(noiseOf),
  );
  const anyBatches = fc.array(fc.array(anyPage, { maxLength: 5 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(anyBatches, (given) => {
      const batches = given.map((batch) =>
        batch.map((page) => new Uint8Array(page))
      );
      const plain = joined(batches);
      const pages = new GzipPages(real);
      const bytes = zipped(batches, pages);
      assert.equal(Buffer.compare(gunzipSync(bytes), plain), 0);
      const again = zipped(batches, pages); // from its cache
      assert.equal(Buffer.compare(again, bytes), 0);
      const trailer = new DataView(bytes.buffer, bytes.length - TRAILER);
      assert.equal(trailer.getUint32(0, true), crc32(plain));
      assert.equal(trailer.getUint32(4, true), plain.length);
    }),
    { numRuns: 300 },
  );
});

/** The compression of the runtime, with a log of its calls. */
function counting() {
  const calls: { deflated: Bytes[]; crcs: Bytes[] } = {
    deflated: [],
    crcs: [],
  };
  const zip: Deflate = {
    compress(bytes) {
      calls.deflated.push(bytes);
      return real.compress(bytes);
    },
    crc32(bytes) {
      calls.crcs.push(bytes);
      return real.crc32(bytes);
    },
  };
  return { zip, calls };
}

test("unchanged pages are compressed and read once", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const all = Array.from({ length: 20 }, (_, i) => pageOf(i)); // 8, 8 and 4
  const body: Batches = [all, [all[0]!]];
  zipped(body, pages);
  assert.equal(calls.deflated.length, 4);
  zipped([all], pages); // the first group again: [all[0]] has replaced it
  zipped([all], pages);
  assert.equal(calls.deflated.length, 5);
  all[9] = pageOf(99);
  const changed: Batches = [all];
  assert.equal(
    Buffer.compare(gunzipSync(zipped(changed, pages)), joined(changed)),
    0,
  );
  assert.equal(calls.deflated.length, 6);
  assert.equal(calls.deflated[5]!.length, 8 * all[9].length);
  assert.deepEqual(calls.crcs, calls.deflated);
});

test("a page with another revision is compressed again", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const hot = { bytes: pageOf(1), revision: 0 };
  const batch: Page[] = [{ bytes: pageOf(0), revision: 0 }, hot];
  const plain = () => joined([batch.map(({ bytes }) => bytes)]);
  for (let turn = 0; turn < 3; turn++) {
    for (let again = 0; again < 2; again++) {
      const bytes = joined([...pages.batches([batch])]);
      assert.equal(Buffer.compare(gunzipSync(bytes), plain()), 0);
      assert.equal(calls.deflated.length, turn + 1);
    }
    hot.bytes.set(text(`turn ${turn}`), 1000);
    hot.revision++;
  }
});

test("a hot group is not cached until it stops changing", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  const hot = { bytes: pageOf(1), revision: 0 };
  const squeezed = () => {
    const before = calls.deflated.length;
    const bytes = joined([...pages.batches([[hot]])]);
    assert.equal(Buffer.compare(gunzipSync(bytes), hot.bytes), 0);
    return calls.deflated.length - before;
  };
  for (let i = 0; i < 10; i++) {
    hot.revision++;
    assert.equal(squeezed(), 1);
  }
  assert.equal(squeezed(), 1, "it was not cached");
  assert.equal(squeezed(), 0);
  hot.revision++;
  assert.equal(squeezed(), 1);
  assert.equal(squeezed(), 0, "one change does not make it hot");
});

test("a group is hot from the fourth compression in a row on", () => {
  for (const [changes, again] of [[2, 0], [3, 1]] as const) {
    const { zip, calls } = counting();
    const pages = new GzipPages(zip);
    const page = { bytes: pageOf(1), revision: 0 };
    for (let i = 0; i <= changes; i++) {
      [...pages.batches([[page]])];
      page.revision++;
    }
    page.revision--;
    calls.deflated.length = 0;
    [...pages.batches([[page]])];
    assert.equal(calls.deflated.length, again, `after ${changes} changes`);
  }
});

test("hot groups beside each other are compressed together", () => {
  const { zip, calls } = counting();
  const gzip = new GzipPages(zip);
  const page = (i: number) => ({ bytes: noiseOf(20_000 + i), revision: 0 });
  const hot = Array.from({ length: 48 }, (_, i) => page(i));
  const cold = page(100);
  const batches = [
    ...[0, 8, 16].map((from) => hot.slice(from, from + 8)),
    [cold],
    ...[24, 32, 40].map((from) => hot.slice(from, from + 8)),
  ];
  const plain = joined(batches.map((pages) => pages.map(({ bytes }) => bytes)));
  for (let i = 0; i < 10; i++) {
    calls.deflated.length = 0;
    const bytes = joined([...gzip.batches(batches)]);
    assert.equal(Buffer.compare(gunzipSync(bytes), plain), 0);
    if (i > 5) assert.equal(calls.deflated.length, 2 * 2, "13 pages in a call");
    for (const page of hot) page.revision++;
  }
});

test("other pages with the same bytes are compressed again", () => {
  const { zip, calls } = counting();
  const pages = new GzipPages(zip);
  zipped([[pageOf(1)], [pageOf(1)]], pages);
  assert.equal(calls.deflated.length, 2);
});

test("a batch is compressed only when it is pulled", () => {
  const { zip, calls } = counting();
  const batches = new GzipPages(zip).batches(
    pagesOf([[pageOf(1)], [pageOf(2)]]),
  );
  assert.equal(calls.deflated.length, 0);
  batches.next();
  assert.equal(calls.deflated.length, 1);
  batches.return();
  assert.equal(calls.deflated.length, 1);
});

test("no call compresses more than 256 KiB, and each is followed by a yield", () => {
  const max = 262_144;
  const pages = (...sizes: number[]) => sizes.map((size) => noiseOf(size));
  const bodies: readonly (readonly [Batches, readonly number[]])[] = [
    [[pages(max)], [max]],
    [[pages(max + 1)], [max, 1]],
    [[pages(1000, max, 1000)], [1000, max, 1000]],
    [[pages(1000, max - 1000, 1000)], [max, 1000]],
    [[pages(1000, 3 * max, 1000)], [1000, max, max, max, 1000]],
    [[pages(...Array<number>(8).fill(40_000))], [240_000, 80_000]],
    [[pages(1_000_000)], [...Array<number>(3).fill(max), 213_568]],
  ];
  for (const [body, expected] of bodies) {
    const { zip, calls } = counting();
    const gzip = new GzipPages(zip);
    for (const again of [false, true]) {
      const sizes: number[] = [];
      const chunks: Bytes[] = [];
      for (const batch of gzip.batches(pagesOf(body))) {
        assert.ok(calls.deflated.length <= 1, "at most one call in a step");
        sizes.push(...calls.deflated.map(({ length }) => length));
        calls.deflated.length = 0;
        chunks.push(...batch);
      }
      assert.deepEqual(sizes, again ? [] : expected, "cached afterwards");
      const plain = gunzipSync(joined([chunks]));
      assert.equal(Buffer.compare(plain, joined(body)), 0);
    }
  }
});

test("two bodies can be compressed alternately", () => {
  const pages = new GzipPages(real);
  const bodies: Batches[] = [
    [[pageOf(1)], [pageOf(2)], [pageOf(3)]],
    [[noiseOf(5000)], [], [text("x")]],
  ];
  const writers = bodies.map((body) => pages.batches(pagesOf(body)));
  const outputs: Bytes[][] = bodies.map(() => []);
  for (let turn = 0; turn < 20; turn++) {
    writers.forEach((writer, i) => {
      outputs[i]!.push(...writer.next().value ?? []);
    });
  }
  bodies.forEach((body, i) => {
    const plain = gunzipSync(joined([outputs[i]!]));
    assert.equal(Buffer.compare(plain, joined(body)), 0);
  });
});

test("chunks whose buffers were transferred are compressed again", () => {
  const pages = new GzipPages(real);
  const body: Batches = [[pageOf(1), pageOf(2)], [pageOf(3)]];
  for (let i = 0; i < 3; i++) {
    const chunks = [...pages.batches(pagesOf(body))].flat();
    const bytes = joined([chunks]);
    assert.equal(Buffer.compare(gunzipSync(bytes), joined(body)), 0);
    const transfer = chunks.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    assert.ok(chunks.every(({ length }) => length === 0));
  }
});

test("each batch has the chunks of its pages, between a header and a trailer", () => {
  const pages = new GzipPages(real);
  const body: Batches = [[pageOf(1), pageOf(2)], [], [pageOf(3)]];
  const sizes = [...pages.batches(pagesOf(body))].map(({ length }) => length);
  assert.deepEqual(sizes.filter((size) => size > 0), [1 + 1, 1, 1]);
});

test("the trailer has the size of the body modulo 2^32", {
  timeout: 120_000,
}, () => {
  const page = new Uint8Array(2 ** 24); // compressed once
  const times = 2 ** 8 + 3;
  const batches = Array.from({ length: times }, () => [page]);
  const bytes = zipped([...batches, [text("end")]]);
  const trailer = new DataView(bytes.buffer, bytes.length - TRAILER);
  assert.equal(trailer.getUint32(4, true), 3 * 2 ** 24 + 3);
  let crc = 0;
  for (let i = 0; i < times; i++) crc = crc32(page, crc);
  assert.equal(trailer.getUint32(0, true), crc32("end", crc));
});
