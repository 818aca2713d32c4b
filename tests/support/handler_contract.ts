/**
 * The contract of the handlers of metrics, events and health: each case asks the
 * endpoints of `handler_world.ts`, in the same process or over the network.
 */
import assert from "node:assert/strict";
import { allFormats, ESCAPING_SCHEMES, expose } from "../../src/encode/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { CASES, registryOf as goldenRegistry } from "../golden/cases.ts";
import { bytesOf, gunzip, OPEN } from "../http/fixtures.ts";
import { LARGE } from "./handler_world.ts";

/** A way to the endpoints. The answer has the body as it was sent. */
export interface World {
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ): Promise<Response>;
  /** Whether the handlers compress bodies. */
  readonly compresses: boolean;
  /** Whether feeds of events are served. */
  readonly feeds: boolean;
  /** Whether requests reach the handlers as they are, and answers return so. */
  readonly isDirect: boolean;
}

/** A case of the contract. */
export interface ContractCase {
  readonly title: string;
  check(world: World): Promise<void>;
}

const GZIP = { "accept-encoding": "gzip" };

/** Returns the text of a body, decoded once if its headers say so. */
async function textOf(response: Response): Promise<string> {
  const coding = response.headers.get("content-encoding");
  const bytes = await bytesOf(response);
  if (coding === "gzip") return await gunzip(bytes);
  assert.equal(coding, null);
  return new TextDecoder().decode(bytes);
}

const PROTO = "application/vnd.google.protobuf; " +
  "proto=io.prometheus.client.MetricFamily; encoding=delimited";

/** The content type that each Accept header selects. */
const TYPES: readonly (readonly [accept: string, type: string])[] = [
  ["text/plain", "text/plain; version=0.0.4; charset=utf-8"],
  [
    "text/plain;version=0.0.4;escaping=dots",
    "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
  ],
  [
    "text/plain;version=1.0.0",
    "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
  ],
  [
    "text/plain;version=1.0.0;escaping=allow-utf-8",
    "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
  ],
  [OPEN, `${OPEN}; version=1.0.0; charset=utf-8`],
  [`${OPEN};version=0.0.1`, `${OPEN}; version=0.0.1; charset=utf-8`],
  [
    `${OPEN};version=1.0.0;escaping=values`,
    `${OPEN}; version=1.0.0; charset=utf-8; escaping=values`,
  ],
  [`${OPEN};version=2.0.0`, `${OPEN}; version=2.0.0; charset=utf-8`],
  [PROTO, PROTO],
];

/** The golden cases; a handler also exposes which sources are missing. */
const GOLDEN = Object.keys(CASES).filter((name) => name !== "self_metrics");

