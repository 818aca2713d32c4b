/** Frameworks of other versions, whose shape differs from what adapters read. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import {
  fastifyPlugin,
  koaMiddleware,
  nodeMiddleware,
} from "../../src/frameworks/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { appOfListener } from "./node_app.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves one request with each listener; returns how many had which route. */
async function routesOf(
  listenerOf: (telemetry: ReturnType<typeof createTelemetry>) => Listener,
  route: string,
): Promise<number | undefined> {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const app = await appOfListener(listenerOf(telemetry));
  assert.equal(await (await app.send("/x")).text(), "ok");
  await telemetry.close();
  await app.close!();
  const labels = { method: "GET", route, status_class: "2xx" };
  return valueOf(registry, "http_requests_total", labels);
}

const OTHER_SHAPES: readonly unknown[] = [
  undefined,
  null,
  7,
  "",
  Symbol("route"),
  Object.create(null),
  { path: null },
  { path: Object.create(null) },
  {
    get path(): never {
      throw new Error("of a getter");
    },
  },
];

test("nodeMiddleware() counts routers of another shape", async () => {
  for (const route of OTHER_SHAPES.slice(0, 6)) {
    const count = await routesOf((telemetry) => {
      const observe = nodeMiddleware(telemetry);
      return (request, response) => {
        Object.assign(request, { route });
        observe(request, response, () => response.end("ok"));
      };
    }, "unknown");
    assert.equal(count, 1, String(typeof route));
  }
  for (const route of OTHER_SHAPES) {
    const set: Listener = (request) => Object.assign(request, { baseUrl: "" });
    await assert.doesNotReject(routesOf((telemetry) => {
      const observe = nodeMiddleware(telemetry);
      return (request, response) => {
        set(request, response);
        observe(request, response, () => {
          Object.assign(request, { route, params: route, baseUrl: "/x" });
          response.end("ok");
        });
      };
    }, "unknown"));
  }
});

test("koaMiddleware() counts routers of another shape", async () => {
  for (const route of [undefined, null, "", Object.create(null)]) {
    const count = await routesOf((telemetry) => {
      const observe = koaMiddleware(telemetry);
      return (req, res) => {
        void observe({ req, res, _matchedRoute: route } as never, () => {
          res.end("ok");
          return Promise.resolve();
        });
      };
    }, "unknown");
    assert.equal(count, 1);
  }
  const expression = await routesOf((telemetry) => {
    const observe = koaMiddleware(telemetry);
    return (req, res) => {
      void observe({ req, res, _matchedRoute: /^\/x/ } as never, () => {
        res.end("ok");
        return Promise.resolve();
      });
    };
  }, "/^\\/x/");
  assert.equal(expression, 1);
});

test("fastifyPlugin() counts requests of another shape", async () => {
  for (const more of [{}, { routeOptions: null }, { is404: true }]) {
    const count = await routesOf((telemetry) => {
      type Hook = (...args: unknown[]) => void;
      const hooks: Record<string, Hook> = {};
      const addHook = (name: string, hook: Hook) => hooks[name] = hook;
      fastifyPlugin(telemetry)({ addHook }, {}, () => {});
      return (request, response) => {
        const own = { raw: request, ...more };
        const reply = { raw: response, hijack() {} };
        hooks["onRequest"]!(
          own,
          reply,
          () => hooks["preValidation"]!(own, reply, () => response.end("ok")),
        );
      };
    }, "unknown");
    assert.equal(count, 1);
  }
});
