/** Requests that a collector calls too large are sent again in halves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { span } from "./fixtures.ts";
import { give, numbersOf, range, setUp } from "./set_up.ts";

const timeout = 120_000;

/** How collectors and proxies say that a request is too large. */
const REFUSALS: readonly (readonly [number, string])[] = [
  [413, ""],
  [413, "<h1>413 Request Entity Too Large</h1>"],
  [400, "http: request body too large"],
  [400, "Request payload size exceeds the limit: 10485760 bytes."],
  [500, "grpc: received message larger than max (5000000 vs. 4194304)"],
];

test("spanExporter() halves a request that is too large", {
  timeout,
}, async () => {
  for (const [status, body] of REFUSALS) {
    const { exporter, sent, errors } = setUp(
      {},
      ({ export: { spans } }) =>
        spans.length > 8 ? new Response(body, { status }) : new Response(),
    );
    give(exporter, 1, 20);
    assert.equal(await exporter.flush(), true);
    const { exported, rejected, retries } = exporter.stats();
    assert.deepEqual([exported, rejected, retries], [20, 0, 0], body);
    const taken = sent.filter((request) => request.export.spans.length <= 8);
    assert.deepEqual(numbersOf(taken), range(1, 20));
    assert.deepEqual(errors, []);
  }
});

test("spanExporter() rejects one large span, and exports its batch", {
  timeout,
}, async () => {
  for (const [status, body] of REFUSALS) {
    const { exporter, errors } = setUp(
      {},
      ({ export: { spans } }) =>
        spans.some(({ name }) => name === "large")
          ? new Response(body, { status })
          : new Response(),
    );
    give(exporter, 1, 7);
    exporter.export({ ...span(8), name: "large" });
    give(exporter, 9, 20);
    assert.equal(await exporter.flush(), true);
    const { exported, rejected } = exporter.stats();
    assert.deepEqual([exported, rejected], [19, 1], body);
    assert.equal(errors.length, 1);
  }
});

test("spanExporter() sends few requests if each one is too large", {
  timeout,
}, async () => {
  const { exporter, sent } = setUp(
    { capacity: 4096 },
    () => new Response(null, { status: 413 }),
  );
  give(exporter, 1, 4096);
  assert.equal(await exporter.flush(), true);
  assert.equal(exporter.stats().rejected, 4096);
  assert.ok(sent.length < 60, `${sent.length} requests`);
});

test("spanExporter() loses no span that fits behind many that are too large", {
  timeout,
}, async () => {
  const { exporter } = setUp(
    {},
    ({ export: { spans } }) =>
      new Response(null, {
        status: spans.some(({ name }) => name === "large") ? 413 : 200,
      }),
  );
  for (let n = 1; n <= 100; n++) {
    exporter.export({ ...span(n), name: n % 2 === 0 ? "large" : `span ${n}` });
  }
  assert.equal(await exporter.flush(), true);
  const { exported, rejected } = exporter.stats();
  assert.deepEqual([exported, rejected], [50, 50]);
});

test("spanExporter() repeats no request that other limits refuse", {
  timeout,
}, async () => {
  const answers: readonly (readonly [number, string])[] = [
    [400, ""],
    [400, "malformed span"],
    [403, "quota exceeded: more than 1000 bytes"],
    [400, "request rate too large"],
  ];
  for (const [status, body] of answers) {
    const { exporter, sent } = setUp({}, () => new Response(body, { status }));
    give(exporter, 1, 20);
    await exporter.flush();
    assert.equal(sent.length, 1, body);
    assert.equal(exporter.stats().rejected, 20);
  }
});

test("spanExporter() compresses no longer once gzip was refused", {
  timeout,
}, async () => {
  const { exporter, sent, errors } = setUp(
    {},
    ({ headers }) =>
      new Response(null, {
        status: headers.get("content-encoding") === "gzip" ? 415 : 200,
      }),
  );
  give(exporter, 1, 100);
  await exporter.flush();
  give(exporter, 101, 200);
  await exporter.flush();
  assert.equal(exporter.stats().exported, 200);
  assert.equal(sent.length, 3);
  assert.deepEqual(errors, []);
});

test("spanExporter() refuses a batch if no encoding is accepted", {
  timeout,
}, async () => {
  const { exporter, sent } = setUp(
    {},
    () => new Response(null, { status: 415 }),
  );
  give(exporter, 1, 100);
  assert.equal(await exporter.flush(), true);
  assert.equal(exporter.stats().rejected, 100);
  assert.equal(sent.length, 2);
});
