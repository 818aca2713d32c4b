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
  if (Deno.args[0] !== "feed") return;
  const { body } = await fetch(server.address.replace("/metrics", "/events"));
  await body?.getReader().read();
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
