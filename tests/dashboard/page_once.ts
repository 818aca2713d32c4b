/** A program with a page that somebody has looked at, and that then just ends. */
import { observe } from "../../mod.ts";
import { dashboard } from "../../src/dashboard/mod.ts";

const page = dashboard("/_live");
const handler = observe(() => new Response("app"), {
  route: "/",
  dashboard: page,
});
const key = page.address("").split("=")[1]!;

async function get(path: string, headers = {}): Promise<Response> {
  return await handler(new Request(`http://a/_live${path}`, { headers }));
}

const text = await (await get("")).text();
console.log(text.startsWith("<!doctype html>"), (await get("/feed")).status);
const feed = await get("/feed", { "x-barograph-key": key });
const reader = feed.body!.pipeThrough(new TextDecoderStream()).getReader();
// A feed alone lets the process end; a server keeps it while somebody reads.
const server = setInterval(() => {}, 1000);
let read = "";
while (!read.includes("event: d")) read += (await reader.read()).value;
await reader.cancel();
clearInterval(server);
console.log("a frame has come");
