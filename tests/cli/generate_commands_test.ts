import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli/mod.ts";
import {
  counter,
  createRegistry,
  type Registry,
} from "../../src/metrics/mod.ts";
import { FakeIo } from "./fake_io.ts";

function registryWith(name: string): Registry {
  const registry = createRegistry();
  registry.counter({ name, help: "Things." });
  return registry;
}

/** Runs a command on a module with these exports. */
async function run(
  exports: () => unknown,
  ...args: readonly string[]
): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo({ modules: { "src/shop.ts": exports } });
  return { code: await main(args, io), io };
}

test("dashboards writes a file named after the module", async () => {
  const registry = registryWith("shop_orders_total");
  const { code, io } = await run(
    () => ({ registry }),
    "dashboards",
    "src/shop.ts",
    "--out=out/",
    "--title",
    "My shop",
    "--job",
    "shop",
    "--uid",
    "my-shop",
  );
  assert.equal(code, 0);
  assert.equal(io.out, "out/shop.json\n");
  const written = JSON.parse(io.writtenFiles.get("out/shop.json")!);
  assert.equal(written.title, "My shop");
  assert.equal(written.uid, "my-shop");
  assert.match(JSON.stringify(written), /shop_orders_total/);
});

test("rules writes a rule file and its tests", async () => {
  const registry = registryWith("shop_orders_total");
  registry.histogram({
    name: "http_request_duration_seconds",
    help: "X.",
    unit: "seconds",
    labels: ["method", "route", "status_class"],
    buckets: [0.1, 0.25],
  });
  const args = ["rules", "src/shop.ts", "--job", "shop"];
  const objectives = ["--availability=0.999", "--latency=0.99@0.25"];
  const { code, io } = await run(() => ({ registry }), ...args, ...objectives);
  assert.equal(code, 0, io.errors);
  assert.equal(io.out, "./shop.rules.yml\n./shop.rules_test.yml\n");
  const rules = io.writtenFiles.get("./shop.rules.yml")!;
  assert.match(rules, /alert: TargetAbsent/);
  assert.match(rules, /slo: latency/);
  const tests = io.writtenFiles.get("./shop.rules_test.yml")!;
  assert.match(tests, /^rule_files:\n {2}- shop\.rules\.yml$/m);
  const wrong = await run(
    () => ({ registry }),
    ...args,
    "--latency=0.99@0.3",
  );
  assert.equal(wrong.code, 2);
  assert.match(wrong.io.errors, /no bucket bound .*; give one of 0\.1, 0\.25/);
});

test("the registry of a telemetry, of a default export or of a getter is found", async () => {
  const registry = registryWith("shop_orders_total");
  for (
    const exports of [
      { telemetry: { registry } },
      { default: registry },
      { default: { registry }, registry },
      { a: 1, b: null, c: () => {}, registry },
    ]
  ) {
    const { code, io } = await run(() => exports, "dashboards", "src/shop.ts");
    assert.equal(code, 0, io.errors);
  }
});

test("one of several registries has to be chosen", async () => {
  const exports = () => ({
    a: registryWith("a_total"),
    b: { registry: registryWith("b_total") },
  });
  const several = await run(exports, "dashboards", "src/shop.ts");
  assert.equal(several.code, 2);
  assert.match(several.io.errors, /give --export a or --export b/);
  const chosen = await run(
    exports,
    "dashboards",
    "src/shop.ts",
    "--export",
    "b",
  );
  assert.match(chosen.io.writtenFiles.get("./shop.json")!, /b_total/);
  const wrong = await run(exports, "rules", "src/shop.ts", "--export=c");
  assert.match(wrong.io.errors, /has no export c .*; it exports a, b/);
});

test("the error about a module without metrics says how to export them", async () => {
  const exports = () => ({ registry: createRegistry() });
  const { code, io } = await run(exports, "dashboards", "src/shop.ts");
  assert.equal(code, 2);
  assert.match(io.errors, /declares no metrics .*export const registry/);
});

test("errors of the module and of files are reported in one line", async () => {
  const thrown = await run(
    () => Promise.reject(new Error("no database")),
    "dashboards",
    "src/shop.ts",
  );
  assert.match(thrown.io.errors, /cannot load src\/shop\.ts: no database\n$/);
  const busy = await run(
    () => Promise.reject(Object.assign(new Error("x"), { code: "EADDRINUSE" })),
    "rules",
    "src/shop.ts",
  );
  assert.match(busy.io.errors, /: x; stop the program .* declares the metrics/);
  const registry = registryWith("a_total");
  const unwritten = await run(
    () => ({ registry }),
    "dashboards",
    "src/shop.ts",
    "--out=/read-only",
  );
  assert.equal(unwritten.code, 2);
  assert.match(
    unwritten.io.errors,
    /cannot write \/read-only\/shop\.json: per/,
  );
  const option = await run(
    () => ({ registry }),
    "dashboards",
    "src/shop.ts",
    "--escaping=none",
  );
  assert.match(option.io.errors, /escaping is "none"; give "allow-utf-8" or/);
});

test("a module that never finishes loading has the default registry", async () => {
  counter({ name: "cli_waits_total", help: "Waits." });
  const io = new FakeIo({
    modules: { "src/shop.ts": () => new Promise(() => {}) },
  });
  const running = main(["dashboards", "src/shop.ts", "--wait", "3"], io);
  await io.pass(3);
  assert.equal(await running, 0);
  assert.match(io.errors, /^src\/shop\.ts was not loaded after 3 s; reading/);
  assert.match(io.writtenFiles.get("./shop.json")!, /cli_waits_total/);
});
