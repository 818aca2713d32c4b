/** The routes and answers that h3Middleware() counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineWebSocketHandler,
  H3,
  type H3Config,
  HTTPError,
  HTTPResponse,
  serve,
} from "h3";
import {
  type H3Event,
  h3Middleware,
  h3Plugin,
} from "../../src/frameworks/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { appOf, broken, type Build } from "./app.ts";
import { counted, within } from "./contract.ts";

/** Builds an app whose routes `declare` adds after the adapter. */
function withRoutes(declare: (app: H3) => void, config: H3Config = {}): Build {
  return ({ telemetry, options }) => {
    const app = new H3(config);
    app.register(h3Plugin(telemetry, options));
    declare(app);
    return appOf((request) => app.fetch(request));
  };
}

/** Builds the app of `declare` as `serve` of h3 leaves it: frozen. */
function frozen(declare: (app: H3) => void): Build {
  return ({ telemetry, options }) => {
    const app = new H3(Object.freeze({ silent: true }));
    app.use(h3Middleware(telemetry, options));
    declare(app);
    return appOf((request) => app.fetch(request));
  };
}

function declareAnswers(app: H3): void {
  app.use("/admin/**", () => new Response("who?", { status: 401 }));
  app.get("/admin/users/:id", () => "admin");
  app.get("/null", () => null);
  app.get("/json", () => ({ status: 500 }));
  app.get("/set", (event) => {
    event.res.status = 202;
    return "accepted";
  });
  app.get("/made", () => new HTTPResponse("made", { status: 201 }));
  app.get("/gone/:id", () => {
    throw new HTTPError({ status: 410 });
  });
  app.get("/text/:id", () => {
    throw "a text";
  });
  app.get("/returned/:id", () => new HTTPError({ status: 503 }));
  app.mount("/legacy", () => new Response("legacy"));
  app.mount("/v1", new H3().get("/users/:id", () => "user"));
}

for (
  const [name, build] of [
    ["h3Plugin()", withRoutes(declareAnswers, { silent: true })],
    ["h3Middleware() in a frozen app", frozen(declareAnswers)],
  ] as const
) {
  test(`${name} counts every kind of answer by its status`, () =>
    within(build, {}, async (world) => {
      await counted(world, ["GET", "/admin/users/7", 401], "/admin/users/:id");
      await counted(world, ["GET", "/null", 200], "/null");
      await counted(world, ["GET", "/json", 200], "/json");
      await counted(world, ["GET", "/set", 202], "/set");
      await counted(world, ["GET", "/made", 201], "/made");
      await counted(world, ["GET", "/gone/7", 410], "/gone/:id");
      await counted(world, ["GET", "/text/7", 500], "/text/:id");
      await counted(world, ["GET", "/returned/7", 503], "/returned/:id");
      await counted(world, ["GET", "/legacy/7", 200], "/legacy/**");
      await counted(world, ["GET", "/v1/users/7", 200], "/v1/users/:id");
      await counted(world, ["HEAD", "/v1/users/7", 200], "/v1/users/:id");
      await counted(world, ["GET", "/nothing", 404], "unknown");
    }));
}

test("h3Plugin() calls the hook onResponse of the app", async () => {
  const seen: number[] = [];
  const config: H3Config = {
    silent: true,
    onResponse: ({ status }) => void seen.push(status),
    onError: () => new Response("busy", { status: 503 }),
  };
  const build = withRoutes((app) => {
    app.get("/users/:id", () => "user");
    app.get("/broken", () => {
      throw broken();
    });
  }, config);
  for (let apps = 0; apps < 2; apps++) { // which share the configuration
    await within(build, {}, async (world) => {
      await counted(world, ["GET", "/users/7", 200], "/users/:id");
      await counted(world, ["GET", "/broken", 503], "/broken");
      assert.equal(world.spans[1]!.status.message, "broken on purpose");
    });
  }
  assert.deepEqual(seen, [200, 503, 200, 503]);
});

test("h3Plugin() counts the upgrade to a WebSocket as 1xx", () => {
  const build = withRoutes((app) => {
    app.get("/chat/:room", defineWebSocketHandler({}));
  });
  return within(build, {}, async ({ app, count, total }) => {
    const response = await app.send("/chat/7");
    assert.ok("crossws" in response);
    assert.equal(count("GET", "/chat/:room", 101), 1);
    assert.equal(total(), 1);
  });
});

test("h3Middleware() counts by status if h3 has another shape", () => {
  const shapes: readonly object[] = [
    {},
    { context: { matchedRoute: null } },
    {
      context: {},
      app: { config: Object.freeze({}) },
      res: { status: undefined },
    },
    { context: {}, res: { status: 202 } },
  ];
  const build: Build = ({ telemetry, options }) => {
    const middleware = h3Middleware(telemetry, options);
    return appOf(async (req) => {
      const shape = shapes[Number(new URL(req.url).pathname.slice(1))]!;
      const event = { req, ...shape } as H3Event;
      await middleware(event, () => Promise.resolve("a body"));
      return new Response("a body", { status: event.res?.status ?? 200 });
    });
  };
  return within(build, {}, async (world) => {
    await counted(world, ["GET", "/0", 200], "unknown");
    await counted(world, ["GET", "/1", 200], "unknown");
    await counted(world, ["GET", "/2", 200], "unknown");
    await counted(world, ["GET", "/3", 202], "unknown");
  });
});

test(`h3Plugin() works behind serve() of h3 (${RUNTIME})`, () => {
  const build: Build = async ({ telemetry, options }) => {
    const app = new H3({
      silent: true,
      onError: () => new Response("busy", { status: 503 }),
    });
    app.register(h3Plugin(telemetry, options));
    app.get("/users/:id", () => "user");
    app.get("/broken", () => {
      throw broken();
    });
    const server = serve(app, { port: 0, hostname: "127.0.0.1", silent: true });
    await server.ready();
    return {
      send: (path, init) => fetch(new URL(path, server.url), init),
      close: () => server.close(true),
    };
  };
  return within(build, {}, async (world) => {
    await counted(world, ["GET", "/users/7", 200], "/users/:id");
    await counted(world, ["GET", "/broken", 503], "/broken");
    await counted(world, ["GET", "/nothing", 503], "unknown");
    const metrics = await world.app.send("/metrics");
    assert.match(await metrics.text(), /route="\/users\/:id"/);
  });
});
