/**
 * Decides who may read the data of a page.
 *
 * - A key is needed, except where only `authorize` was given: it decides then.
 *   No address is trusted, because a proxy on the same machine forwards requests
 *   of everyone with a loopback address and, often, a loopback `Host`.
 * - A missing and a wrong key get the same answer.
 * - Pages of other origins are refused.
 */
import type { Timers } from "../base/mod.ts";
import type { Authorize, Hosts } from "../http/mod.ts";
import {
  hostRefusal,
  isOneOf,
  isOriginAllowed,
  refusal,
  textResponse,
} from "../http/internal.ts";
import { KEY_HEADER } from "./protocol.ts";

/** The least and the greatest length of a key. */
const MIN_KEY = 16;
const MAX_KEY = 256;

/** The number of random bytes of a key: 192 bits. */
const KEY_BYTES = 24;

/** The advice of an error about a key. */
export const KEY_ADVICE = `a text of ${MIN_KEY} to ${MAX_KEY} printable ` +
  "ASCII characters without spaces, such as the output of `openssl rand -hex 16`";

/** Returns whether `value` can be a key. */
export function isKey(value: unknown): value is string {
  return typeof value === "string" && value.length >= MIN_KEY &&
    value.length <= MAX_KEY && /^[\x21-\x7e]*$/.test(value);
}

/** Returns a random key of characters that stand in a URL as they are. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_");
}

/** The arguments of `Access`. */
export interface AccessInit {
  /** The key; undefined if `authorize` decides alone. */
  readonly key: string | undefined;
  readonly authorize: Authorize | undefined;
  readonly hosts: Hosts | undefined;
  readonly timers: Timers;
}

/** Guards the data of one mounted page. */
export class Access {
  readonly #init: AccessInit;
  readonly #isKey: ((text: string) => Promise<boolean>) | undefined;

  constructor(init: AccessInit) {
    this.#init = init;
    this.#isKey = init.key === undefined ? undefined : isOneOf([init.key]);
  }

  /** Returns the response to a request that names another host than `hosts`. */
  misdirected(request: Request): Response | undefined {
    const { hosts = "any" } = this.#init;
    return hostRefusal(request, hosts);
  }

  /**
   * Returns the response to a request that may not read data; undefined if it
   * may. Never rejects.
   */
  async refusal(request: Request): Promise<Response | undefined> {
    const { headers } = request;
    const site = headers.get("sec-fetch-site") ?? "none";
    const isSame = site === "same-origin" || site === "none";
    if (!isSame || !isOriginAllowed(request, "same")) {
      return textResponse(403, "pages of other origins may not read this");
    }
    const { authorize, timers } = this.#init;
    const key = headers.get(KEY_HEADER) ?? "";
    if (this.#isKey !== undefined) {
      const isRight = key.length <= MAX_KEY && await this.#isKey(key);
      if (!isRight) {
        return textResponse(401, `send the key of this page in ${KEY_HEADER}`);
      }
    }
    const refused = await refusal(request, authorize, timers);
    const second = refused && withBearer(request, key);
    return second === undefined ? refused : refusal(second, authorize, timers);
  }
}

/**
 * Returns a copy of a request with its key in `Authorization`: the page has one
 * field only, and `bearer` is the most frequent `authorize`. Returns undefined
 * without a key, or if the request has that header.
 */
function withBearer(request: Request, key: string): Request | undefined {
  if (key === "" || request.headers.has("authorization")) return undefined;
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${key}`);
  try {
    const { method, signal } = request;
    return new Request(request.url, { headers, method, signal });
  } catch {
    return undefined; // a malformed `Host` makes a malformed URL
  }
}
