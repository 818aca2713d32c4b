/** The page that says what a telemetry server has. */

/** Text that is safe wherever HTML has text or a quoted attribute. */
export function escapedHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A page with a title and links, each a path and what it is called. */
export function indexPage(
  title: string,
  links: readonly (readonly [path: string, name: string])[],
): Response {
  const safe = escapedHtml(title);
  const items = links.map(([path, name]) =>
    `<li><a href="${escapedHtml(path)}">${escapedHtml(name)}</a></li>`
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
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
    },
  });
}
