/** Requests with certificates of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import { listen, tlsFetch } from "../../src/platform/internal.ts";
import * as node from "../../src/platform/node.ts";
import * as workerd from "../../src/platform/workerd.ts";
import { pem } from "../server/fixtures.ts";
import { withGlobals } from "./fixtures.ts";

const timeout = 120_000;

const CA = pem("ca.pem");
const CLIENT = { cert: pem("client.pem"), key: pem("client.key") };

/** Serves by TLS, for clients with a certificate only. */
function serveTo(
  handler: (request: Request) => Response | Promise<Response>,
): ReturnType<typeof listen> {
  return listen((request) => handler(request), {
    port: 0,
    hostname: "127.0.0.1",
    timers: systemTimers,
    tls: { cert: pem("server.pem"), key: pem("server.key"), clientCa: CA },
  });
}

test("tlsFetch() sends a request with certificates, and returns the response", {
  timeout,
}, async () => {
  const seen: string[] = [];
  const server = await serveTo(async (request) => {
    const { method, headers } = request;
    seen.push(`${method} ${headers.get("x-a")} ${await request.text()}`);
    return method === "POST"
      ? new Response("later", { status: 429, headers: { "retry-after": "3" } })
      : new Response(null, { status: 204 });
  });
  try {
    const send = tlsFetch({ ca: CA, ...CLIENT })!;
    const url = `https://localhost:${server.port}/v1/traces`;
    const body = new TextEncoder().encode("spans");
    const headers = { "x-a": "1" };
    const response = await send(url, { method: "POST", headers, body });
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "3");
    assert.equal(await response.text(), "later");
    assert.equal((await send(url, { method: "PUT", body })).status, 204);
    assert.deepEqual(seen, ["POST 1 spans", "PUT null spans"]);
  } finally {
    await server.stop(0);
  }
});

test(
  "tlsFetch() rejects without the certificates that are needed, and when aborted",
  {
    timeout,
  },
  async () => {
    const server = await serveTo(() => new Response());
    try {
      const url = `https://localhost:${server.port}/`;
      for (const tls of [{ ca: CA }, CLIENT, { ca: "no certificate" }]) {
        await assert.rejects(tlsFetch(tls)!(url, { method: "POST" }));
      }
      const signal = AbortSignal.abort();
      const send = tlsFetch({ ca: CA, ...CLIENT })!;
      await assert.rejects(send(url, { method: "POST", signal }));
    } finally {
      await server.stop(0);
    }
  },
);

test("tlsFetch() is undefined on a runtime without such requests", () => {
  assert.equal(workerd.tlsFetch(), undefined);
  withGlobals({ process: undefined }, () => {
    assert.equal(node.tlsFetch({ ca: CA }), undefined);
  });
});
