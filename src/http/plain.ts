/** What an endpoint says when it does not say metrics. */

/** One line of plain text. */
export function plain(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${line}\n`, {
    status,
    // Said here, because Bun adds it no sooner than on the wire.
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
