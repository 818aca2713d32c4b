/**
 * The live page of a small shop, with a slow route, a failing route and visitors.
 * Open the printed address. It finds the failing route within a minute.
 *
 *     deno run --allow-net --allow-env examples/live_page.ts
 *     bun examples/live_page.ts
 *     node examples/live_page.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createServer } from "node:http";
import process from "node:process";
import { createTelemetry, record, stopwatch } from "../mod.ts";
import { dashboard } from "../src/dashboard/mod.ts";
import { nodeHandler } from "../src/frameworks/mod.ts";

const paths = ["/", "/search", "/pay"];
const telemetry = createTelemetry({ service: "shop" });
const page = dashboard("/_barograph", { print: false });

const pause = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const app = telemetry.observe(async (request: Request) => {
  const watch = stopwatch();
  const { pathname } = new URL(request.url);
  if (pathname === "/search") await pause(80);
  record("db.query", watch); // a child span, in the traces of the page
  const fails = pathname === "/pay" && Math.random() < 0.3;
  return new Response(null, { status: fails ? 500 : 200 });
}, {
  dashboard: page,
  route: ({ url }) =>
    paths.find((path) => path === new URL(url).pathname) ?? "other",
});

const server = createServer(nodeHandler(app));
const port = Number(process.env["PORT"] ?? 8000);
server.listen(port, () => {
  console.log(`open ${page.address(`http://localhost:${port}`)}`);
});

const visitors = setInterval(() => {
  for (const path of paths) {
    fetch(`http://localhost:${port}${path}`).then((answer) => answer.text())
      .catch(() => {}); // the server ends
  }
}, 200);

process.once("SIGINT", async () => {
  clearInterval(visitors);
  await telemetry.close();
  server.close();
  server.closeAllConnections();
});
