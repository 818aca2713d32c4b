/** A member that revokes its permissions, one after the other, and is scraped. */
import process from "node:process";
import { createRegistry, metricsHandler } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";
import { FakeTimers } from "../../../../src/testing/mod.ts";
import { valueIn } from "../host.ts";

const { FLEET_DIR = "" } = process.env;
const registry = createRegistry();
const orders = registry.counter({ name: "orders_total", help: "Orders." });
orders.inc();
const timers = new FakeTimers(); // no tick publishes meanwhile
const fleet = await joinFleet(registry, {
  service: "shop",
  dir: FLEET_DIR,
  clock: timers.clock,
  timers,
});
const answer = metricsHandler(registry);

async function look() {
  const response = await answer(new Request("http://localhost/metrics"));
  const own = await answer(new Request("http://localhost/metrics?fleet=self"));
  const name = 'barograph_fleet_publish_failures_total{reason="NotCapable"}';
  const failures = valueIn(await own.text(), name) ?? null;
  return { total: valueIn(await response.text(), "orders_total"), failures };
}

const { permissions } = (globalThis as unknown as {
  Deno: { permissions: { revokeSync(query: { name: string }): void } };
}).Deno;
const looks = [await look()];
for (const name of ["write", "read"]) {
  permissions.revokeSync({ name });
  orders.inc();
  looks.push(await look());
}
console.log(JSON.stringify(looks));
fleet.leave();
