/** The laws of a fleet hold while its Workers are terminated and blocked. */
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { assertLawful, IS_LONG } from "./storm.ts";
import { stormOfWorkers } from "./workers.ts";

/** Deno and Bun have both kinds of Workers. */
const web = RUNTIME === "node" ? [] : ["web"];
for (const kind of IS_LONG ? ["node", ...web] : [web[0] ?? "node"]) {
  test(`Workers (${kind}) that are terminated`, {
    timeout: 600_000,
  }, async () => {
    assertLawful(await stormOfWorkers({ FLEET_WORKERS: kind }));
  });
}
