/** Which web pages may read an endpoint. */

/**
 * Origins, such as `https://example.com`, whose pages may read: `same` as the
 * endpoint's own, `any`, those listed, or those of which a function says true.
 */
export type Origins =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string) => boolean);

/** Whether `origins` is one of the forms above, each origin as browsers say it. */
export function areOrigins(origins: unknown): origins is Origins {
  if (typeof origins === "function") return true;
  if (!Array.isArray(origins)) return origins === "same" || origins === "any";
  return origins.every((one) =>
    typeof one === "string" && URL.canParse(one) && new URL(one).origin === one
  );
}

/**
 * Whether the page that asks may read. A request that names no origin comes
 * from no page of another site: `authorize` decides on it.
 */
export function originMay(request: Request, origins: Origins): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || origins === "any") return true;
  if (typeof origins === "function") {
    try {
      return origins(origin) === true;
    } catch {
      return false; // a broken lock stays shut
    }
  }
  if (origins === "same") return hostOf(origin) === hostAsked(request);
  return origins.includes(origin);
}

/** What lets a page of another site read the answer. */
export function corsHeaders(request: Request): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null) return { vary: "Origin" };
  return { vary: "Origin", "access-control-allow-origin": origin };
}

/** The host by which the client knows us; a proxy may have changed the URL. */
function hostAsked(request: Request): string | undefined {
  return (request.headers.get("host") ?? hostOf(request.url))?.toLowerCase();
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).host;
  } catch {
    return undefined; // "null", as sandboxed pages say
  }
}
