/** Which spans follow `await` in workerd. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RunningWorker, runWorker } from "./harness.ts";

async function follows(worker: RunningWorker, path = "/"): Promise<boolean> {
  const { before, after } = await (await worker.ask(path)).json();
  assert.equal(before, true);
  return after;
}

test("spans follow await with nodejs_compat, and end at it without", async () => {
  await using compatible = await runWorker("context.ts", ["nodejs_compat"]);
  assert.equal(await follows(compatible), true);
  await using plain = await runWorker("context.ts");
  assert.equal(await follows(plain), false);
});

test("useAsyncLocalStorage() makes spans of existing tracers follow await", async () => {
  await using worker = await runWorker("injected_context.ts", ["nodejs_als"]);
  assert.equal(await follows(worker), false);
  assert.equal(await follows(worker, "/use"), true);
  assert.equal(await follows(worker), true);
});

test("the option AsyncLocalStorage does the same", async () => {
  await using worker = await runWorker("injected_option.ts", ["nodejs_als"]);
  assert.equal(await follows(worker), true);
});
