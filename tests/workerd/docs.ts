/** The code blocks of docs/workers.md, in workerd. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runWorker, startCollector, until } from "./harness.ts";

const page = readFileSync(
  new URL("../../docs/workers.md", import.meta.url),
  "utf8",
);
const blocks = [...page.matchAll(/^```t[^\n]*\n([^]*?)^```$/gm)]
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
