/** The option `fleet`: telemetries as members of a fleet on real files. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  createRegistry,
  createTelemetry,
  type Registry,
  type TelemetryOptions,
} from "../../mod.ts";
import { joinFleet } from "../../src/fleet/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";

const timeout = 120_000;
const TOTAL = "shop_orders_total";

/** A directory that is removed at the end of a test. */
function directory(): { readonly dir: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "b-"));
  return {
    dir,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function ordersOf(registry: Registry) {
  return registry.counter({ name: TOTAL, help: "Orders." });
}

async function scrape(registry: Registry, query = ""): Promise<string> {
  const url = `http://localhost/metrics${query}`;
  return await (await metricsHandler(registry)(new Request(url))).text();
}

async function value(registry: Registry, name: string): Promise<number> {
  const text = await scrape(registry);
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

function telemetryOf(registry: Registry, dir: string, more = {}) {
  const fleet: TelemetryOptions["fleet"] = { dir, ...more };
  return createTelemetry({ service: "shop", registry, fleet });
}

test("createTelemetry() refuses wrong options of a fleet at once", () => {
  const wrong: readonly [unknown, RegExp][] = [
    [1, /fleet is .*; give true, or options, such as \{ service: "shop" \}/],
    [{ dir: "here" }, /dir is .*; give an absolute path/],
    [{ maxMembers: 0 }, /maxMembers is 0; give/],
    [{ clock: {} }, /there is no option "clock"/],
  ];
  for (const [fleet, message] of wrong) {
    const registry = createRegistry();
    const options = { registry, fleet } as TelemetryOptions;
    assert.throws(() => createTelemetry(options), { message });
    void createTelemetry({ registry }).close(); // nothing is left
  }
});

test("members answer with the whole from the first scrape on", {
  timeout,
}, async () => {
  using place = directory();
  const [one, two] = [createRegistry(), createRegistry()];
  const first = telemetryOf(one, place.dir);
  ordersOf(one).inc(1);
  assert.equal(await value(one, "barograph_fleet_members"), 1);
  const second = telemetryOf(two, place.dir);
  ordersOf(two).inc(2);
  assert.equal(await value(two, TOTAL), 3);
  assert.equal(await value(one, TOTAL), 3);
  assert.match(await scrape(two, "?fleet=self"), /^shop_orders_total 2$/m);
  await second.close();
  assert.equal(await value(two, TOTAL), 2);
  assert.equal(await value(one, TOTAL), 3);
  await first.close();
});

test("a request is in the total before its client has the answer", {
  timeout,
}, async () => {
  using place = directory();
  const [one, two] = [createRegistry(), createRegistry()];
  const first = telemetryOf(one, place.dir, { interval: 3600 });
  const second = telemetryOf(two, place.dir, { interval: 3600 });
  const orders = ordersOf(one);
  const handler = first.observe(() => {
    orders.inc();
    return new Response("thank you");
  });
  await Promise.all([scrape(one), scrape(two)]); // both have joined
  for (let request = 1; request <= 3; request++) {
    await handler(new Request("http://localhost/"));
    assert.equal(await value(two, TOTAL), request);
  }
  orders.inc();
  assert.equal(await value(two, TOTAL), 3); // no request
  await Promise.all([first.close(), second.close()]);
});

test("a telemetry that is closed before the module is loaded joins nothing", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  ordersOf(registry).inc(4);
  const telemetry = telemetryOf(registry, place.dir);
  const closed = telemetry.close();
  assert.equal(await value(registry, TOTAL), 4);
  await closed;
  assert.doesNotMatch(await scrape(registry), /barograph_fleet/);
  using fleet = await joinFleet(registry, { dir: place.dir, service: "shop" });
  assert.equal(fleet.member, 0);
});

test("a telemetry that is closed while it joins leaves, and its slot is free", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  const telemetry = telemetryOf(registry, place.dir);
  await import("../../src/fleet/mod.ts");
  await undefined;
  await telemetry.close();
  await scrape(registry);
  assert.doesNotMatch(await scrape(registry), /barograph_fleet/);
  using fleet = await joinFleet(registry, { dir: place.dir, service: "shop" });
  assert.equal(fleet.member, 0);
});

