/** Environment variables in workerd: bindings, and those of `process`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runWorker, startCollector, until } from "./harness.ts";

/** Code of a Worker whose handler is wrapped with `options`. */
function workerWith(options: string): { readonly code: string } {
  return {
    code: `
      import { createTelemetry } from "@barograph/barograph";
      import { withTelemetry } from "@barograph/barograph/workers";

      const telemetry = createTelemetry();
      const handler = { fetch: () => new Response("hi") };
      export default withTelemetry(handler, ${options});
    `,
  };
}

const ROUTE = '{ route: "/", flushInterval: 0.05 }';

for (
  const [name, options] of [
    ["a function of the bindings", `() => (${ROUTE})`],
    ["constant options", ROUTE],
  ] as const
) {
  test(`withTelemetry() with ${name} reads the variables`, async () => {
    await using collector = await startCollector();
    await using worker = await runWorker(
      workerWith(options),
      ["nodejs_compat"],
      {
        bindings: {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_SERVICE_NAME: "shop",
        },
      },
    );
    assert.equal(await (await worker.ask("/")).text(), "hi");
    await until(() => collector.requests.length === 1);
    const [{ resource, spans }] = collector.requests as [
      typeof collector.requests[0],
    ];
    assert.equal(resource.get("service.name"), "shop");
    assert.deepEqual(spans.map((span) => span.name), ["GET /"]);
    assert.deepEqual([...new Set(collector.paths)], ["/v1/traces"]);
    const said = worker.logged.join("").match(/barograph: .*/g) ?? [];
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0]!, /start no exporter here.*withTelemetry\(\)/);
  });
}
