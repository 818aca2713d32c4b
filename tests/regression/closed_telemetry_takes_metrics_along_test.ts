// A telemetry on a registry that another one used as well, such as the default
// registry of observe(), took the metrics of both buses and tracers along when it
// was closed, and while both were open only the later one was counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRegistry,
  createTelemetry,
  defaultRegistry,
  observe,
} from "../../mod.ts";
import { exposeBus } from "../../src/bridge/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import type { Registry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

function hasFamily(registry: Registry, name: string): boolean {
  return registry.descs.some((desc) => desc.name === name);
}

const STARTED = "barograph_spans_started_total";
const QUEUED = "barograph_spans_queued";

test("closing a telemetry leaves the metrics of observe() alone", async () => {
  const handler = observe(() => new Response("x"), { route: "/" });
  const registry = defaultRegistry();
  const value = (name: string, labels = {}) =>
    valueOf(registry, name, labels) ?? 0;
  const sampled = { sampled: "true" };
  const ends = { topic: "request.end" };
  const published = () => value("barograph_events_published_total", ends);
  // Other tests of the process may have used this registry.
  const [started, ended] = [value(STARTED, sampled), published()];
  const hadQueue = hasFamily(registry, QUEUED);
  await handler(new Request("http://localhost/"));
  assert.equal(value(STARTED, sampled), started + 1);

  const telemetry = createTelemetry({
    collector: {
      endpoint: "http://localhost:1",
      fetch: () => Promise.resolve(new Response()),
    },
  });
  const queued = value(QUEUED);
  telemetry.tracer.run("work", () => {});
  assert.equal(value(STARTED, sampled), started + 2);
  assert.equal(value(QUEUED), queued + 1);
  await telemetry.close();
  assert.equal(value(STARTED, sampled), started + 2, "a total never falls");
  assert.equal(hasFamily(registry, QUEUED), hadQueue);

  await handler(new Request("http://localhost/"));
  assert.equal(value(STARTED, sampled), started + 3);
  assert.equal(published(), ended + 2);
});

test("exposeBus() sums buses, and keeps the totals of those that left", () => {
  const registry = createRegistry();
  const value = (name: string, labels = {}) =>
    valueOf(registry, `barograph_event${name}`, labels);
  const buses = [1, 2, 3].map(() => createBus<{ a: number }>({ capacity: 2 }));
  const exposed = buses.map((bus) => exposeBus(registry, bus));
  for (const bus of buses) for (let i = 0; i < 3; i++) bus.publish("a", i);
  for (const left of [0, 1, 2]) {
    assert.equal(value("s_published_total", { topic: "a" }), 9);
    assert.equal(value("s_evicted_total"), 3);
    assert.equal(value("s_kept"), 2 * (3 - left));
    assert.equal(value("s_capacity"), 2 * (3 - left));
    exposed[left]![Symbol.dispose]();
    exposed[left]![Symbol.dispose]();
  }
  assert.equal(hasFamily(registry, "barograph_events_evicted_total"), false);
  using _ = exposeBus(registry, createBus());
  assert.equal(value("s_evicted_total"), 0);
});

test("exposeBus() tells scopes of one registry apart", () => {
  const registry = createRegistry();
  const bus = createBus<{ a: number }>();
  using _a = exposeBus(registry.scope({ prefix: "a_" }), bus);
  using _b = exposeBus(registry.scope({ prefix: "b_" }), bus);
  assert.equal(valueOf(registry, "a_barograph_events_kept"), 0);
  assert.equal(valueOf(registry, "b_barograph_events_kept"), 0);
});
