/** fastifyPlugin() with Fastify 5 and 4. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fastify, type FastifyRequest } from "fastify";
import { fastify as fastify4 } from "fastify4";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { fastifyPlugin } from "../../src/frameworks/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { adapters, broken, type Build, Teapot, user } from "./app.ts";
import { frameworkContract } from "./contract.ts";
import { appOfServer, nodeOptions, nodeStream } from "./node_app.ts";

/** The same code, with the types of version 5: version 4 has the same shape. */
function building(create: typeof fastify): Build {
  return async ({ telemetry, options, times }) => {
    const app = create();
    const own = nodeOptions(options, ({ raw }: FastifyRequest) => raw);
    for (
      const adapter of adapters(times, () => fastifyPlugin(telemetry, own))
    ) await app.register(adapter);
    app.addContentTypeParser(
      "*",
      { parseAs: "string" },
      (_request, body, done) => {
        done(null, body);
      },
    );
    app.setErrorHandler((error, _request, reply) => {
      if (error instanceof Teapot) {
        return reply.status(418).send("short and stout");
      }
      return reply.status(500).send("sorry");
    });
    app.get<{ Params: { id: string } }>(
      "/users/:id",
      ({ params }) => user(params.id),
    );
    app.post("/users", async (request, reply) => {
      await user("1");
      return reply.status(201).send(request.body);
    });
    await app.register((api, _options, done) => {
      api.get<{ Params: { item: string } }>(
        "/items/:item",
        (request, reply) => reply.send(request.params.item),
      );
      done();
    }, { prefix: "/api" });
    app.get("/forbidden", (_request, reply) => reply.status(403).send("no"));
    app.get("/broken", () => {
      throw broken();
    });
    app.get("/teapot", () => Promise.reject(new Teapot()));
    app.get("/stream", (_request, reply) => reply.send(nodeStream()));
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { send } = appOfServer(app.server);
    return {
      send,
      async close() {
        app.server.closeAllConnections();
        await app.close();
      },
    };
  };
}

const create4 = fastify4 as unknown as typeof fastify;

frameworkContract("fastifyPlugin for Fastify 5", building(fastify));
frameworkContract("fastifyPlugin for Fastify 4", building(create4));

for (const [version, create] of [["5", fastify], ["4", create4]] as const) {
  test(`fastifyPlugin() observes requests of inject() of Fastify ${version}`, async () => {
    const registry = createRegistry();
    const telemetry = createTelemetry({ registry });
    const app = create();
    await app.register(fastifyPlugin(telemetry));
    app.post("/users/:id", () => user("1"));
    const { body } = await app.inject({
      method: "POST",
      url: "/users/7",
      payload: { name: "Ada" },
    });
    assert.match(body, /^user 1 in [0-9a-f]{32}$/);
    const metrics = await app.inject("/metrics");
    assert.match(metrics.body, /route="\/users\/:id"/);
    const labels = { method: "POST", route: "/users/:id", status_class: "2xx" };
    assert.equal(valueOf(registry, "http_requests_total", labels), 1);
    await app.close();
    await telemetry.close();
  });
}
