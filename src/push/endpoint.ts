/** The address of an OTLP collector. */

/** Default path for spans. Source: OTLP specification, section "OTLP/HTTP". */
const TRACES_PATH = "/v1/traces";

/**
 * Returns the URL to post spans to.
 *
 * Default scheme: http for `localhost`, `127.0.0.1` and `[::1]`, https for all
 * other hosts. Default path: `/v1/traces`.
 *
 * @throws {TypeError} If `endpoint` is not a valid address of a collector.
 */
export function tracesUrl(endpoint: string): string {
  const error = (reason: string): TypeError =>
    new TypeError(
      `Cannot export to ${
        withoutPassword(endpoint)
      }: ${reason}; give the address ` +
        `of a collector that speaks OTLP over HTTP, such as ` +
        `"http://localhost:4318"`,
    );
  const text = endpoint.trim();
  if (text === "") throw error("it is empty");
  const hasScheme = /^[a-z][a-z0-9+.-]*:\//i.test(text);
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)/i.test(text);
  let url: URL;
  try {
    url = new URL(hasScheme ? text : `${isLocal ? "http" : "https"}://${text}`);
  } catch {
    throw error("it is not a URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw error(`"${url.protocol}" is neither http nor https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw error("a password in it would be logged; use the option headers");
  }
  if (url.pathname === "/") url.pathname = TRACES_PATH;
  url.hash = "";
  return url.href;
}

/** Returns `endpoint` in quotes, without user name and password. */
function withoutPassword(endpoint: string): string {
  return JSON.stringify(endpoint).replace(
    /^("(?:[a-z][a-z0-9+.-]*:\/+)?).*@/i,
    "$1…@",
  );
}
