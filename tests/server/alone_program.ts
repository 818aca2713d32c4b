/** A program that only serves telemetry, unless an argument adds an application. */
import process from "node:process";
import { serveTelemetry } from "../../src/server/mod.ts";

if (process.argv[2] === "deno") {
  const { Deno } = globalThis as unknown as {
    readonly Deno: { serve(options: object, handler: () => Response): unknown };
  };
  Deno.serve({ port: 0, onListen: () => {} }, () => new Response("x"));
}
const server = await serveTelemetry({ port: 0 });
console.log(server.address);
