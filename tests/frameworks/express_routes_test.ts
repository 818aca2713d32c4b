/** The templates of routes in routers of Express. */
import assert from "node:assert/strict";
import { test } from "node:test";
// @ts-types="@types/express"
import express from "express";
import express4 from "express4";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { nodeMiddleware } from "../../src/frameworks/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import { appOfListener } from "./node_app.ts";

type Express = typeof express;

const VERSIONS: readonly (readonly [version: string, express: Express])[] = [
  ["5", express],
  ["4", express4 as unknown as Express],
];

/** Requests, each with its status and the template that it is counted by. */
const REQUESTS: readonly (readonly [string, number, string])[] = [
  ["/", 200, "/"],
  // Routers below paths with parameters of their own.
  ["/orgs/7/teams/9", 200, "/orgs/:org/teams/:team"],
  ["/orgs/7/teams/9/users/3", 200, "/orgs/:org/teams/:team/users/:id"],
  ["/ORGS/8/Teams/teams/users/3", 200, "/orgs/:org/teams/:team/users/:id"],
  [
    "/orgs/users/teams/orgs/users/users",
    200,
    "/orgs/:org/teams/:team/users/:id",
  ],
  ["/orgs/a%20b/teams/c%2Fd/users/1", 200, "/orgs/:org/teams/:team/users/:id"],
  ["/orgs/7/teams/9/late/3", 200, "/orgs/:org/teams/:team/late/:id"],
  ["/orgs/7/teams/9/nowhere", 404, "unknown"],
  ["/orgs/7/teams/%zz/users/1", 400, "unknown"],
  // An error is answered outside of its router.
  ["/orgs/7/teams/9/broken/3", 500, "/orgs/:org/teams/:team/broken/:id"],
  [
    "/orgs/7/teams/9/broken-late/3",
    500,
    "/orgs/:org/teams/:team/broken-late/:id",
  ],
  // Lists and expressions.
  ["/a", 200, "/a|/b/:id"],
  ["/b/3", 200, "/a|/b/:id"],
  ["/regex", 200, String.raw`/^\/re(gex)?$/`],
  ["/m1/x", 200, "/m1/x"],
  ["/m2/x", 200, "/m2/x"],
  ["/prefix/5", 200, "/prefix/:x"],
  // Handlers below a path, without a route.
  ["/static/x/y", 200, "/static"],
  ["/guarded/2", 401, "/guarded"],
  ["/guarded/2?in=1", 200, "/guarded/:x"],
  // An app in the app.
  ["/sub/page/1", 200, "/sub/page/:p"],
  ["/sub/nowhere", 404, "unknown"],
  ["/nowhere/7", 404, "unknown"],
];

/** Returns an app without its middleware. */
function routed(express: Express): ReturnType<Express> {
  const app = express();
  app.get("/", (_, response) => void response.send("root"));
  const orgs = express.Router({ mergeParams: true });
  const teams = express.Router();
  app.use("/orgs/:org", orgs);
  orgs.use("/teams/:team", teams);
  teams.get("/", (_, response) => void response.send("team"));
  teams.get("/users/:id", (_, response) => void response.send("user"));
  teams.get("/late/:id", (_, response) => {
    setTimeout(() => response.send("late"), 1);
  });
  teams.get("/broken/:id", (_request, _response, next) => next(new Error()));
  teams.get("/broken-late/:id", (_request, _response, next) => {
    setTimeout(() => next(new Error()), 1);
  });
  const ok: express.RequestHandler = (_, response) => void response.send("ok");
  app.get(["/a", "/b/:id"], ok);
  app.get(/^\/re(gex)?$/, ok);
  const letters = express.Router();
  letters.get("/x", ok);
  app.use(["/m1", "/m2"], letters);
  const expression = express.Router();
  expression.get("/:x", ok);
  app.use(/^\/prefix/, expression);
  app.use("/static", ok);
  app.use("/guarded", ({ query }, response, next) => {
    if (query["in"]) next();
    else response.status(401).send("no");
  });
  app.get("/guarded/:x", ok);
  const sub = express();
  sub.get("/page/:p", ok);
  app.use("/sub", sub);
  return app;
}

