/** The address of an OTLP collector. */
import { isPrivateName } from "../base/internal.ts";

/** Path of spans below a base path. Source: OTLP specification, "OTLP/HTTP". */
const TRACES_PATH = "v1/traces";

/** The port of OTLP over HTTP, which has no TLS unless it is set up. */
const OTLP_PORT = /:4318$/;

/** Names and addresses of this computer. */
const LOOPBACK = /^(?:(?:[^:]+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i;

/** The address that spans are posted to. */
export interface TracesUrl {
  readonly url: string;
  /** Whether http was chosen for a host that may be another computer. */
  readonly isGuessedPlain: boolean;
}

/**
 * Returns the URL to post spans to.
 *
 * Default scheme: http for this computer, for port 4318, for names without a dot
 * and below private domains; https for all other hosts. A path
 * that does not end in `/traces` is a base path, and `/v1/traces` is appended.
 *
 * @throws {TypeError} If `endpoint` is not a valid address of a collector.
 */
export function tracesUrl(endpoint: string): TracesUrl {
  const error = (reason: string): TypeError =>
    new TypeError(
      `Cannot export to ${
        withoutSecrets(endpoint)
      }: ${reason}; give the address ` +
        `of a collector that speaks OTLP over HTTP, such as ` +
        `"http://localhost:4318"`,
    );
  const text = endpoint.trim();
  if (text === "") throw error("it is empty");
  // `URL` would drop line feeds and tabs.
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) throw error("it is not one line");
  const hasScheme = /^[a-z][a-z0-9+.-]*:\//i.test(text);
  const authority = /^[^/?#]*/.exec(text)![0];
  const host = authority.replace(/:\d*$/, "");
  const isLocal = LOOPBACK.test(host);
  const isPlain = isLocal || OTLP_PORT.test(authority) || isPrivateName(host);
  let url: URL;
  try {
    url = new URL(hasScheme ? text : `${isPlain ? "http" : "https"}://${text}`);
  } catch {
    throw error("it is not a URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw error(`"${url.protocol}" is neither http nor https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw error("a password in it would be logged; use the option headers");
  }
  if (!/\/traces\/?$/.test(url.pathname)) {
    url.pathname = url.pathname.replace(/\/*$/, `/${TRACES_PATH}`);
  }
  url.hash = "";
  return { url: url.href, isGuessedPlain: !hasScheme && isPlain && !isLocal };
}

/** Returns `endpoint` in quotes, without user name, password and query. */
function withoutSecrets(endpoint: string): string {
  return JSON.stringify(withoutQuery(endpoint)).replace(
    /^("(?:[a-z][a-z0-9+.-]*:\/+)?).*@/i,
    "$1…@",
  );
}

/** Returns `url` without its query, which may be a secret, for messages. */
export function withoutQuery(url: string): string {
  return url.replace(/\?[^]*$/, "?…");
}
