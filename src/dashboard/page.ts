/**
 * Delivers the texts of the page, which hold no data and need no key: the page
 * itself, and the script of the views that it loads after its first picture.
 *
 * - The texts are imported and compressed at the first request.
 * - They are constant, so that a policy by hashes admits its script and style and
 *   nothing else, and browsers keep it until its entity tag changes.
 */
import { methodResponse } from "../http/internal.ts";
import { Body } from "./body.ts";

/** A text that is ready to be sent. */
interface PageText {
  readonly body: Body;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The texts, by their path below the page. */
interface PageTexts {
  readonly "": PageText;
  readonly "views.js": PageText;
}

let loading: Promise<PageTexts> | undefined;

/** Whether a path below the page is that of a text. */
export function isPageText(below: string): below is keyof PageTexts {
  return below === "" || below === "views.js";
}

/** Answers a request for a text. Rejects if the texts cannot be loaded. */
export async function pageResponse(
  request: Request,
  below: keyof PageTexts,
): Promise<Response> {
  const refused = methodResponse(request.method, "GET, HEAD");
  if (refused !== undefined) return refused;
  const { [below]: { body, etag, headers } } = await (loading ??= load());
  if (matches(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return await body.response(request, headers);
}

/** The maximum length of a header that is searched. */
const MAX_HEADER = 4096;

/** Compares as RFC 9110 says for GET: weakly. */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  const tags = header.slice(0, MAX_HEADER).split(",");
  return tags.some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

async function load(): Promise<PageTexts> {
  try {
    const text = await import("./page_text.ts");
    const { ETAG, PAGE, SCRIPT_HASH, STYLE_HASH } = text;
    const { VIEWS, VIEWS_ETAG, VIEWS_HASH } = text;
    return {
      "": textOf(PAGE, ETAG, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": [
          "default-src 'none'",
          `script-src '${SCRIPT_HASH}' '${VIEWS_HASH}'`,
          `style-src '${STYLE_HASH}'`,
          "connect-src 'self'",
          "img-src data:",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types barograph",
        ].join("; "),
        "cross-origin-opener-policy": "same-origin",
        "x-frame-options": "DENY",
      }),
      "views.js": textOf(VIEWS, VIEWS_ETAG, {
        "content-type": "text/javascript; charset=utf-8",
      }),
    };
  } catch (error) {
    loading = undefined; // the next request tries again
    throw error;
  }
}

function textOf(
  text: string,
  etag: string,
  headers: Readonly<Record<string, string>>,
): PageText {
  return {
    body: new Body(new TextEncoder().encode(text)),
    etag,
    headers: {
      ...headers,
      "cache-control": "no-cache",
      "cross-origin-resource-policy": "same-origin",
      // Weak: the compressed form has the same one.
      etag: `W/${etag}`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  };
}
