/**
 * The server of `http_server.ts` for Node, bare or observed by OpenTelemetry's
 * instrumentation of `node:http`. It is JavaScript, so that Node runs it
 * directly.
 */
import { createRequire } from "node:module";
import { argv, cpuUsage, stdin } from "node:process";
import { createInterface } from "node:readline";

// Modules that are patched must be required after the patch.
const require = createRequire(import.meta.url);
const mode = argv[2] ?? "bare";

if (mode !== "bare") {
  const { context, propagation } = require("@opentelemetry/api");
  const { AsyncLocalStorageContextManager } = require(
    "@opentelemetry/context-async-hooks",
  );
  const {
    CompositePropagator,
    W3CBaggagePropagator,
    W3CTraceContextPropagator,
  } = require("@opentelemetry/core");
  const { AlwaysOffSampler, AlwaysOnSampler, TracerProvider } = require(
    "@opentelemetry/sdk-trace",
  );
  const { HttpInstrumentation } = require(
    "@opentelemetry/instrumentation-http",
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [
        new W3CTraceContextPropagator(),
        new W3CBaggagePropagator(),
      ],
    }),
  );
  const provider = new TracerProvider({
    sampler: mode === "unsampled"
      ? new AlwaysOffSampler()
      : new AlwaysOnSampler(),
    spanProcessors: [{
      onStart() {},
      onEnd() {},
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    }],
  });
  new HttpInstrumentation().setTracerProvider(provider);
}

const items = Array.from({ length: 18 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  price: id * 1.5,
}));

const { createServer } = require("node:http");
const server = createServer((_request, response) => {
  const body = JSON.stringify({ items });
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

createInterface({ input: stdin }).on("line", () => {
  const { user, system } = cpuUsage();
  console.log(user + system);
});
