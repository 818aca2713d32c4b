/** The contract of the handlers, in this process. */
import { test } from "node:test";
import type { World } from "../support/contract_case.ts";
import { CONTRACT } from "../support/handler_contract.ts";
import { handlerWorld } from "../support/handler_world.ts";

const handler = handlerWorld();

const world: World = {
  ask: (path, headers = {}, method = "GET") =>
    handler(new Request(`http://localhost${path}`, { method, headers })),
  compresses: true,
  feeds: true,
  isDirect: true,
};

for (const { title, check } of CONTRACT) {
  test(title, { timeout: 120_000 }, () => check(world));
}
