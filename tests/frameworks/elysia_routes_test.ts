/** The routes and answers that elysiaPlugin() counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Elysia, t } from "elysia";
import { createTelemetry } from "../../mod.ts";
import { elysiaPlugin } from "../../src/frameworks/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";
import { appOf, broken, type Build, type Mount, user } from "./app.ts";
import { counted, within } from "./contract.ts";

function appWith({ telemetry, options }: Mount) {
  return new Elysia()
    .decorate("db", { name: "users" })
    .use(elysiaPlugin(telemetry, options))
    .get("/db/:id", ({ db, params }) => `${db.name} ${params.id}`)
    .get("/static", "static")
    .get("/early/:id", () => "late", {
      beforeHandle: ({ status }) => status(401),
    })
    .get("/gone/:id", ({ status }) => status(410))
    .get("/busy/:id", () => {
      throw Object.assign(broken(), { status: 503 });
    })
    .get("/to/:id", ({ redirect }) => redirect("http://localhost/static", 302))
    .get("/number/:id", ({ params }) => params.id, {
      params: t.Object({ id: t.Number() }),
    })
    .group("/v1", (app) => app.get("/users/:id", () => "user"))
    .get("/files/*", () => "file")
    .mount("/legacy", () => new Response("legacy"));
}

test("elysiaPlugin() counts every kind of answer by its status", () => {
  const build: Build = (mount) => {
    const app = appWith(mount);
    return appOf((request) => app.handle(request));
  };
  return within(build, {}, async (world) => {
    await counted(world, ["GET", "/db/7", 200], "/db/:id");
    await counted(world, ["GET", "/static", 200], "/static");
    await counted(world, ["GET", "/early/7", 401], "/early/:id");
    await counted(world, ["GET", "/gone/7", 410], "/gone/:id");
    await counted(world, ["GET", "/busy/7", 503], "/busy/:id");
    assert.equal(world.spans.at(-1)!.status.message, "broken on purpose");
    await counted(world, ["GET", "/to/7", 302], "/to/:id");
    await counted(world, ["GET", "/number/x", 422], "/number/:id");
    await counted(world, ["GET", "/v1/users/7", 200], "/v1/users/:id");
    await counted(world, ["GET", "/files/a/b", 200], "/files/*");
    await counted(world, ["GET", "/legacy/7", 200], "/legacy/*");
    await counted(world, ["GET", "/nothing", 404], "unknown");
  });
});

test("elysiaPlugin() refuses an app that cannot be observed", () => {
  const telemetry = createTelemetry();
  assert.throws(
    () => new Elysia({ aot: false }).use(elysiaPlugin(telemetry)),
    /Cannot observe an Elysia app with aot: false/,
  );
  return telemetry.close().then(() => {});
});

const onBun = skippedUnless(
  RUNTIME === "bun",
  "only Bun has the server of Elysia",
);

test(
  "elysiaPlugin() observes the routes that Bun's own router serves",
  onBun,
  () => {
    const build: Build = ({ telemetry, options }) => {
      const app = new Elysia()
        .use(elysiaPlugin(telemetry, options))
        .get("/users/:id", ({ params }) => user(params.id))
        .get("/static", "static")
        .get("/broken/:id", () => {
          throw broken();
        })
        .ws("/echo/:room", {
          message: (socket, message) => void socket.send(message),
        })
        .listen({ port: 0, hostname: "127.0.0.1" });
      const { port } = app.server!;
      return {
        send: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
        close: () => void app.stop(true),
        port,
      };
    };
    return within(build, {}, async (world) => {
      const { app, count, total } = world;
      await counted(world, ["GET", "/users/7", 200], "/users/:id");
      await counted(world, ["GET", "/static", 200], "/static");
      await counted(world, ["GET", "/broken/7", 500], "/broken/:id");
      await counted(world, ["GET", "/nothing", 404], "unknown");
      const metrics = await app.send("/metrics");
      assert.match(await metrics.text(), /route="\/users\/:id"/);
      const { port } = app as unknown as { port: number };
      const socket = new WebSocket(`ws://127.0.0.1:${port}/echo/7`);
      await new Promise((resolve) => socket.onopen = resolve);
      const answer = new Promise((resolve) => {
        socket.onmessage = ({ data }) => resolve(data);
      });
      socket.send("hello");
      assert.equal(await answer, "hello");
      socket.close();
      assert.equal(total(), 5);
      // Elysia answers an upgrade with an empty response.
      assert.equal(count("GET", "/echo/:room", 200), 1);
    });
  },
);
