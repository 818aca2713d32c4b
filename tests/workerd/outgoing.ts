/** Outgoing requests of a Worker. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type Flags, runWorker } from "./harness.ts";

/** Starts a server that answers with the method, the path and the trace id. */
async function startServer(elsewhere = "") {
  const server = createServer(({ method, url, headers }, response) => {
    if (url === "/moved") response.writeHead(302, { location: elsewhere });
    const [, id = "none"] = String(headers["traceparent"]).split("-");
    response.end(`${method} ${url} ${id}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => void server.close(),
  };
}

const FLAGS: readonly Flags[] = [[], ["nodejs_compat"]];

for (const flags of FLAGS) {
  test(`an instrumented fetch traces and counts calls with [${flags}]`, async () => {
    using elsewhere = await startServer();
    using server = await startServer(`${elsewhere.address}/there`);
    await using worker = await runWorker("outgoing.ts", flags);
    const ask = async (path: string): Promise<readonly string[]> =>
      await (await worker.ask(`/?to=${server.address}${path}`)).json();
    const [get, post] = await ask("/stock");
    assert.match(get!, /^GET \/stock [0-9a-f]{32}$/);
    assert.match(post!, /^POST \/stock [0-9a-f]{32}$/);
    const [moved] = await ask("/moved");
    assert.equal(moved, "GET /there none", "context stays at its origin");
    const text = await (await worker.ask("/metrics")).text();
    assert.match(
      text,
      /^http_client_requests_total\{method="GET",peer="stock",outcome="2xx"\} 2$/m,
    );
    assert.deepEqual(worker.logged, []);
  });
}
