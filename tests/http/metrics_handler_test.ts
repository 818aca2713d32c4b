import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry, defaultRegistry } from "../../src/metrics/mod.ts";
import { familyDesc, type Source } from "../../src/model/mod.ts";
import { parseExposition, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";
const OPEN = "application/openmetrics-text";

function get(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request("http://localhost/metrics", { method, headers });
}

function setUp(series = 1) {
  const registry = createRegistry();
  const counter = registry.counter({ name: "x_total", help, labels: ["a"] });
  for (let i = 0; i < series; i++) counter.with({ a: i }).inc(i);
  return { registry, counter, handler: metricsHandler(registry) };
}

async function gunzip(response: Response): Promise<string> {
  const plain = response.body!.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(plain).text();
}

test("GET answers with the exposition, its type, length and Vary", async () => {
  const { handler } = setUp();
  const response = await handler(get());
  assert.equal(response.status, 200);
  const { headers } = response;
  assert.equal(
    headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assert.equal(headers.get("vary"), "Accept, Accept-Encoding");
  const body = await response.text();
  assert.equal(headers.get("content-length"), String(body.length));
  assert.equal(parseExposition(body, "text-0.0.4")[0]!.name, "x_total");
});

test("the format is the one that is asked for", async () => {
  const { handler } = setUp();
  const response = await handler(get({ accept: OPEN }));
  assert.equal(
    response.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const families = parseExposition(await response.text(), "openmetrics-1.0.0");
  assert.equal(families[0]!.name, "x");
});

test("scraping in one format leaves the other as it was", async () => {
  const { handler } = setUp();
  const text = await (await handler(get())).text();
  await handler(get({ accept: OPEN }));
  assert.equal(await (await handler(get())).text(), text);
});

test("HEAD has the headers of GET and no body", async () => {
  const { handler } = setUp();
  const response = await handler(get({ accept: OPEN }, "HEAD"));
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^application\/openm/);
  assert.equal(await response.text(), "");
});

test("OPTIONS and foreign methods are told what is allowed", async () => {
  const { handler } = setUp();
  const options = await handler(get({}, "OPTIONS"));
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
    const response = await handler(get({}, method));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
  }
});

test("a client that accepts gzip gets it, of the same text", async () => {
  const { handler } = setUp(200);
  const plain = await (await handler(get())).text();
  const response = await handler(get({ "accept-encoding": "gzip" }));
  assert.equal(response.headers.get("content-encoding"), "gzip");
  const length = Number(response.headers.get("content-length"));
  assert.ok(length < plain.length / 2);
  assert.equal(await gunzip(response), plain);
});

test("gzip is sent only to who wants it, and where it is worth it", async () => {
  const large = setUp(200);
  const encoding = async (header: string, handler = large.handler) =>
    (await handler(get({ "accept-encoding": header })))
      .headers.get("content-encoding");
  for (
    const yes of [
      "gzip",
      "GZIP",
      "deflate, gzip;q=0.1",
      "*",
      "br;q=1, *;q=0.5",
      "gzip;q=1.000",
      "identity;q=0, gzip",
    ]
  ) assert.equal(await encoding(yes), "gzip", yes);
  for (
    const no of [
      "",
      "br",
      "gzip;q=0",
      "gzip;q=0.000",
      "gzip;q=0, *",
      "gzip;q=NaN",
      "*;q=0",
      "gzipped",
      "identity",
    ]
  ) assert.equal(await encoding(no), null, no);
  assert.equal(await encoding("gzip", setUp(1).handler), null, "too small");
  const off = metricsHandler(large.registry, { gzip: false });
  assert.equal(await encoding("gzip", off), null);
});

test("law: no header makes it throw, or answer other than 200", async () => {
  const { handler } = setUp();
  const token = fc.constantFrom(
    OPEN,
    "text/plain",
    "gzip",
    "*/*",
    "*",
    ";q=",
    "0.5",
    "0",
    "NaN",
    ",",
    ";",
    '"',
    "\\",
    " ",
  );
  const header = fc.oneof(
    fc.array(token, { maxLength: 40 }).map((list) => list.join("")),
    fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((code) =>
        String.fromCharCode(code)
      ),
    }),
    fc.constant("x".repeat(65_536)),
  );
  await fc.assert(
    fc.asyncProperty(header, header, async (accept, encoding) => {
      const headers = { accept, "accept-encoding": encoding };
      const response = await handler(get(headers));
      assert.equal(response.status, 200);
      assert.ok((await response.arrayBuffer()).byteLength > 0);
    }),
    { numRuns: 1000 },
  );
});

