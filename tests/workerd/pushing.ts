/** Pushers of metrics that the requests of a Worker share, or not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { runWorker } from "./harness.ts";

const code = `
import { createRegistry } from "@barograph/barograph/metrics";
import { otlpMetrics } from "@barograph/barograph/push";

const registry = createRegistry();
const orders = registry.counter({ name: "orders_total", help: "Orders." });
const newPusher = ({ COLLECTOR }) =>
  otlpMetrics(registry, { endpoint: COLLECTOR, interval: 0 });
let shared;

export default {
  async fetch(request, env) {
    orders.inc();
    const pusher = new URL(request.url).pathname === "/shared"
      ? shared ??= newPusher(env)
      : newPusher(env);
    return Response.json(await pusher.push());
  },
};`;

test("requests push with a pusher each; a shared one is busy, and goes on", async () => {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => waiting.push(() => void response.end()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const arrived = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise((r) => setTimeout(r, 5));
  };
  const answer = (): void => waiting.splice(0).forEach((end) => end());
  try {
    await using worker = await runWorker({ code }, [], {
      bindings: { COLLECTOR: `http://127.0.0.1:${port}` },
    });
    const ask = async (path: string): Promise<unknown> =>
      await (await worker.ask(path)).json();
    const first = ask("/shared");
    await arrived(1);
    assert.equal(await ask("/shared"), false, "the first is in progress");
    const own = [ask("/own"), ask("/own")];
    await arrived(3);
    answer();
    assert.equal(await first, true);
    assert.deepEqual(await Promise.all(own), [true, true]);
    const later = ask("/shared");
    await arrived(1);
    answer();
    assert.equal(await later, true);
    assert.match(
      worker.logged.join(""),
      /^barograph: a push is left out.*; make a pusher for each push\n$/,
    );
  } finally {
    server.close();
  }
});
