/** The contract of the handlers, asked of workerd over the network. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { World } from "../support/contract_case.ts";
import { CONTRACT } from "../support/handler_contract.ts";
import { runWorker } from "./harness.ts";

const worker = await runWorker("handlers.ts");
after(() => worker[Symbol.asyncDispose]());

const world: World = {
  ask: worker.ask,
  compresses: false,
  feeds: false,
  isDirect: false,
};

for (const { title, check } of CONTRACT) {
  test(title, () => check(world));
}

test("work that ends with its request does not keep others waiting", async () => {
  for (const path of ["/slow", "/large", "/ready"]) {
    const expected = await (await worker.ask(path)).text();
    for (let i = 0; i < 3; i++) {
      const abandoned = await worker.ask(path, { "x-abandon": "1" });
      assert.equal(abandoned.status, 202);
    }
    const start = performance.now();
    assert.equal(await (await worker.ask(path)).text(), expected);
    assert.ok(performance.now() - start < 4000, path);
  }
});

test("nothing has been logged", () => assert.deepEqual(worker.logged, []));
