/** The page at `/` of a telemetry server, which links to the other paths. */

/** Escapes `text` for use in HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Returns an HTML page with a title and links. */
export function indexPage(
  title: string,
  links: readonly (readonly [path: string, name: string])[],
): Response {
  const safe = escapeHtml(title);
  const items = links.map(([path, name]) =>
    `<li><a href="${escapeHtml(path)}">${escapeHtml(name)}</a></li>`
  );
  const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>${safe}</title></head>
<body>
<h1>${safe}</h1>
<ul>
${items.join("\n")}
</ul>
</body>
</html>
`;
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      // `default-src` does not cover the other three.
      "content-security-policy": "default-src 'none'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
