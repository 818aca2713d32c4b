/** Where an OTLP collector listens. */

/** The path of spans, by the OTLP specification, section "OTLP/HTTP". */
const TRACES = "/v1/traces";

/**
 * The URL that spans are posted to.
 *
 * Without a scheme, this machine is spoken to in plain text (`localhost`,
 * `127.0.0.1`, `[::1]`), any other by TLS. The path is `/v1/traces` unless one
 * is given.
 *
 * @throws {TypeError} If it is no address of a collector.
 */
export function tracesUrl(endpoint: string): string {
  const fault = (why: string): TypeError =>
    new TypeError(
      `Cannot export to ${shown(endpoint)}: ${why}; give the address ` +
        `of a collector that speaks OTLP over HTTP, such as ` +
        `"http://localhost:4318"`,
    );
  if (typeof endpoint !== "string" || endpoint.trim() === "") {
    throw fault("it is empty");
  }
  const text = endpoint.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\//i.test(text);
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)/i.test(text);
  let url: URL;
  try {
    url = new URL(hasScheme ? text : `${isLocal ? "http" : "https"}://${text}`);
  } catch {
    throw fault("it is no URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw fault(`"${url.protocol}" is neither http nor https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw fault("a password in it would be logged; use the option headers");
  }
  if (url.pathname === "/") url.pathname = TRACES;
  url.hash = "";
  return url.href;
}

/** What was given, but for who it says to be and by which password. */
function shown(endpoint: string): string {
  const text = JSON.stringify(endpoint) ?? "undefined";
  return text.replace(/^("(?:[a-z][a-z0-9+.-]*:\/+)?).*@/i, "$1…@");
}
