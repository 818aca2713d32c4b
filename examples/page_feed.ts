/**
 * The live page of a job queue, on a separate port, and another front end that
 * reads its feed: each second, it prints the number of jobs.
 *
 *     deno run --allow-net examples/page_feed.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { dashboard, type FeedEvents } from "../src/dashboard/mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";

/** Calls `take` with each message of a feed, until it returns true. */
async function readFeed(
  url: string,
  key: string,
  take: (event: string, data: unknown) => boolean,
): Promise<void> {
  const response = await fetch(url, { headers: { "x-barograph-key": key } });
  let text = "";
  for await (
    const part of response.body!.pipeThrough(new TextDecoderStream())
  ) {
    const messages = (text + part).split("\n\n");
    text = messages.pop()!;
    for (const message of messages) {
      const [, event] = /^event: (.*)$/m.exec(message) ?? [];
      const [, data] = /^data: (.*)$/m.exec(message) ?? [];
      if (event && data && take(event, JSON.parse(data))) return;
    }
  }
}

const registry = createRegistry();
const jobs = registry.counter({ name: "jobs_total", help: "Jobs." });
const working = setInterval(() => jobs.inc(), 20);

const key = crypto.randomUUID(); // in a program: BAROGRAPH_DASHBOARD_KEY
const page = dashboard("/_barograph", { key, service: "queue" });
const server = await serveTelemetry({ port: 0, registry, dashboard: page });
const origin = new URL(server.address).origin;
console.log(`open ${page.address(origin)}`);

// Families have small ids, which the feed names first.
let columns = 0;
await readFeed(`${origin}/_barograph/feed?want=f:1`, key, (event, data) => {
  if (event === "hello") {
    console.log(`reading ${(data as FeedEvents["hello"]).service}`);
  }
  if (event !== "d") return false;
  for (const [, growth] of (data as FeedEvents["d"]).d) {
    console.log(`${growth} jobs`);
  }
  return ++columns === 2;
});
clearInterval(working);
await server.stop();
