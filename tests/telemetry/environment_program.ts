/**
 * A program that knows telemetry by its environment only, or by the address of a
 * collector as an argument: serves one request, and prints the lines that were
 * logged.
 */
import { argv } from "node:process";
import { createTelemetry } from "../../mod.ts";
import { systemTimers } from "../../src/base/mod.ts";
import { listen } from "../../src/platform/internal.ts";

const logged: string[] = [];
console.warn = (text: string) => void logged.push(text);

const telemetry = createTelemetry({ collector: argv[2] });
const app = telemetry.observe(() => {
  telemetry.tracer.run("checkout", () => {});
  return new Response("thank you");
}, { route: "/" });
const server = await listen((request) => app(request), {
  port: 0,
  hostname: "127.0.0.1",
  timers: systemTimers,
});
await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
await server.stop(0);
const isComplete = await telemetry.close();
createTelemetry({ collector: argv[2] }); // reports nothing again
console.log(JSON.stringify({ isComplete, logged }));
