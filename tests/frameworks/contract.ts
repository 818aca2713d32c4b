/** The expectations that every adapter of a framework meets: see `app.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRegistry,
  createTelemetry,
  type ObserveOptions,
} from "../../mod.ts";
import { openMetrics } from "../../src/encode/mod.ts";
import {
  expositionOf,
  parseExposition,
  valueOf,
} from "../../src/testing/mod.ts";
import { dashboard } from "../../src/dashboard/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import { appOf, type Build } from "./app.ts";

/** Deviations of a framework, each with its reason beside it. */
export interface Deviations {
  /** The adapter cannot be mounted twice, such as a router. */
  readonly once?: true;
  /** The framework does not show its adapter the error of an answer. */
  readonly hidesErrors?: true;
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };

/** Status and route template of a request to each route of the table. */
const ANSWERS: readonly (readonly [
  method: string,
  path: string,
  status: number,
  route: string,
])[] = [
  ["GET", "/users/7", 200, "/users/:id"],
  ["GET", "/users/7?page=2", 200, "/users/:id"],
  ["POST", "/users", 201, "/users"],
  ["GET", "/api/items/book", 200, "/api/items/:item"],
  ["GET", "/forbidden", 403, "/forbidden"],
  ["GET", "/broken", 500, "/broken"],
  ["GET", "/teapot", 418, "/teapot"],
  ["GET", "/stream", 200, "/stream"],
  ["GET", "/nowhere/7", 404, "unknown"],
];