/** Every case. */
export const CONTRACT: readonly ContractCase[] = [
  {
    title:
      "GET returns the exposition with its type, length and caching headers",
    async check({ ask }) {
      const response = await ask("/one");
      assert.equal(response.status, 200);
      const { headers } = response;
      assert.equal(
        headers.get("content-type"),
        "text/plain; version=0.0.4; charset=utf-8",
      );
      assert.equal(headers.get("vary"), "Accept, Accept-Encoding");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("content-encoding"), null);
      const bytes = await bytesOf(response);
      assert.equal(headers.get("content-length"), String(bytes.length));
      const text = new TextDecoder().decode(bytes);
      assert.equal(parseExposition(text, "text-0.0.4")[0]!.name, "x_total");
    },
  },
  {
    title: "Content-Length counts bytes, not characters",
    async check({ ask }) {
      const response = await ask("/unicode");
      const bytes = await bytesOf(response);
      const length = response.headers.get("content-length");
      assert.equal(length, String(bytes.length));
      assert.match(new TextDecoder().decode(bytes), /Größe 🌡/);
    },
  },
  {
    title: "the format follows the Accept header",
    async check({ ask }) {
      const response = await ask("/one", { accept: OPEN });
      assert.equal(
        response.headers.get("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
      );
      const text = await response.text();
      const families = parseExposition(text, "openmetrics-1.0.0");
      assert.equal(families[0]!.name, "x");
    },
  },
  {
    title: "each format has the content type that the client requested",
    async check({ ask }) {
      for (const [accept, type] of TYPES) {
        const response = await ask("/one", { accept });
        assert.equal(response.headers.get("content-type"), type);
        assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
        assert.ok((await bytesOf(response)).length > 0);
      }
    },
  },
  {
    title: "a scrape in one format does not change the body of another",
    async check({ ask }) {
      const text = await (await ask("/one")).text();
      await (await ask("/one", { accept: OPEN })).text();
      assert.equal(await (await ask("/one")).text(), text);
    },
  },
  {
    title: "HEAD returns the headers of GET, without a body or a length",
    async check({ ask }) {
      for (const accept of ["text/plain", OPEN]) {
        const before = await ask("/counting", { accept });
        const [, value] = /^x ([0-9]+)$/m.exec(await before.text())!;
        const head = await ask("/counting", { accept }, "HEAD");
        assert.equal(head.status, 200);
        assert.equal(head.headers.get("content-length"), null);
        assert.equal((await bytesOf(head)).length, 0);
        const after = await ask("/counting", { accept });
        for (const name of ["content-type", "vary", "cache-control"]) {
          assert.equal(head.headers.get(name), after.headers.get(name));
        }
        const next = new RegExp(`^x ${Number(value) + 1}$`, "m");
        assert.match(await after.text(), next, "HEAD collects nothing");
      }
    },
  },
  {
    title: "OPTIONS answers 204 and other methods 405, both with Allow",
    async check({ ask, isDirect }) {
      const options = await ask("/one", {}, "OPTIONS");
      assert.equal(options.status, 204);
      assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
      assert.equal((await bytesOf(options)).length, 0);
      if (isDirect) assert.equal(options.body, null);
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
        const response = await ask("/one", {}, method);
        assert.equal(response.status, 405);
        assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
        const type = response.headers.get("content-type");
        assert.equal(type, "text/plain; charset=utf-8");
        const text = await textOf(response);
        assert.equal(text, "use one of GET, HEAD, OPTIONS\n");
      }
    },
  },
  {
    title: "a client that accepts gzip gets the same exposition, encoded once",
    async check({ ask, compresses }) {
      for (const accept of ["text/plain", OPEN]) {
        const plain = await (await ask("/many", { accept })).text();
        const response = await ask("/many", { accept, ...GZIP });
        const { headers } = response;
        assert.equal(headers.get("vary"), "Accept, Accept-Encoding");
        const copy = response.clone();
        assert.equal(await textOf(copy), plain);
        if (!compresses) continue;
        assert.equal(headers.get("content-encoding"), "gzip");
        const bytes = await bytesOf(response);
        assert.equal(headers.get("content-length"), String(bytes.length));
        assert.ok(bytes.length < plain.length / 2);
      }
    },
  },
  {
    title: "a client that accepts no coding gets a plain body",
    async check({ ask }) {
      for (
        const headers of [
          {},
          { "accept-encoding": "identity" },
          { "accept-encoding": "gzip;q=0, *" },
        ]
      ) {
        const response = await ask("/many", headers);
        assert.equal(response.headers.get("content-encoding"), null);
        assert.match(await response.text(), /^x_total\{a="199"\} 199$/m);
      }
    },
  },
  {
    title: "a large exposition is streamed whole",
    async check({ ask }) {
      for (const headers of [{}, GZIP] as Record<string, string>[]) {
        const text = await textOf(await ask("/large", headers));
        const [family] = parseExposition(text, "text-0.0.4");
        assert.equal(family!.samples.length, LARGE);
      }
    },
  },
  {
    title: "created: true writes _created samples",
    async check({ ask }) {
      const body = async (path: string) =>
        await (await ask(path, { accept: OPEN })).text();
      assert.doesNotMatch(await body("/one"), /_created/);
      assert.match(await body("/created"), /x_created\{a="0"\} \d+/);
    },
  },
  {
    title: "name[] selects families; too many names are refused",
    async check({ ask }) {
      const body = async (query: string) =>
        await (await ask(`/broken${query}`)).text();
      assert.doesNotMatch(await body("?name[]=none"), /x_total/);
      const own = await body("?name[]=x_total");
      assert.match(own, /^x_total\{a="0"\} 0$/m);
      assert.doesNotMatch(own, /bad/);
      const query = Array.from({ length: 101 }, (_, i) => `name[]=a${i}`);
      const refused = await ask(`/one?${query.join("&")}`);
      assert.equal(refused.status, 400);
      await refused.text();
    },
  },
  {
    title: "a source that throws or is late is left out and marked as missing",
    async check({ ask }) {
      for (const [path, name] of [["/broken", "bad"], ["/late", "late"]]) {
        const response = await ask(path!);
        assert.equal(response.status, 200);
        const text = await response.text();
        assert.match(text, /^x_total\{a="0"\} 0$/m);
        assert.match(text, new RegExp(`_missing\\w*\\{\\w+="${name}"\\} 1`));
        assert.doesNotMatch(text, /secret/);
      }
    },
  },
  {
    title: "a source that refreshes in time is served",
    async check({ ask }) {
      const texts = await Promise.all(
        [1, 2, 3].map(async () => await (await ask("/slow")).text()),
      );
      for (const text of texts) assert.match(text, /^slow 7$/m);
    },
  },
  {
    title: "an exposition without any part answers 500 without a reason",
    async check({ ask }) {
      const response = await ask("/all-broken");
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "nothing could be collected\n");
    },
  },
  {
    title: "authorize admits one of several tokens, and refuses all others",
    async check({ ask }) {
      const status = async (authorization?: string) => {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await ask("/bearer", headers as never);
        await response.text();
        return response.status;
      };
      assert.equal(await status("Bearer a"), 200);
      assert.equal(await status("bearer b"), 200);
      for (const wrong of [undefined, "Bearer c", "Basic a", "Bearer a b"]) {
        assert.equal(await status(wrong), 401, wrong);
      }
      const refused = await ask("/bearer");
      assert.equal(
        refused.headers.get("www-authenticate"),
        'Bearer realm="metrics"',
      );
      assert.equal(await textOf(refused), "unauthorized\n");
    },
  },
  {
    title: "authorize answers with its own response, and fails closed",
    async check({ ask }) {
      for (let i = 0; i < 2; i++) {
        const own = await ask("/forbidden");
        assert.equal(own.status, 403);
        assert.equal(own.headers.get("x-a"), "1");
        assert.equal(await textOf(own), "not here");
      }
      const failed = await ask("/failing");
      assert.equal(failed.status, 401);
      assert.doesNotMatch(await textOf(failed), /secret/);
    },
  },
  {
    title: "hosts admits its own name and addresses, and refuses other names",
    async check({ ask }) {
      for (
        const [host, status] of [
          ["shop.example", 200],
          ["127.0.0.1:8787", 200],
          ["evil.example", 403],
        ] as const
      ) {
        const response = await ask("/hosts", { host });
        await response.text();
        assert.equal(response.status, status, host);
      }
    },
  },
  {
    title: "no header of a client makes the handler answer 5xx",
    async check({ ask }) {
      for (
        const headers of [
          { accept: "a/b;q=".repeat(500) },
          { accept: ";;,,=q\t" },
          { "accept-encoding": "gzip;q=".repeat(300) },
          { "x-prometheus-scrape-timeout-seconds": "-1e999" },
          { "x-prometheus-scrape-timeout-seconds": "NaN" },
          { authorization: `Bearer ${"x".repeat(5000)}` },
        ] as Record<string, string>[]
      ) {
        for (const path of ["/one", "/bearer"]) {
          const response = await ask(path, headers);
          await response.body?.cancel();
          assert.ok(response.status < 500, JSON.stringify(headers));
        }
      }
    },
  },
  {
    title: "health answers with JSON, or with text if that is preferred",
    async check({ ask }) {
      const health = await ask("/health");
      assert.equal(health.headers.get("cache-control"), "no-store");
      const { status, timestamp } = JSON.parse(await textOf(health));
      assert.equal(status, "healthy");
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 600_000);
      const plain = await ask("/health", { accept: "text/plain" });
      assert.match(plain.headers.get("content-type")!, /^text\/plain\b/);
      assert.equal(await textOf(plain), "OK\n");
      const refused = await ask("/health", {}, "POST");
      assert.equal(refused.status, 405);
      assert.equal(refused.headers.get("allow"), "GET, HEAD");
      await refused.text();
    },
  },
  {
    title: "readiness is 200 if all checks pass, else 503",
    async check({ ask }) {
      const ready = await ask("/ready");
      assert.equal(ready.status, 200);
      assert.deepEqual(JSON.parse(await textOf(ready)), {
        status: "ready",
        checks: { a: "pass" },
      });
      const both = await Promise.all([ask("/unready"), ask("/unready")]);
      for (const unready of both) {
        assert.equal(unready.status, 503);
        assert.deepEqual(JSON.parse(await textOf(unready)), {
          status: "not_ready",
          checks: { a: "fail", b: "pass" },
        });
      }
    },
  },
  {
    title: "events are a stream, or refused in one line where there is none",
    async check({ ask, feeds }) {
      const feed = await ask("/events?since=0");
      if (feeds) {
        assert.equal(feed.status, 200);
        const type = feed.headers.get("content-type");
        assert.equal(type, "text/event-stream; charset=utf-8");
        await feed.body!.cancel();
      } else {
        assert.equal(feed.status, 501);
        assert.match(await textOf(feed), /^[^\n]*Durable Object[^\n]*\n$/);
      }
      const options = await ask("/events", {}, "OPTIONS");
      assert.equal(options.status, 204);
      const refused = await ask("/events", {}, "POST");
      assert.equal(refused.status, 405);
      const headers = { origin: "https://evil.example" };
      const foreign = await ask("/events", headers);
      assert.equal(foreign.status, 403);
      for (const { body } of [options, refused, foreign]) await body?.cancel();
    },
  },
  ...GOLDEN.map((name): ContractCase => ({
    title: `${name}: every format and scheme has the bytes of expose()`,
    async check({ ask }) {
      let compared = 0;
      for (const format of allFormats({ created: true })) {
        for (const scheme of ESCAPING_SCHEMES) {
          const escaped = format.escapedBy(scheme);
          const accept = escaped.contentType;
          const response = await ask(`/golden/${name}`, { accept });
          const type = response.headers.get("content-type");
          if (type !== accept) continue; // what the header cannot ask for
          compared++;
          const expected = expose(goldenRegistry(name), escaped);
          assert.deepEqual(await bytesOf(response), expected, accept);
        }
      }
      assert.ok(compared >= 10, `${compared} of the formats and schemes`);
    },
  })),
];
