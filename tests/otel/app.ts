/** A server whose runtime may trace requests itself; prints the spans it sees. */
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { activeSpanContext, createTracer } from "../../src/trace/mod.ts";
import { serve } from "../runtimes/server.ts";

const tracer = createTracer();
const kinds: string[] = [];
tracer.onEnd(({ kind, parentSpanId }) => {
  kinds.push(`${kind} ${parentSpanId === "" ? "alone" : "within"}`);
});
let followed = false;
const server = serve(
  instrumentHandler(() => {
    followed = activeSpanContext() !== undefined;
    tracer.start("work").end();
    return new Response("hi");
  }, { registry: createRegistry(), tracer }),
);
await (await fetch(server.url)).text();
await server.stop();
console.log(JSON.stringify({ kinds, followed }));
