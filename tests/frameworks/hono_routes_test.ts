/** The routes that honoMiddleware() finds, and its WebSockets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { cors } from "hono/cors";
import { createTelemetry } from "../../mod.ts";
import { type HonoContext, honoMiddleware } from "../../src/frameworks/mod.ts";
import { eventSockets } from "../../src/http/mod.ts";
import { serveFeed } from "../runtimes/events_server.ts";
import { Listener } from "../runtimes/events_websocket.ts";
import { needsSockets, RUNTIME, serve } from "../runtimes/server.ts";
import { appOf, type Build, Teapot } from "./app.ts";
import { counted, within } from "./contract.ts";

/** Builds an app whose routes `declare` adds after the adapter. */
function withRoutes(declare: (app: Hono, observe: () => void) => void): Build {
  return ({ telemetry, options }) => {
    const app = new Hono();
    const observe = () => void app.use(honoMiddleware(telemetry, options));
    observe();
    declare(app, observe);
    return appOf((request) => app.fetch(request));
  };
}

test("honoMiddleware() adds the prefixes of basePath and of sub-apps", () => {
  const build = withRoutes((app) => {
    const items = new Hono().get("/:item", (c) => c.text("item"));
    const shops = new Hono().route("/:shop/items", items);
    app.basePath("/v1").route("/shops", shops);
    app.get("/", (c) => c.text("home"));
  });
  return within(build, {}, async (world) => {
    const path = "/v1/shops/7/items/book";
    await counted(world, ["GET", path, 200], "/v1/shops/:shop/items/:item");
    await counted(world, ["HEAD", path, 200], "/v1/shops/:shop/items/:item");
    await counted(world, ["GET", "/", 200], "/");
  });
});

test("honoMiddleware() finds the routes of sub-apps with error handlers", () => {
  const build = withRoutes((app) => {
    const api = new Hono();
    api.onError((_error, c) => c.text("sorry", 503));
    api.get("/broken/:id", () => {
      throw new Teapot();
    });
    api.use((_c, next) => next());
    app.route("/api", api);
  });
  return within(build, {}, async (world) => {
    await counted(world, ["GET", "/api/broken/7", 503], "/api/broken/:id");
    assert.equal(world.spans[0]!.attributes["error.type"], "Teapot");
    await counted(world, ["GET", "/api/nothing", 404], "unknown");
  });
});

test("honoMiddleware() names the handler, also if a middleware answers", () => {
  const build = withRoutes((app) => {
    app.use(cors());
    app.use("/admin/*", basicAuth({ username: "a", password: "b" }));
    app.get("/admin/users/:id", (c) => c.text("admin"));
    app.get("/users/me", (c) => c.text("me"));
    app.get("/users/:id", (c) => c.text("user"));
    app.get("/next/:id", (_c, next) => next(), (c) => c.notFound());
    app.all("/all/*", (c) => c.text("all"));
    app.mount("/legacy", () => new Response("legacy"));
  });
  return within(build, {}, async (world) => {
    await counted(world, ["GET", "/admin/users/7", 401], "/admin/users/:id");
    await counted(world, ["GET", "/admin/nothing", 401], "/admin/*");
    await counted(world, ["OPTIONS", "/users/7", 204], "unknown");
    await counted(world, ["GET", "/users/me", 200], "/users/me");
    await counted(world, ["GET", "/next/7", 404], "/next/:id");
    await counted(world, ["PUT", "/all/7", 200], "/all/*");
    await counted(world, ["GET", "/legacy/7", 200], "/legacy/*");
    await counted(world, ["GET", "/nothing", 404], "unknown");
  });
});

test("honoMiddleware() counts once within sub-apps, too", () => {
  const build: Build = ({ telemetry, options }) => {
    const observed = () => new Hono().use(honoMiddleware(telemetry, options));
    const api = observed().get("/items/:item", (c) => c.text("item"));
    const app = observed().route("/api", api);
    return appOf((request) => app.fetch(request));
  };
  return within(
    build,
    {},
    (world) => counted(world, ["GET", "/api/items/7", 200], "/api/items/:item"),
  );
});

