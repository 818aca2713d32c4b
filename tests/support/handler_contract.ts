/**
 * The contract of the handlers of metrics, events and health: each case asks the
 * endpoints of `handler_world.ts`, in the same process or over the network.
 */
import assert from "node:assert/strict";
import { allFormats, ESCAPING_SCHEMES, expose } from "../../src/encode/mod.ts";
import { CASES, registryOf as goldenRegistry } from "../golden/cases.ts";
import { bytesOf } from "../http/fixtures.ts";
import { type ContractCase, textOf } from "./contract_case.ts";
import { METRICS_CONTRACT } from "./metrics_contract.ts";

/** The golden cases; a handler also exposes which sources are missing. */
const GOLDEN = Object.keys(CASES).filter((name) => name !== "self_metrics");

/** Every case. */
export const CONTRACT: readonly ContractCase[] = [
  ...METRICS_CONTRACT,
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
        assert.equal(await status(wrong), 401, String(wrong));
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
