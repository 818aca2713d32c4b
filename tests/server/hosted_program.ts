/**
 * A module that `deno serve` runs, with a telemetry server beside it. The first
 * argument says how: `top`, `late`, `feed` or `none`.
 */
import { createBus } from "../../src/bus/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";

const { Deno } = globalThis as unknown as {
  readonly Deno: { readonly args: readonly string[] };
};

async function begin(): Promise<void> {
  const server = await serveTelemetry({ port: 0, bus: createBus() });
  console.log(`telemetry: ${server.address}`);
  if (Deno.args[0] !== "feed") return;
  const { body } = await fetch(server.address.replace("/metrics", "/events"));
  console.log("telemetry: the feed has begun");
  await body?.getReader().read(); // every feed begins with a line
}

/** `deno serve` listens before this event. */
addEventListener("load", async () => {
  if (Deno.args[0] === "late") await begin();
  console.log("serving");
});
if (Deno.args[0] === "top" || Deno.args[0] === "feed") await begin();

export default {
  fetch(request: Request): Promise<Response> {
    console.log("requested");
    const { promise, resolve } = Promise.withResolvers<Response>();
    const delay = Number(new URL(request.url).searchParams.get("delay"));
    setTimeout(() => resolve(new Response("answered")), delay);
    return promise;
  },
};