test("authorize decides who gets in", async () => {
  const { registry } = setUp();
  const statusOf = async (verdict: () => boolean | Response) => {
    const handler = metricsHandler(registry, { authorize: verdict });
    return (await handler(get())).status;
  };
  assert.equal(await statusOf(() => true), 200);
  assert.equal(await statusOf(() => false), 401);
  assert.equal(await statusOf(() => new Response(null, { status: 403 })), 403);
  assert.equal(await statusOf(() => "yes" as unknown as boolean), 401);
  const broken = metricsHandler(registry, {
    authorize: () => Promise.reject(new Error("secret")),
  });
  const response = await broken(get());
  assert.equal(response.status, 401);
  assert.doesNotMatch(await response.text(), /secret/);
});

test("scrapes that overlap share one refresh and one body", async () => {
  const registry = createRegistry();
  const ready = Promise.withResolvers<void>();
  let asked = 0;
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: async (report) => {
      asked++;
      await ready.promise;
      report(asked);
    },
  });
  const handler = metricsHandler(registry);
  const scrapes = [get(), get(), get({ accept: OPEN }), get()].map(handler);
  ready.resolve();
  const bodies = await Promise.all(
    (await Promise.all(scrapes)).map((response) => response.text()),
  );
  assert.equal(asked, 1);
  assert.equal(bodies[0], bodies[1]);
  assert.match(bodies[2]!, /slow 1\n[^]*# EOF\n$/);
  assert.match(await (await handler(get())).text(), /slow 2\n/);
});

test("a source that is late is left out, counted, and the rest is served", async () => {
  const { registry } = setUp();
  const aborted = Promise.withResolvers<unknown>();
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: (report, signal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          report(7); // too late to be taken
          aborted.resolve(signal.reason);
          resolve();
        });
      }),
  });
  const handler = metricsHandler(registry, { timeout: 0.001 });
  const body = await (await handler(get())).text();
  assert.match(body, /x_total\{a="0"\} 0\n/);
  assert.doesNotMatch(body, /slow \d/);
  assert.match(String(await aborted.promise), /not ready within 0.001 s/);
  const name = "barograph_source_failures_total";
  assert.equal(valueOf(registry, name, { source: "slow" }), 1);
  assert.match(body, /source_failures_total\{source="slow"\} 1\n/);
});

test("a throwing, a NaN-producing and a rejecting source spoil nothing", async () => {
  const { registry } = setUp();
  const bad = new Error("broken");
  registry.callbackGauge({
    name: "throws",
    help,
    read: () => {
      throw bad;
    },
  });
  registry.callbackCounter({
    name: "nan_total",
    help,
    read: (report) => report(NaN),
  });
  registry.callbackGauge({
    name: "rejects",
    help,
    refresh: () => Promise.reject(bad),
  });
  const desc = familyDesc({ name: "own_total", type: "counter", help });
  registry.add({
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      sink.number({ names: [], value: () => "" }, NaN, 0);
    },
  });
  registry.gauge({ name: "after", help }).set(1);
  const heard: unknown[] = [];
  const handler = metricsHandler(registry, {
    onFailure: (part) => {
      heard.push(part.descs[0]!.name);
      throw new Error("a listener that fails spoils nothing either");
    },
  });
  for (const accept of ["text/plain", OPEN]) {
    const response = await handler(get({ accept }));
    assert.equal(response.status, 200);
    const body = await response.text();
    const dialect = accept === OPEN ? "openmetrics-1.0.0" : "text-0.0.4";
    const names = parseExposition(body, dialect).map(({ name }) => name);
    assert.ok(names.includes("after"));
    assert.ok(!names.some((name) => /throws|rejects|nan|own/.test(name)));
  }
  assert.deepEqual(heard.slice(0, 3), ["rejects", "throws", "own_total"]);
});

test("a bare source that fails while nobody listens is a 500 that leaks nothing", async () => {
  const source: Source = {
    descs: [],
    collect() {
      throw new Error("secret");
    },
  };
  const response = await metricsHandler(source)(get());
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  const heard = await metricsHandler(source, { onFailure: () => {} })(get());
  assert.equal(heard.status, 200);
});

test("_created is written where it is asked for", async () => {
  const { registry } = setUp();
  const body = async (created: boolean) => {
    const handler = metricsHandler(registry, { created });
    return await (await handler(get({ accept: OPEN }))).text();
  };
  assert.doesNotMatch(await body(false), /_created/);
  assert.match(await body(true), /x_created\{a="0"\} \d+/);
});

test("without a source it serves the default registry", async () => {
  const response = await metricsHandler()(get());
  assert.equal(response.status, 200);
  assert.equal(defaultRegistry(), defaultRegistry());
});

test("a timeout that is none throws at once", () => {
  for (const timeout of [0, -1, NaN, Infinity, 1e9]) {
    assert.throws(
      () => metricsHandler(createRegistry(), { timeout }),
      /timeout is .*; give seconds, such as 8/,
    );
  }
});
