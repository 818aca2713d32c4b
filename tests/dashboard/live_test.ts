/** A mounted page over a live registry: what it shows, shares and leaves behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import {
  dashboard,
  type FindingEvents,
  type Health,
  type Hello,
  type Trace,
  type TraceList,
} from "../../src/dashboard/mod.ts";
import { HealthState } from "../../src/dashboard/health.ts";
import { Redaction } from "../../src/dashboard/redaction.ts";
import { FLEET, type FleetSource } from "../../src/model/internal.ts";
import { familyDesc, Labels, type Source } from "../../src/model/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";
import { messagesIn } from "./feed/feed_world.ts";
import { ModelHistory } from "./feed/model_history.ts";
import { KEY, statusOf, worldOf } from "./world.ts";

/** Advances the time second by second; each has turns of the event loop. */
async function advance(timers: FakeTimers, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    timers.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function json<T>(response: Promise<Response>): Promise<T> {
  return await (await response).json() as T;
}

/** Reads a feed until it has a message of that name; returns its data. */
async function messageOf<T>(response: Response, name: string): Promise<T> {
  const reader = response.body!.getReader();
  let text = "";
  for (;;) {
    const found = messagesIn(text).find(({ event }) => event === name);
    if (found !== undefined) {
      await reader.cancel();
      return found.data as T;
    }
    text += new TextDecoder().decode((await reader.read()).value);
  }
}

const BROKEN = "connect to db.internal: no password";

/** A source that fails. */
function brokenSource(): Source {
  return {
    descs: [familyDesc({ name: "db_rows", type: "gauge", help: "Rows." })],
    collect() {
      throw new Error(BROKEN);
    },
  };
}

test("the first message describes the service", async () => {
  using world = worldOf({
    service: "shop",
    version: "1.2.0",
    bus: createBus(),
    tracer: createTracer({ name: "shop" }),
  });
  const hello = await messageOf<Hello>(await world.get("/feed"), "hello");
  assert.deepEqual(
    [hello.v, hello.service, hello.version, hello.has],
    [1, "shop", "1.2.0", {
      fleet: false,
      events: true,
      traces: true,
      health: true,
    }],
  );
  assert.match(hello.runtime, /^(?:Deno|Bun|Node) v?\d+\./);
  assert.equal(hello.history.max, 8 * 2 ** 20);
  const other = await messageOf<Hello>(await world.get("/feed"), "hello");
  assert.equal(other.epoch, hello.epoch);
});

test("pages over one registry share its history, until the last ends", async () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const [one, two] = [createRegistry({ clock }), createRegistry({ clock })];
  const mount = (registry: Source) =>
    // As after a hot reload: the value is another one.
    dashboard("/_live", { key: KEY, print: false })
      .mount({ registry, clock, timers });
  const mounts = [mount(one), mount(one), mount(two)];
  await advance(timers, 12);
  const epochs = await Promise.all(mounts.map(async ({ handler }) => {
    const headers = { "x-barograph-key": KEY };
    const request = new Request("http://a/_live/feed", { headers });
    return (await messageOf<Hello>(await handler(request), "hello")).epoch;
  }));
  assert.equal(epochs[0], epochs[1]);
  assert.notEqual(epochs[0], epochs[2]);
  for (const mount of mounts) {
    assert.ok(timers.pending > 0);
    assert.equal(timers.holding, 0, "no timer keeps the process alive");
    mount[Symbol.dispose]();
    mount[Symbol.dispose]();
  }
  assert.equal(timers.pending, 0);
});

test("the end of a telemetry ends its feeds, and leaves no timer", async () => {
  const timers = new FakeTimers();
  const telemetry = createTelemetry({
    registry: createRegistry({ clock: timers.clock }),
    runtime: false,
    timers,
    clock: timers.clock,
  });
  const handler = telemetry.observe(() => new Response("app"), {
    dashboard: dashboard("/_live", { key: KEY, print: false }),
  });
  const headers = { "x-barograph-key": KEY };
  const feed = await handler(
    new Request("http://a/_live/feed?want=overview;events;traces;health", {
      headers,
    }),
  );
  const text = feed.text();
  await advance(timers, 3);
  await telemetry.close();
  assert.match(await text, /event: hello\n[^]*event: d\n[^]*\n\n$/);
  const again = handler(new Request("http://a/_live/feed", { headers }));
  assert.equal(await statusOf(again), 503);
  assert.equal(timers.pending, 0);
});

test("a finding is sent by the feed and published, without what redact removes", async () => {
  const bus = createBus<FindingEvents>();
  using world = worldOf({
    bus,
    redact: (event) =>
      event.topic === "source.failed"
        ? { ...event, data: { ...event.data, error: "hidden" } }
        : event,
  });
  world.registry.add(brokenSource());
  const response = await world.get("/feed?want=health");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
    }
  })();
  await advance(world.timers, 45);
  const subscription = bus.subscribe({ after: 0 });
  const event = subscription.read()!;
  assert.ok(event.gap === undefined && event.topic === "finding.opened");
  assert.equal(event.data.rule, "source");
  const told = messagesIn(text).flatMap(({ event, data }) =>
    event === "findings" ? data.all : []
  );
  assert.equal(told[0]?.id, event.data.id);
  assert.match(text, /"error":"hidden"/);
  assert.ok(!text.includes("password"));
  assert.ok(!JSON.stringify(event).includes("password"));
  world.page[Symbol.dispose]();
  await reading;
});