test("two telemetries of one registry are one member, until both are closed", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  ordersOf(registry).inc(4);
  const first = telemetryOf(registry, place.dir);
  const second = telemetryOf(registry, place.dir);
  assert.equal(await value(registry, "barograph_fleet_members"), 1);
  assert.equal(await value(registry, TOTAL), 4);
  await first.close();
  await first.close();
  assert.equal(await value(registry, "barograph_fleet_members"), 1);
  await second.close();
  assert.doesNotMatch(await scrape(registry), /barograph_fleet/);
});

test("a telemetry that replaces another one continues the membership", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  const orders = ordersOf(registry);
  for (let round = 1; round <= 3; round++) {
    orders.inc();
    const telemetry = telemetryOf(registry, place.dir);
    assert.equal(await value(registry, "barograph_fleet_members"), 1);
    assert.equal(await value(registry, TOTAL), round);
    const closed = telemetry.close();
    const next = telemetryOf(registry, place.dir);
    await closed;
    assert.equal(await value(registry, "barograph_fleet_members"), 1);
    assert.equal(await value(registry, TOTAL), round);
    await next.close();
  }
});

test("a telemetry leaves the membership that a program has joined itself", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  using fleet = await joinFleet(registry, { dir: place.dir, service: "shop" });
  assert.throws(
    () => void joinFleet(registry, { dir: place.dir }),
    /member already/,
  );
  const telemetry = telemetryOf(registry, place.dir);
  await telemetry.close();
  assert.equal(fleet.flush(), true);
  assert.equal(await value(registry, "barograph_fleet_members"), 1);
});

test("joinFleet() refuses a registry whose telemetry is joining", {
  timeout,
}, async () => {
  using place = directory();
  const registry = createRegistry();
  const telemetry = telemetryOf(registry, place.dir);
  assert.throws(
    () => void joinFleet(registry, { dir: place.dir }),
    /member already/,
  );
  assert.equal(await value(registry, "barograph_fleet_members"), 1);
  await telemetry.close();
});

test("serveTelemetry() answers with the whole", { timeout }, async () => {
  using place = directory();
  const [one, two] = [createRegistry(), createRegistry()];
  const first = telemetryOf(one, place.dir);
  ordersOf(one).inc(1);
  const options = { dir: place.dir, service: "shop" };
  using _second = await joinFleet(two, options);
  ordersOf(two).inc(2);
  assert.equal(_second.flush(), true);
  {
    await using server = await serveTelemetry({ registry: one, port: 0 });
    const text = await (await fetch(server.address)).text();
    assert.match(text, /^shop_orders_total 3$/m);
  }
  await first.close();
});

test("a telemetry that is closed in any order leaves the totals of all", {
  timeout,
}, async () => {
  using place = directory();
  const [one, two] = [createRegistry(), createRegistry()];
  const first = telemetryOf(one, place.dir);
  ordersOf(one).inc(1);
  assert.equal(await value(one, TOTAL), 1);
  let expected = 1;
  for (const order of ["unregister", "close", "both at once"]) {
    const second = telemetryOf(two, place.dir);
    const orders = ordersOf(two);
    orders.inc(2);
    expected += 2;
    assert.equal(await value(two, TOTAL), expected, order);
    orders.inc(4);
    expected += 4;
    if (order === "unregister") {
      two.unregister(TOTAL);
      await second.close();
    } else {
      const closed = second.close();
      if (order === "both at once") two.unregister(TOTAL);
      await closed;
      two.unregister(TOTAL);
    }
    assert.equal(await value(one, TOTAL), expected, order);
  }
  await first.close();
});
