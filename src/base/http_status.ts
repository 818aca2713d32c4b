/** Status codes of HTTP as metrics count them. */

/** A class of status codes; `error` is a status that no response can have. */
export type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "error";

/**
 * Returns the class of a status code; `error` for anything outside 100 to 599,
 * such as the 0 of a network error.
 */
export function statusClassOf(status: number): StatusClass {
  if (!(status >= 100 && status < 600)) return "error";
  return `${Math.floor(status / 100) as 1 | 2 | 3 | 4 | 5}xx`;
}
