/** The expectations of `contract.ts` that need a server and its sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { RUNTIME, serve } from "../runtimes/server.ts";
import type { Build } from "./app.ts";
import { within, type World } from "./contract.ts";

/** Resolves when a request of this path has been counted. */
async function ended({ telemetry }: World, path: string): Promise<void> {
  for await (const event of telemetry.bus.subscribe({ after: 0 })) {
    if (event.gap !== undefined || event.topic !== "request.end") continue;
    if (event.data.path === path) return;
  }
}

/** Tests an adapter whose app is behind the server of the runtime. */
export function serverContract(name: string, build: Build): void {
  const served: Build = async (mount) => {
    const { fetch: handler } = await build(mount);
    const server = serve((request) => Promise.resolve(handler!(request)));
    return {
      send: (path, init) => fetch(`${server.url}${path}`, init),
      close: () => server.stop(),
      port: server.port,
    };
  };
  const portOf = ({ app }: World) => (app as { port?: number }).port!;

  test(`${name}() works behind a server (${RUNTIME})`, () =>
    within(served, {}, async (world) => {
      const { app, count, inFlight } = world;
      const user = await app.send("/users/7");
      assert.match(await user.text(), /^user 7 in [0-9a-f]{32}$/);
      const streamed = await app.send("/stream");
      assert.equal(await streamed.text(), "first,second");
      const created = await app.send("/users", { method: "POST", body: "Ada" });
      assert.equal(await created.text(), "Ada");
      const metrics = await app.send("/metrics");
      assert.match(await metrics.text(), /route="\/users\/:id"/);
      assert.equal(count("GET", "/users/:id", 200), 1);
      assert.equal(count("GET", "/stream", 200), 1);
      assert.equal(count("POST", "/users", 201), 1);
      assert.equal(inFlight(), 0);
    }));

  test(`${name}() counts an aborted upload once, as 4xx (${RUNTIME})`, () =>
    within(served, {}, async (world) => {
      const { count, inFlight, total } = world;
      const socket = connect(portOf(world), "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(
        "POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" +
          "Content-Length: 1000\r\n\r\nhalf of it",
      );
      while (inFlight() === 0) await new Promise((done) => setTimeout(done, 1));
      socket.destroy();
      await ended(world, "/users");
      assert.equal(count("POST", "/users", 499), 1);
      assert.equal(total(), 1);
      assert.equal(inFlight(), 0);
    }));
}
