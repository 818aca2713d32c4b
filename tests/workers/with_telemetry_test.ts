/** `withTelemetry` on this runtime; tests/workerd has the tests in workerd. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { withTelemetry } from "../../src/workers/mod.ts";
import { recordingCollector } from "../telemetry/recording_collector.ts";

async function linesOf(registry: Registry): Promise<readonly string[]> {
  const { endpoints } = createTelemetry({ registry });
  const answer = await endpoints.metrics(new Request("http://localhost/"));
  return (await answer.text()).split("\n");
}

const get = (path = "/") => new Request(`http://localhost${path}`);

test("withTelemetry() passes arguments, results, errors and `this` through", async () => {
  const seen: unknown[] = [];
  const failure = new Error("of the handler");
  const handler = {
    name: "shop",
    fetch(this: { readonly name: string }, ...args: readonly unknown[]) {
      seen.push(this.name, ...args);
      return new Response("thank you");
    },
    scheduled(): Promise<void> {
      return Promise.reject(failure);
    },
    queue(): void {
      throw failure;
    },
    email(this: { readonly name: string }, ...args: readonly unknown[]) {
      return [this.name, ...args];
    },
  };
  const registry = createRegistry();
  const worker = withTelemetry(handler as never, { registry, route: "/" }) as
    & {
      [K in keyof typeof handler]: (...args: unknown[]) => never;
    }
    & { readonly name: string };
  const [request, env, context] = [get(), { a: 1 }, { waitUntil() {} }];
  const answer = await worker.fetch(request, env, context) as Response;
  assert.equal(await answer.text(), "thank you");
  assert.deepEqual(seen, ["shop", request, env, context]);
  await assert.rejects(worker.scheduled({ cron: "* * * * *" }), failure);
  const batch = { queue: "orders", messages: [1, 2, 3] };
  assert.throws(() => worker.queue(batch, env, context), failure);
  assert.deepEqual(worker.email(1, 2), ["shop", 1, 2]);
  assert.equal(worker.name, "shop");
  const lines = await linesOf(registry);
  for (
    const line of [
      'http_requests_total{method="GET",route="/",status_class="2xx"} 1',
      'scheduled_events_total{path="* * * * *",status="error"} 1',
      'queue_events_total{path="orders",status="error"} 1',
      'queue_batch_messages_sum{path="orders"} 3',
    ]
  ) assert.ok(lines.includes(line), line);
});

test("methods of a class are found, as those of an application are", async () => {
  class Application {
    readonly #text = "from a class";
    fetch(_request: Request): Response {
      return new Response(this.#text);
    }
    tail(): string {
      return this.#text;
    }
  }
  const registry = createRegistry();
  const worker = withTelemetry(new Application(), { registry });
  const answer = await worker.fetch(get(), undefined, undefined as never);
  assert.equal(await answer.text(), "from a class");
  assert.equal(worker.tail(), "from a class");
});

test("events of an odd shape reach their handler", () => {
  const seen: unknown[] = [];
  const worker = withTelemetry({
    queue: (batch: unknown) => seen.push(batch),
    scheduled: (event: unknown) => seen.push(event),
  } as object, { registry: createRegistry() }) as Record<
    string,
    (event: unknown) => unknown
  >;
  const events = [{}, { queue: 7, messages: null }, undefined];
  for (const event of events) {
    worker["queue"]!(event);
    worker["scheduled"]!(event);
  }
  assert.deepEqual(seen, events.flatMap((event) => [event, event]));
});

test("options of the bindings are read once, at the first event", async () => {
  const seen: unknown[] = [];
  const registry = createRegistry();
  const worker = withTelemetry({
    fetch: (_request: Request, _env: string) => new Response(),
  }, (env: string) => {
    seen.push(env);
    return { registry, metrics: "/stats" };
  });
  assert.deepEqual(seen, []);
  for (const env of ["first", "second"]) {
    const answer = await worker.fetch(get("/stats"), env, undefined as never);
    assert.match(await answer.text(), /barograph_/);
  }
  assert.deepEqual(seen, ["first"]);
});

test("bindings are the environment variables of a function of options", async () => {
  await using collector = recordingCollector();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=shop,place=here",
    OTEL_SERVICE_NAME: { not: "a text" },
  };
  const handler = { fetch: () => new Response() };
  for (const collector of [undefined, ""]) {
    const works: Promise<unknown>[] = [];
    const worker = withTelemetry(
      handler,
      () => ({ registry: createRegistry(), route: "/", collector }),
    );
    const waitUntil = (work: Promise<unknown>) => void works.push(work);
    await worker.fetch(get(), env, { waitUntil });
    await Promise.all(works);
  }
  assert.equal(collector.received.length, 1);
  const { resource, scopeSpans: [{ spans }] } =
    collector.json("/v1/traces").resourceSpans[0];
  assert.deepEqual(spans.map(({ name }: { name: string }) => name), ["GET /"]);
  const pairs = resource.attributes.map((
    { key, value }: { key: string; value: { stringValue: string } },
  ) => `${key}=${value.stringValue}`);
  assert.ok(pairs.includes("service.name=shop"));
  assert.ok(pairs.includes("place=here"));
});

test("a function of options that throws is logged once, and observes nothing", async () => {
  const { warn } = console;
  const warned: unknown[] = [];
  console.warn = (...args) => warned.push(args.join(" "));
  try {
    const worker = withTelemetry({ fetch: () => new Response("fine") }, () => {
      throw new Error("no binding OTLP");
    });
    for (let i = 0; i < 2; i++) {
      const answer = await worker.fetch(get(), undefined, undefined as never);
      assert.equal(await answer.text(), "fine");
    }
  } finally {
    console.warn = warn;
  }
  assert.equal(warned.length, 1);
  assert.match(String(warned[0]), /not observed: no binding OTLP/);
});

test("a function of options that returns a promise is logged, and observes nothing", async () => {
  const { warn } = console;
  const warned: unknown[] = [];
  console.warn = (...args) => warned.push(args.join(" "));
  const late = () => Promise.reject(new Error("a rejection that none handles"));
  try {
    const handler = { fetch: () => new Response("answered") };
    const worker = withTelemetry(handler, late as never);
    const answer = await worker.fetch(get(), undefined, undefined as never);
    assert.equal(await answer.text(), "answered");
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    console.warn = warn;
  }
  assert.equal(warned.length, 1);
  assert.match(String(warned[0]), /not observed: .*the options are a promise/);
});

test("onFlush gets the telemetry and the bindings; its failures reach nobody", async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const seen: unknown[] = [];
  const waits: Promise<unknown>[] = [];
  const worker = withTelemetry({ fetch: () => new Response() }, {
    telemetry,
    onFlush: (...args) => {
      seen.push(args);
      return Promise.reject(new Error("of the listener"));
    },
  });
  const context = {
    waitUntil: (wait: Promise<unknown>) => void waits.push(wait),
  };
  await worker.fetch(get(), "env", context);
  await Promise.all(waits);
  assert.deepEqual(seen, [[telemetry, "env"]]);
});

test("withTelemetry() refuses what it cannot observe, and says what to give", () => {
  const fetch = () => new Response();
  const telemetry = createTelemetry({ registry: createRegistry() });
  const wrong: readonly [handler: unknown, options: object, RegExp][] = [
    [fetch, {}, /must be an object with fetch, scheduled or queue/],
    [class {}, {}, /for a class, call withTelemetry\(\) with an object/],
    [null, {}, /must be an object/],
    [{ email: fetch }, {}, /must be an object/],
    [{ fetch }, { flushInterval: 0 }, /flushInterval is 0; give seconds/],
    [{ fetch }, { flushEvery: 1 }, /no option "flushEvery"; give any of serv/],
    [{ fetch }, { collector: 7 }, /collector is of type number; give/],
    [{ fetch }, { collector: { endpoint: "x:/" } }, /x:\//],
    [
      { fetch },
      { collector: { endpoint: "http://localhost", interval: 1 } },
      /collector: there is no option "interval"/,
    ],
    [{ fetch }, { telemetry: {} }, /telemetry is of type object; give a tele/],
    [
      { fetch },
      { telemetry, registry: createRegistry() },
      /both telemetry and registry; give registry to createTelemetry\(\)/,
    ],
  ];
  for (const [handler, options, message] of wrong) {
    assert.throws(() => withTelemetry(handler as never, options), message);
  }
});
