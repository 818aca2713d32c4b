/** The contract of handlers of metrics. */
import assert from "node:assert/strict";
import { parseExposition } from "../../src/testing/mod.ts";
import { bytesOf, OPEN } from "../http/fixtures.ts";
import { type ContractCase, textOf } from "./contract_case.ts";
import { LARGE } from "./handler_world.ts";

const GZIP = { "accept-encoding": "gzip" };

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

/** The cases of bodies, formats and sources. */
export const METRICS_CONTRACT: readonly ContractCase[] = [
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
];