test("health has checks, sources that fail, and counts of the telemetry", async () => {
  using world = worldOf({
    checks: {
      fine: () => {},
      bad: () => false,
      broken: () => Promise.reject(new Error("secret")),
    },
  });
  world.registry.add(brokenSource());
  const asked = world.registry.counter({ name: "a_total", help: "A." });
  asked.inc(-1); // a rejected observation
  await world.get("/traces");
  await advance(world.timers, 22);
  const { checks, fleet, self, sources } = await json<Health>(
    world.get("/health"),
  );
  assert.deepEqual(
    checks.map(({ name, ok }) => [name, ok]),
    [["fine", true], ["bad", false], ["broken", false]],
  );
  assert.ok(checks.every(({ ms }) => ms! >= 0));
  const failed = sources.filter(({ ok }) => !ok);
  assert.equal(failed.length, 1);
  assert.equal(failed[0]!.error, BROKEN);
  assert.ok(failed[0]!.failures >= 1);
  assert.equal(fleet, null);
  const rejected = self.find(({ name }) =>
    name.startsWith("barograph_rejected_observations")
  );
  assert.equal(rejected?.value, 1);
  assert.equal(typeof rejected.labels["reason"], "string");
});

test("requests at one time share one run of the checks", async () => {
  let runs = 0;
  const timers = new FakeTimers();
  const health = new HealthState({
    checks: { fine: () => void runs++ },
    history: new ModelHistory(),
    registry: createRegistry(),
    redaction: new Redaction({
      redact: undefined,
      queries: false,
      headers: [],
    }),
    clock: timers.clock,
    timers,
  });
  const [one, two] = await Promise.all([health.read(), health.read()]);
  assert.equal(one, two);
  assert.equal(runs, 1);
  await health.read();
  assert.equal(runs, 2);
});

test("traces are listed and shown, without what redact hides", async () => {
  const tracer = createTracer({ name: "shop" });
  using world = worldOf({
    tracer,
    redact: (event) =>
      (event.data as { message?: string }).message === "secret"
        ? undefined
        : event,
  });
  await world.get("/health");
  for (const name of ["open", "secret"]) {
    tracer.run(name, () => tracer.run("secret", () => {}));
  }
  await advance(world.timers, 5);
  const { traces, counts } = await json<TraceList>(world.get("/traces"));
  assert.deepEqual(traces.map(({ root }) => root), ["open"]);
  assert.equal(counts.latest, 2);
  const trace = await json<Trace>(world.get(`/traces/${traces[0]!.id}`));
  assert.deepEqual(trace.all.map(({ name }) => name), ["open"]);
  for (const id of ["0".repeat(32), "x", "__proto__"]) {
    assert.equal(await statusOf(world.get(`/traces/${id}`)), 404);
  }
});

test("members of a fleet are joined, late or gone", async () => {
  const AGE = familyDesc({
    name: "barograph_fleet_member_age_seconds",
    type: "gauge",
    help: "Age.",
    labelNames: ["member"],
  });
  const MEMORY = familyDesc({
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory.",
    labelNames: ["member"],
  });
  const ages = new Map([["0", 0.1], ["1", 9]]);
  const own: Source = { descs: [], parts: [], collect() {} };
  const fleet: FleetSource & { readonly slot: number } = {
    descs: [],
    own,
    slot: 0,
    gather() {},
    publishSoon() {},
    collect(sink) {
      for (const [desc, factor] of [[AGE, 1], [MEMORY, 10]] as const) {
        if (!sink.family(desc)) continue;
        for (const [member, age] of ages) {
          sink.number(new Labels(["member"], [member]), age * factor, 0);
        }
      }
    },
  };
  const registry = { ...own, [FLEET]: Promise.resolve(fleet) };
  using world = worldOf({ registry });
  const members = async () =>
    (await json<Health>(world.get("/health"))).fleet!.map((
      { name, state, isThis, memory },
    ) => [name, state, isThis, memory]);
  assert.deepEqual(await members(), [
    ["0", "joined", true, 1],
    ["1", "late", false, 90],
  ]);
  ages.delete("1");
  assert.deepEqual(await members(), [
    ["0", "joined", true, 1],
    ["1", "gone", false, null],
  ]);
  world.timers.clock.advance(601);
  assert.deepEqual((await members()).map(([name]) => name), ["0"]);
});

test("a history is asked for by family, and bounded", async () => {
  using world = worldOf();
  world.registry.counter({ name: "a_total", help: "A." }).inc();
  await world.get("/health");
  await advance(world.timers, 12);
  const spans = await Promise.all(
    ["", "60", "99999", "-1", "x", "0"].map(async (range) => {
      const path = `/history?f=1,2,77&range=${range}`;
      const { families, columns, step } = await json<
        { families: { id: number }[]; columns: number; step: number }
      >(world.get(path));
      assert.deepEqual(families.map(({ id }) => id), [1, 2]);
      return columns * step;
    }),
  );
  assert.deepEqual(spans, [900, 60, 3600, 900, 900, 900]);
});
