import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";
import { openMetrics, prometheusText } from "../../src/encode/mod.ts";
import { FakeIo, type FakeIoOptions } from "./fake_io.ts";

const BAD = `# HELP requestDuration_ms
# TYPE requestDuration_ms gauge
requestDuration_ms{userId="7"} 1
`;

async function lint(
  options: FakeIoOptions,
  ...args: readonly string[]
): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo(options);
  return { code: await main(["lint", ...args], io), io };
}

test("lint reports findings in a file, one a line, with exit code 1", async () => {
  const { code, io } = await lint({ files: { "m.txt": BAD } }, "m.txt");
  assert.equal(code, 1);
  assert.match(io.out, /^error requestDuration_ms: .* \[base-unit\]$/m);
  assert.match(io.out, /^error requestDuration_ms: .* \[help-missing\]$/m);
  assert.match(io.out, /^warning requestDuration_ms: .* \[cardinality\]$/m);
  assert.match(io.out, /\d errors, \d warnings?\n$/);
});

test("lint skips allowed families, and warnings if asked", async () => {
  const files = { "m.txt": BAD };
  const allowed = await lint({ files }, "m.txt", "--allow=requestDuration_ms");
  assert.doesNotMatch(allowed.io.out, /requestDuration_ms/);
  const errors = await lint({ files }, "m.txt", "--errors");
  assert.doesNotMatch(errors.io.out, /^warning/m);
  assert.equal(errors.code, 1);
});

test("lint finds nothing in what the library itself writes", async () => {
  const registry = createRegistry();
  registry.counter({ name: "shop_orders_total", help: "Orders accepted." })
    .inc();
  registry.histogram({
    name: "shop_checkout_seconds",
    help: "Time of a checkout.",
    unit: "seconds",
    labels: ["payment"],
  }).with({ payment: "card" }).observe(1);
  registry.info({
    name: "shop_build_info",
    help: "The build.",
    labels: ["commit"],
  })
    .set({ commit: "a" });
  registry.stateSet({ name: "shop_door", help: "The door.", states: ["open"] });
  registry.summary({ name: "shop_items", help: "Items of orders." }).observe(1);
  for (const format of [prometheusText, openMetrics]) {
    const text = expositionOf(registry, format, { selfMetrics: true });
    const { code, io } = await lint({ files: { "m.txt": text } }, "m.txt");
    assert.equal(io.out, "No findings.\n");
    assert.equal(code, 0);
  }
});

test("lint reads a target, with a token from the environment", async () => {
  const { io } = await lint(
    {
      answer: () => BAD,
      variables: { BAROGRAPH_TOKEN: "t0k3n" },
    },
    "localhost:9090",
  );
  const [{ url, headers }] = io.requests as [FakeIo["requests"][0]];
  assert.equal(url.href, "http://localhost:9090/metrics");
  assert.equal(headers["authorization"], "Bearer t0k3n");
  assert.match(io.out, /requestDuration_ms/);
});

test("lint reports too many buckets", async () => {
  const buckets = Array.from(
    { length: 40 },
    (_, i) => `x_seconds_bucket{le="${i + 1}"} 1\n`,
  ).join("");
  const text = "# HELP x_seconds Time of x.\n# TYPE x_seconds histogram\n" +
    `${buckets}x_seconds_bucket{le="+Inf"} 1\nx_seconds_sum 1\nx_seconds_count 1\n`;
  const { io } = await lint({ files: { "m.txt": text } }, "m.txt");
  assert.match(io.out, /^warning x_seconds: has 40 buckets/m);
});

test("lint says what breaks the format", async () => {
  const strict = await lint(
    { files: { "m.txt": "# HELP a A.\n# TYPE a gauge\na  1\n" } },
    "m.txt",
  );
  assert.equal(strict.code, 1);
  assert.match(strict.io.out, /^warning \(format\): Cannot read line 3/m);
  const broken = await lint({ files: { "m.txt": "a{ 1\n" } }, "m.txt");
  assert.equal(broken.code, 1);
  assert.match(broken.io.out, /^error \(format\): Cannot read line 1/m);
  assert.match(broken.io.out, /^1 error, 0 warnings$/m);
});

test("a target without metrics is not a finding: the exit code is 2", async () => {
  const html = { headers: { "content-type": "text/html" } };
  for (
    const [answer, message] of [
      [new Error("connection refused"), /is down: connection refused\n$/],
      [
        Object.assign(new Error("fetch failed"), {
          cause: new Error("connect ECONNREFUSED"),
        }),
        /is down: connect ECONNREFUSED\n$/,
      ],
      [new Response("", { status: 500 }), /answers with status 500\n$/],
      [
        new Response("", { status: 401 }),
        /status 401; set BAROGRAPH_TOKEN to its bearer token\n$/,
      ],
      [new Response("<p>", html), /answers with HTML; give the path of its/],
    ] as const
  ) {
    const { code, io } = await lint({ answer: () => answer }, "http://a.test");
    assert.equal(code, 2);
    assert.match(io.errors, message);
  }
});

test("a target that does not answer is given up", async () => {
  const io = new FakeIo();
  io.fetch = (_url, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const running = main(["lint", "http://a.test"], io);
  await io.pass(10);
  assert.equal(await running, 2);
  assert.match(io.errors, /is down: no answer within 10 s/);
});

test("lint writes nothing that moves the cursor", async () => {
  const text = '{"a\x1b[2J_ms","l\x1b[2J"="v"} 1\n';
  const { io } = await lint({ files: { "m.txt": text } }, "m.txt");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(io.out, /\x1b/);
  assert.match(io.out, /^error a�\[2J_ms: /m);
});