test("honoMiddleware() counts a request that no handler answers as 500", () => {
  const build = withRoutes((app) => {
    app.get("/users/:id", () => undefined as unknown as Response);
  });
  return within(
    build,
    {},
    (world) => counted(world, ["GET", "/users/7", 500], "/users/:id"),
  );
});

test("honoMiddleware() passes on what is thrown past the error handler", () => {
  const build = withRoutes((app) => {
    app.get("/text/:id", () => {
      throw "a text"; // Hono handles errors alone
    });
  });
  return within(build, {}, async ({ app, count, inFlight }) => {
    const failure = await app.send("/text/7").catch((error: unknown) => error);
    assert.equal(failure, "a text");
    assert.equal(count("GET", "/text/:id", 500), 1);
    assert.equal(inFlight(), 0);
  });
});

test("honoMiddleware() takes the types of an app with bindings and variables", async () => {
  const telemetry = createTelemetry();
  type Env = { Bindings: { DB: string }; Variables: { user: string } };
  const app = new Hono<Env>()
    .use(honoMiddleware(telemetry))
    .use("/api/*", honoMiddleware(telemetry))
    .get("/", honoMiddleware(telemetry), (c) => c.json({ db: c.env.DB }));
  assert.equal(app.routes.length, 4);
  await telemetry.close();
});

test("honoMiddleware() counts by status if Hono has another shape", () => {
  const shapes: readonly object[] = [
    {},
    { matchedRoutes: undefined, routeIndex: 3 },
    { matchedRoutes: [], routeIndex: -1 },
    { matchedRoutes: [{}], routeIndex: 0 },
    {
      get matchedRoutes(): never {
        throw new Error("gone");
      },
    },
  ];
  const build: Build = ({ telemetry, options }) => {
    const middleware = honoMiddleware(telemetry, options);
    return appOf(async (raw) => {
      const res = new Response(null, { status: 202 });
      const shape = shapes[Number(new URL(raw.url).pathname.slice(1))]!;
      const req = Object.defineProperties(
        { raw },
        Object.getOwnPropertyDescriptors(shape),
      );
      const context = { req, res } as unknown as HonoContext;
      await middleware(context, () => Promise.resolve());
      return res;
    });
  };
  return within(build, {}, async (world) => {
    for (const index of shapes.keys()) {
      await counted(world, ["GET", `/${index}`, 202], "unknown");
    }
  });
});

test(`honoMiddleware() lets upgrades pass (${RUNTIME})`, needsSockets(), () => {
  const build: Build = ({ telemetry, options }) => {
    const app = new Hono<{ Bindings: object }>();
    app.use(honoMiddleware(telemetry, options));
    const server = serve((request, extra) =>
      app.fetch(request, extra as object)
    );
    app.get(
      "/echo/:room",
      (c) => server.upgrade(c.req.raw, c.env) ?? new Response(null),
    );
    return {
      send: () => fetch(server.url.replace("http", "ws")),
      close: () => server.stop(),
      url: server.url,
    };
  };
  return within(build, {}, async ({ app, total, inFlight }) => {
    const { url } = app as unknown as { url: string };
    const socket = new WebSocket(`${url.replace("http", "ws")}/echo/7`);
    await new Promise((resolve) => socket.onopen = resolve);
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data);
    });
    socket.send("hello");
    assert.equal(await answer, "hello");
    socket.close();
    assert.equal(total(), 1);
    assert.equal(inFlight(), 0);
  });
});

test(
  `honoMiddleware() serves events by WebSocket (${RUNTIME})`,
  needsSockets(),
  async () => {
    const telemetry = createTelemetry();
    const app = new Hono();
    app.use(honoMiddleware(telemetry, { events: "/events" }));
    app.get("/users/:id", (c) => c.text("user"));
    const server = serveFeed(
      (request, extra) => Promise.resolve(app.fetch(request, extra as object)),
      eventSockets,
    );
    try {
      const listener = new Listener(`${server.url}/events?topics=request.end`);
      await listener.opened;
      await app.request("/users/7");
      const [event] = await listener.take(1);
      assert.match(JSON.stringify(event), /\/users\/:id/);
      listener.socket.close();
      await listener.closed;
    } finally {
      await telemetry.close();
      await server.stop();
    }
  },
);
