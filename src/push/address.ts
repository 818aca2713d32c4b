/** Addresses of receivers, and what messages may say about them. */
import { isPrivateName } from "../base/internal.ts";

/** Names and addresses of this computer. */
const LOOPBACK = /^(?:(?:[^:]+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i;

/** An address to which requests are sent. */
export interface Address {
  readonly url: URL;
  /** Whether http was chosen for a host that may be another computer. */
  readonly isGuessedPlain: boolean;
}

/** The rules of the addresses of one kind of receiver. */
export interface AddressRules {
  /** The first words of each error, such as `Cannot export`. */
  readonly action: string;
  /** The correct addresses, as they follow "give the address of". */
  readonly advice: string;
  /** Matches a host with a port that has no TLS unless it is set up. */
  readonly plainPort: RegExp;
}

/**
 * Reads an address. Default scheme: http for this computer, for ports without
 * TLS, for names without a dot and below private domains; https for all other
 * hosts.
 *
 * @throws {TypeError} If it is not a valid address.
 */
export function addressOf(given: string, rules: AddressRules): Address {
  const error = (reason: string): TypeError =>
    new TypeError(
      `${rules.action} to ${withoutSecrets(given)}: ${reason}; ` +
        `give the address of ${rules.advice}`,
    );
  const text = given.trim();
  if (text === "") throw error("it is empty");
  // `URL` would drop line feeds and tabs.
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) throw error("it is not one line");
  const hasScheme = /^[a-z][a-z0-9+.-]*:\//i.test(text);
  const authority = /^[^/?#]*/.exec(text)![0];
  const host = authority.replace(/:\d*$/, "");
  const isLocal = LOOPBACK.test(host);
  const isPlain = isLocal || rules.plainPort.test(authority) ||
    isPrivateName(host);
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
  url.hash = "";
  return { url, isGuessedPlain: !hasScheme && isPlain && !isLocal };
}

/** Returns `address` in quotes, without user name, password and query. */
function withoutSecrets(address: string): string {
  return JSON.stringify(withoutQuery(address)).replace(
    /^("(?:[a-z][a-z0-9+.-]*:\/+)?).*@/i,
    "$1…@",
  );
}

/** Returns `url` without its query, which may be a secret, for messages. */
export function withoutQuery(url: string): string {
  return url.replace(/\?[^]*$/, "?…");
}
