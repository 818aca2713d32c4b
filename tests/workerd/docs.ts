/** The code blocks of docs/workers.md, and its example, in workerd. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runWorker, startCollector, until } from "./harness.ts";

const page = readFileSync(
  new URL("../../docs/workers.md", import.meta.url),
  "utf8",
);
const blocks = [
  ...page.matchAll(/^```(?:ts|typescript)\b[^\n]*\n([^]*?)^```$/gm),
]
  .map(([, code]) => code!);

test("docs/workers.md has code blocks", () => assert.ok(blocks.length >= 5));

for (const [number, code] of blocks.entries()) {
  test(`the code block ${number + 1} of docs/workers.md runs`, async () => {
    await using collector = await startCollector();
    const isExporting = /endpoint: env.OTLP|onFlush/.test(code);
    await using worker = await runWorker(
      { code },
      code.includes("node:async_hooks") ? ["nodejs_als"] : [],
      {
        bindings: {
          OTLP: collector.address,
          TOKEN: "t0k3n",
          PUSHGATEWAY: collector.address,
        },
        ...code.includes("class Room") &&
          { durableObjects: { ROOMS: "Room" } },
      },
    );
    assert.equal(await (await worker.ask("/")).text(), "thank you");
    const metrics = await (await worker.ask("/metrics")).text();
    assert.match(metrics, /^shop_orders_total\{payment="card"\} 1$/m);
    assert.match(metrics, /^http_requests_total\{.*\} 1$/m);
    if (isExporting) await until(() => collector.paths.length > 0);
    assert.equal(
      collector.paths[0]?.replace(/[0-9a-f-]{36}$/, "<id>"),
      code.includes("onFlush")
        ? "/metrics/job/shop/instance/<id>"
        : isExporting
        ? "/v1/traces"
        : undefined,
    );
  });
}

test("examples/cloudflare_worker.ts runs", async () => {
  const example = readFileSync(
    new URL("../../examples/cloudflare_worker.ts", import.meta.url),
    "utf8",
  );
  await using collector = await startCollector();
  await using worker = await runWorker(
    { code: example.replaceAll('from "../', 'from "./') },
    [],
    { bindings: { OTLP: collector.address, PUSHGATEWAY: collector.address } },
  );
  const answer = await worker.ask("/", { "accept-language": "de" });
  assert.equal(await answer.text(), "Guten Tag.\n");
  const metrics = await (await worker.ask("/metrics")).text();
  assert.match(metrics, /^greetings_total\{language="de"\} 1$/m);
  await until(() => collector.paths.length === 2);
  const [first, second] = [...collector.paths].sort();
  assert.match(first!, /^\/metrics\/job\/greeter\/instance\/[\da-f-]{36}$/);
  assert.equal(second, "/v1/traces");
});
