/** Joins a fleet as another user: the number of the user is the argument. */
import process from "node:process";
import { createRegistry } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";

const user = Number(process.argv[2]);
if (user > 0) process.setuid!(user);
const { FLEET_DIR = "" } = process.env;
const fleet = await joinFleet(createRegistry(), {
  service: "shop",
  dir: FLEET_DIR,
});
console.log(`member ${fleet.member}`);
