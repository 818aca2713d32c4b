/**
 * Serves the live page as it is on disk, built again for each request, in front
 * of a program that runs already:
 *
 *     deno task demo
 *     deno run -A --config tools/deno.json tools/page_dev.ts http://localhost:8000/_barograph
 *
 * Open the address that the demo prints, with the port of this server.
 */
import { build } from "esbuild";
import { argv } from "node:process";
import { buildPage } from "./page_build.ts";

/** The path of the page here. */
const PATH = "/_barograph";

const [target, port = "8099"] = argv.slice(2);

Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, async (request) => {
  const { pathname, search } = new URL(request.url);
  const below = pathname.slice(PATH.length + 1);
  if (below !== "" && below !== "views.js") {
    const { headers, signal } = request;
    return await fetch(`${target}/${below}${search}`, { headers, signal });
  }
  try {
    const { html, views } = await buildPage(build);
    const [text, type] = below === "" ? [html, "html"] : [views, "javascript"];
    return new Response(text, { headers: { "content-type": `text/${type}` } });
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
});
console.log(`http://127.0.0.1:${port}${PATH}`);
