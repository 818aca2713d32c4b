/** The laws of a fleet hold while its members are killed, frozen and blocked. */
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { GROUPS, stormOnPort } from "./shared_port.ts";
import { assertLawful, massacre, storm } from "./storm.ts";

const timeout = 600_000;

test("processes with ports of their own", { timeout }, async () => {
  assertLawful(await storm(4));
});

test("processes of which only one is not frozen", { timeout }, async () => {
  assertLawful(await storm(2));
});

test("eight processes that start and die at the same time", {
  timeout,
}, async () => {
  assertLawful(await massacre(8));
});

const [title, startGroup] = GROUPS[RUNTIME];
test(title, { timeout }, async () => {
  assertLawful(await stormOnPort(startGroup));
});