async function setUp(build: Build, {
  options = {},
  times = 1,
  strict = true,
}: { options?: ObserveOptions; times?: number; strict?: boolean } = {}) {
  const registry = createRegistry({ strict });
  const telemetry = createTelemetry({ registry });
  const spans: SpanRecord[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  const app = await build({ telemetry, options, times });
  return {
    registry,
    telemetry,
    app,
    spans,
    /** Returns the requests of a method, route and status. */
    count: (method: string, route: string, status: number): number =>
      valueOf(registry, "http_requests_total", {
        method,
        route,
        status_class: `${Math.floor(status / 100)}xx`,
      }) ?? 0,
    /** Returns all requests that were counted. */
    total: (): number =>
      [
        ...expositionOf(registry).matchAll(
          /^http_requests_total\{.*\} (\d+)$/gm,
        ),
      ]
        .reduce((sum, [, value]) => sum + Number(value), 0),
    inFlight: (): number =>
      [
        ...expositionOf(registry)
          .matchAll(/^http_requests_in_flight\{.*\} (\d+)$/gm),
      ]
        .reduce((sum, [, value]) => sum + Number(value), 0),
    async close(): Promise<void> {
      await telemetry.close();
      await app.close?.();
    },
  };
}

export type World = Awaited<ReturnType<typeof setUp>>;

/** Runs `work` with an app, and closes it. Errors that frameworks log are hidden. */
export async function within(
  build: Build,
  options: Parameters<typeof setUp>[1],
  work: (world: World) => Promise<void>,
): Promise<void> {
  const world = await setUp(build, options);
  const { error } = console;
  console.error = () => {};
  try {
    await work(world);
  } finally {
    console.error = error;
    await world.close();
  }
}

/** Sends the request of a row of `ANSWERS`, and returns the text of its answer. */
async function sent(
  { app }: World,
  [method, path, status]: typeof ANSWERS[number],
  headers: Record<string, string> = {},
): Promise<string> {
  const body = method === "POST" ? { body: "Ada" } : {};
  const response = await app.send(path, { method, headers, ...body });
  assert.equal(response.status, status, `${method} ${path}`);
  return await response.text();
}

/** Sends a request, and tests that it is counted once, with this route. */
export async function counted(
  { app, count, total }: World,
  [method, path, status]: readonly [string, string, number],
  route: string,
): Promise<void> {
  const before = [count(method, route, status), total()];
  const response = await app.send(path, { method });
  await response.arrayBuffer();
  assert.equal(response.status, status, path);
  const after = [count(method, route, status), total()];
  assert.deepEqual(
    after,
    before.map((value) => value + 1),
    `${path}: ${route}`,
  );
}

/** Tests an adapter. `name` is that of its function. */
export function frameworkContract(
  name: string,
  build: Build,
  { once, hidesErrors }: Deviations = {},
): void {
  test(`${name}() counts each request by its template and status`, () =>
    within(build, {}, async (world) => {
      for (const row of ANSWERS) await sent(world, row);
      for (const [method, , status, route] of ANSWERS) {
        const expected = ANSWERS.filter((row) =>
          row[0] === method && row[2] === status && row[3] === route
        ).length;
        assert.equal(world.count(method, route, status), expected, route);
      }
      assert.equal(world.total(), ANSWERS.length);
      assert.equal(world.inFlight(), 0);
    }));

  test(`${name}() leaves requests, answers and streams as they are`, () =>
    within(build, {}, async (world) => {
      const { app } = world;
      assert.match(await sent(world, ["GET", "/users/7", 200, ""]), /^user 7 /);
      assert.equal(await sent(world, ["POST", "/users", 201, ""]), "Ada");
      assert.equal(
        await sent(world, ["GET", "/api/items/book", 200, ""]),
        "book",
      );
      const { body } = await app.send("/stream");
      let text = "";
      for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
      }
      assert.equal(text, "first,second");
    }));

  test(`${name}() also has the names of the conventions, with "both"`, () =>
    within(build, { options: { names: "both" } }, async (world) => {
      for (const row of ANSWERS) await sent(world, row);
      assert.equal(world.total(), ANSWERS.length);
      const page = expositionOf(world.registry);
      const counts: Record<string, number> = {};
      for (const { samples } of parseExposition(page, "text-0.0.4")) {
        for (const { name, labels, value } of samples) {
          if (name !== "http_server_request_duration_seconds_count") continue;
          const of = (label: string) => labels.get(`http_${label}`);
          const status = of("response_status_code");
          const key = [of("request_method"), of("route"), status].join(" ");
          counts[key] = value;
          assert.equal(labels.has("error_type"), status === "500", key);
        }
      }
      const expected: Record<string, number> = {};
      for (const [method, , status, route] of ANSWERS) {
        const found = route === "unknown" ? "" : route;
        const key = `${method} ${found} ${status}`;
        expected[key] = (expected[key] ?? 0) + 1;
      }
      assert.deepEqual(counts, expected);
      assert.match(page, /^http_server_active_requests\{.*"GET".*\} 0$/m);
    }));

  test(`${name}() has the span of the request active, also after await`, () =>
    within(build, {}, async (world) => {
      const { spans } = world;
      const text = await sent(world, ["GET", "/users/7", 200, ""], PARENT);
      assert.equal(text, `user 7 in ${TRACE}`);
      assert.equal(spans.length, 1);
      assert.equal(spans[0]!.name, "GET /users/:id");
      assert.equal(spans[0]!.attributes["http.route"], "/users/:id");
      assert.equal(spans[0]!.attributes["url.path"], "/users/7");
      assert.equal(spans[0]!.attributes["http.response.status_code"], 200);
      const other = await sent(world, ["GET", "/users/8", 200, ""]);
      assert.match(other, /^user 8 in [0-9a-f]{32}$/);
      assert.ok(!other.includes(TRACE));
    }));

  test(`${name}() keeps the contexts of concurrent requests apart`, () =>
    within(build, {}, async (world) => {
      const texts = await Promise.all(
        ["1", "2", "3", "4"].map((id) =>
          sent(world, ["GET", `/users/${id}`, 200, ""], {
            traceparent: `00-${id.repeat(32)}-${id.repeat(16)}-01`,
          })
        ),
      );
      texts.forEach((text, i) => {
        const id = String(i + 1);
        assert.equal(text, `user ${id} in ${id.repeat(32)}`);
      });
    }));

  test(`${name}() gives durations the exemplar of their trace`, () =>
    within(build, {}, async (world) => {
      await sent(world, ["GET", "/users/7", 200, ""], PARENT);
      assert.match(
        expositionOf(world.registry, openMetrics),
        new RegExp(
          `http_request_duration_seconds_bucket\\{[^}]*/users/:id[^}]*\\} 1 ` +
            `# \\{[^}]*trace_id="${TRACE}"`,
        ),
      );
    }));

  test(`${name}() marks the span of an error, as the error handler decides`, () =>
    within(build, {}, async (world) => {
      const { spans } = world;
      await sent(world, ["GET", "/broken", 500, ""]);
      await sent(world, ["GET", "/teapot", 418, ""]);
      assert.equal(spans[0]!.status.code, "error");
      if (!hidesErrors) {
        assert.equal(spans[0]!.status.message, "broken on purpose");
        assert.equal(spans[0]!.events[0]?.name, "exception");
      }
      assert.equal(spans[1]!.status.code, "unset");
      assert.equal(spans[1]!.attributes["http.response.status_code"], 418);
    }));

  test(`${name}() serves /metrics, which it does not count`, () =>
    within(build, {}, async (world) => {
      await sent(world, ["GET", "/users/7", 200, ""]);
      const response = await world.app.send("/metrics");
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type")!, /^text\/plain/);
      assert.match(
        await response.text(),
        /^http_requests_total\{.*route="\/users\/:id".*\} 1$/m,
      );
      assert.equal(world.total(), 1);
    }));

  test(`${name}() serves no events by default`, () =>
    within(build, {}, async ({ app, count }) => {
      const response = await app.send("/events");
      await response.body?.cancel();
      assert.equal(response.status, 404);
      assert.equal(count("GET", "unknown", 404), 1);
    }));

  test(`${name}() serves what is mounted at the paths of the options`, () => {
    const page = dashboard("/page", { print: false });
    const options = { metrics: "/numbers", events: "/live", dashboard: page };
    return within(build, { options }, async (world) => {
      const { app, count, total } = world;
      const metrics = await app.send("/numbers");
      assert.match(await metrics.text(), /^# HELP /);
      assert.equal((await sent(world, ["GET", "/page", 200, ""])).at(0), "<");
      await sent(world, ["GET", "/page/feed", 401, ""]);
      await sent(world, ["GET", "/metrics", 404, ""]);
      await sent(world, ["GET", "/users/7", 200, ""]);
      const abort = new AbortController();
      const events = await app.send("/live?after=0", { signal: abort.signal });
      assert.match(
        events.headers.get("content-type")!,
        /^text\/event-stream/,
      );
      let text = "";
      for await (
        const chunk of events.body!.pipeThrough(new TextDecoderStream())
      ) {
        text += chunk;
        if (text.includes("request.end") && text.includes("/users/:id")) break;
      }
      abort.abort();
      assert.equal(count("GET", "unknown", 404), 1);
      assert.equal(total(), 2);
    });
  });

  test(`${name}() asks the functions of the options with the request`, () => {
    const seen: string[] = [];
    const options: ObserveOptions = {
      ignore: ({ url }) => url.includes("/forbidden"),
      route({ method, url, headers }) {
        seen.push(`${method} ${new URL(url, "http://x").pathname}`);
        assert.equal(headers.get("x-team"), "blue");
        return "/fallback";
      },
      attributes: ({ headers }) => ({ team: headers.get("x-team") ?? "" }),
    };
    return within(build, { options }, async (world) => {
      const { count, spans, total } = world;
      const team = { "x-team": "blue" };
      await sent(world, ["GET", "/forbidden", 403, ""], team);
      await sent(world, ["GET", "/users/7", 200, ""], team);
      await sent(world, ["GET", "/nowhere", 404, ""], team);
      assert.deepEqual(seen, ["GET /nowhere"]);
      assert.equal(count("GET", "/users/:id", 200), 1);
      assert.equal(count("GET", "/fallback", 404), 1);
      assert.equal(total(), 2);
      assert.equal(spans[0]!.attributes["team"], "blue");
    });
  });

  test(`${name}() survives functions of the options that throw`, () => {
    const fails = (): never => {
      throw new Error("of the user");
    };
    const options: ObserveOptions = {
      ignore: fails,
      filter: fails,
      attributes: fails,
      route: fails,
    };
    return within(build, { options }, async (world) => {
      await sent(world, ["GET", "/users/7", 200, ""]);
      await sent(world, ["GET", "/nowhere", 404, ""]);
      assert.equal(world.count("GET", "/users/:id", 200), 1);
      assert.equal(world.count("GET", "unknown", 404), 1);
    });
  });

  test(`${name}() refuses a misspelt option where it is given`, async () => {
    const options = { rout: "/" } as ObserveOptions;
    await assert.rejects(
      async () => void await setUp(build, { options }),
      /Cannot observe requests: .*rout/,
    );
  });

  if (!once) {
    test(`${name}() counts once when it is mounted repeatedly`, async () => {
      let events: readonly number[] = [];
      await within(build, {}, async (world) => {
        for (const row of ANSWERS) await sent(world, row);
        events = world.spans.map((span) => span.events.length);
      });
      await within(build, { times: 3 }, async (world) => {
        for (const row of ANSWERS) await sent(world, row);
        assert.deepEqual(world.spans.map((span) => span.events.length), events);
        assert.equal(world.total(), ANSWERS.length);
        assert.equal(world.spans.length, ANSWERS.length);
        assert.equal(world.count("GET", "/users/:id", 200), 2);
        assert.equal(world.count("GET", "unknown", 404), 1);
        assert.equal(world.inFlight(), 0);
      });
    });
  }
}

/** Tests further that Telemetry.observe() around `app.fetch` counts nothing twice. */
export function fetchContract(name: string, build: Build): void {
  const wrapped: Build = async (mount) => {
    const app = await build(mount);
    return appOf(mount.telemetry.observe(app.fetch!));
  };
  test(`${name}() gives Telemetry.observe() its routes`, () =>
    within(wrapped, {}, async (world) => {
      for (const row of ANSWERS) await sent(world, row);
      assert.equal(world.total(), ANSWERS.length);
      assert.equal(world.spans.length, ANSWERS.length);
      for (const [method, , status, route] of ANSWERS) {
        assert.ok(world.count(method, route, status) > 0, route);
      }
    }));
}
