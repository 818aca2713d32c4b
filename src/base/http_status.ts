/** Status codes of HTTP as metrics count them. */

/** The classes of the status codes that a response can have. */
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** A class of status codes; `error` is a status that no response can have. */
export type StatusClass = typeof STATUS_CLASSES[number] | "error";

/** By the hundreds of the code: joining a string would allocate per request. */
const BY_HUNDREDS: readonly StatusClass[] = ["error", ...STATUS_CLASSES];

/**
 * Returns the class of a status code; `error` for anything outside 100 to 599,
 * such as the 0 of a network error.
 */
export function statusClassOf(status: number): StatusClass {
  return BY_HUNDREDS[Math.trunc(status / 100)] ?? "error";
}