/** Serves an app behind the middleware; returns its requests by template. */
async function serving(express: Express, mounted: ReturnType<Express>) {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const app = express();
  app.set("env", "test"); // logs no errors
  app.use(nodeMiddleware(telemetry));
  app.use(mounted);
  const { send, close } = await appOfListener(app);
  return {
    send,
    counts: () =>
      new Map(
        [
          ...expositionOf(registry).matchAll(
            /^http_requests_total\{.*route="(.*)",status_class=.* (\d+)$/gm,
          ),
        ].map(([, route, count]) => [
          JSON.parse(`"${route}"`) as string,
          Number(count),
        ]),
      ),
    close: async () => {
      await telemetry.close();
      await close!();
    },
  };
}

for (const [version, express] of VERSIONS) {
  test(`nodeMiddleware() finds the templates of Express ${version}`, async () => {
    const { send, counts, close } = await serving(express, routed(express));
    for (const [path, status, template] of REQUESTS) {
      const before = counts();
      const response = await send(path);
      await response.text();
      assert.equal(response.status, status, path);
      const changed = [...counts()]
        .filter(([route, count]) => count !== (before.get(route) ?? 0));
      assert.deepEqual(changed.map(([route]) => route), [template], path);
    }
    await close();
  });

  test(`nodeMiddleware() bounds the templates of Express ${version}`, async () => {
    const app = express();
    const router = express.Router();
    router.get("/:id", (_, response) => void response.send("ok"));
    app.use("/letters", router);
    const { send, counts, close } = await serving(express, app);
    const cases = [..."letters"].map((_, i) =>
      `${"LETTERS".slice(0, i)}${"letters".slice(i)}`
    );
    for (const path of cases) {
      assert.equal(await (await send(`/${path}/${path}`)).text(), "ok");
    }
    assert.deepEqual([...counts()], [["/letters/:id", cases.length]]);
    await close();
  });

  test(`nodeMiddleware() keeps no values of mount paths of Express ${version}`, async () => {
    const app = express();
    const router = express.Router();
    router.get("/end", (_, response) => void response.send("ok"));
    app.param("key", (request, _response, next, key: string) => {
      request.params["key"] = key.toLowerCase();
      next();
    });
    app.use("/v:version", router);
    app.use("/flights/:from-:to", router);
    app.use("/keys/:key", router);
    app.use(version === "4" ? "/files/*/in" : "/files/*path/in", router);
    const { send, counts, close } = await serving(express, app);
    for (const text of ["A", "BB", "Cc"]) {
      const paths = [
        `/v${text}`,
        `/flights/${text}-${text}`,
        `/keys/${text}`,
        `/files/${text}/${text}/in`,
        `/files/${text}/in`,
      ];
      for (const path of paths) await (await send(`${path}/end`)).text();
    }
    assert.deepEqual([...counts()], [
      ["/v:version/end", 3],
      ["/flights/:from-:to/end", 3],
      ["/:key/end", 3],
      [version === "4" ? "/files/:0/in/end" : "/files/:path/in/end", 6],
    ]);
    await close();
  });

  test(`nodeMiddleware() below a path of Express ${version} takes no text of it`, async () => {
    const telemetry = createTelemetry({ registry: createRegistry() });
    const app = express();
    const router = express.Router();
    router.use(nodeMiddleware(telemetry));
    router.get("/users/:id", (_, response) => void response.send("ok"));
    app.use("/shops/:shop", router);
    app.use("/api", nodeMiddleware(telemetry));
    app.get("/api/items/:item", (_, response) => void response.send("ok"));
    const { send, close } = await appOfListener(app);
    const count = (route: string) =>
      valueOf(telemetry.registry, "http_requests_total", {
        method: "GET",
        route,
        status_class: "2xx",
      });
    await (await send("/shops/3/users/7")).text();
    await (await send("/shops/4/users/7")).text();
    await (await send("/api/items/7")).text();
    assert.equal(count("/users/:id"), 2);
    assert.equal(count("/api/items/:item"), 1);
    await telemetry.close();
    await close!();
  });

  test(`nodeMiddleware() of two telemetries counts requests of Express ${version} for both`, async () => {
    const telemetries = ["", ""].map(() =>
      createTelemetry({ registry: createRegistry() })
    );
    const app = express();
    app.use(nodeMiddleware(telemetries[0]!));
    app.use((_request, response, next) => {
      // As packages do that set headers at the last moment.
      const { writeHead } = response;
      response.writeHead = function (this: unknown, status: number) {
        response.setHeader("x-late", "1");
        return writeHead.call(this as typeof response, status);
      } as typeof response.writeHead;
      next();
    });
    app.use(nodeMiddleware(telemetries[1]!));
    app.get("/users/:id", (_, response) => void response.send("ok"));
    const { send, close } = await appOfListener(app);
    for (const id of [1, 2]) {
      const response = await send(`/users/${id}`);
      assert.equal(await response.text(), "ok");
      assert.equal(response.headers.get("x-late"), "1");
    }
    for (const { registry } of telemetries) {
      const labels = {
        method: "GET",
        route: "/users/:id",
        status_class: "2xx",
      };
      assert.equal(valueOf(registry, "http_requests_total", labels), 2);
    }
    for (const telemetry of telemetries) await telemetry.close();
    await close!();
  });
}
