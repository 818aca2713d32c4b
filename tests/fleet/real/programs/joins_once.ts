/** A script that joins a fleet, counts and ends by itself. */
import process from "node:process";
import { createRegistry } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";

const registry = createRegistry();
const orders = registry.counter({ name: "shop_orders_total", help: "Orders." });
const { FLEET_DIR = "" } = process.env;
await joinFleet(registry, { service: "shop", dir: FLEET_DIR });
orders.inc(3);
console.log("counted");
