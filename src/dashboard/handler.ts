/**
 * Answers the requests for a page and its data.
 *
 * - Only GET and HEAD are answered, and nothing that they ask for changes
 *   anything.
 * - Every endpoint but the page itself is guarded before anything of the request
 *   is read.
 */
import { isUnderPath, pathOf } from "../base/internal.ts";
import {
  methodResponse,
  queryOf,
  textResponse,
  urlOf,
} from "../http/internal.ts";
import type { Access } from "./access.ts";
import { Body } from "./body.ts";
import { isPageText, pageResponse } from "./page.ts";

/**
 * Answers a request for data. `rest` is the path below that of the endpoint,
 * without a slash; "" if there is none. A value is sent as JSON; undefined stands
 * for "not found".
 */
export type DataEndpoint = (
  query: URLSearchParams,
  rest: string,
  request: Request,
) => unknown;

/** The maximum length of a query; a longer one is refused. */
const MAX_QUERY = 4096;

const encoder = new TextEncoder();

const NO_STORE = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** Returns the handler of a page with the endpoints, by name. Never rejects. */
export function pageHandler(
  path: string,
  access: Access,
  endpoints: ReadonlyMap<string, DataEndpoint>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const misdirected = access.misdirected(request);
      if (misdirected !== undefined) return misdirected;
      const url = urlOf(request);
      if (!isUnderPath(url, path)) return notFound();
      const below = pathOf(url).slice(path.length + 1);
      if (isPageText(below)) return await pageResponse(request, below);
      const refused = methodResponse(request.method, "GET, HEAD") ??
        await access.refusal(request);
      if (refused !== undefined) return refused;
      const [name = "", rest = "", ...more] = below.split("/", 3);
      const endpoint = endpoints.get(name);
      if (endpoint === undefined || more.length > 0) return notFound();
      const query = queryOf(request);
      if (query.length > MAX_QUERY) {
        return textResponse(414, `a query has at most ${MAX_QUERY} characters`);
      }
      const answer = await endpoint(new URLSearchParams(query), rest, request);
      if (answer === undefined) return notFound();
      return answer instanceof Response
        ? answer
        : jsonResponse(request, answer);
    } catch {
      return textResponse(500, "this cannot be shown now", NO_STORE);
    }
  };
}

function notFound(): Response {
  return textResponse(404, "there is no such page", NO_STORE);
}

function jsonResponse(request: Request, value: unknown): Promise<Response> {
  const headers = { ...NO_STORE, "content-type": "application/json" };
  const body = new Body(encoder.encode(JSON.stringify(value)));
  return body.response(request, headers);
}
