/** The page at `/` of the shop, with links to everything it serves. */

type Link = readonly [path: string, description: string];

const TELEMETRY: readonly Link[] = [
  ["/_barograph", "the live page; its key stands in the terminal"],
  ["/metrics", "what Prometheus scrapes"],
  ["/events", "requests as they happen, as an endless stream"],
  ["/health", "whether the shop answers"],
];

const GOODS: readonly Link[] = [
  ["/items/7", "an item that is in stock"],
  ["/items/25", "sold out: status 409"],
  ["/search?term=lamp", "slow for some minutes of every twenty"],
  ["/lost", "no such page: status 404, counted as route unknown"],
];

const STYLE = `
:root { color-scheme: light dark; }
body {
  font: 1.0625rem/1.5 system-ui, sans-serif;
  max-width: 40rem;
  margin: 0 auto;
  padding: 1.5rem 1.25rem 3rem;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 .25rem; }
p { margin: 0 0 1rem; }
dl { margin: 0; }
dt { margin-top: .75rem; }
dd { margin: 0; opacity: .8; }
a, code, pre { font-family: ui-monospace, monospace; font-size: .9375rem; }
a { display: inline-block; padding: .125rem 0; color: light-dark(#0550ae, #79b8ff); }
pre {
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  margin: .5rem 0 0;
  padding: .75rem 1rem;
  border-radius: .5rem;
  background: light-dark(#f1f3f5, #23272e);
}`;

function list(links: readonly Link[]): string {
  const items = links.map(([path, description]) =>
    `<dt><a href="${path}">${path}</a></dt><dd>${description}</dd>`
  );
  return `<dl>\n${items.join("\n")}\n</dl>`;
}

/** Returns the page; `origin` is the address of the shop. */
function page(origin: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Barograph demo</title>
<link rel="icon" href="data:,">
<style>${STYLE}
</style>
</head>
<body>
<h1>Barograph demo</h1>
<p>A small shop with simulated visitors, a warehouse and a payment provider, which
fails at times.</p>
<h2>Telemetry</h2>
${list(TELEMETRY)}
<h2>The shop</h2>
<p>Follow a link, then look at the metrics again.</p>
${list(GOODS)}
<h2>In a terminal</h2>
<pre>
curl -N ${origin}/events
curl -sH 'Accept: application/openmetrics-text' \\
  ${origin}/metrics | grep trace_id</pre>
</body>
</html>
`;
}

/** Returns the response with the page. */
export function homePage(request: Request): Response {
  return new Response(page(new URL(request.url).origin), {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}
