/** Classes of HTTP status codes, as label values. */

/** All classes of status codes that a response can have. */
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** A class of status codes; `error` is for codes that no response can have. */
export type StatusClass = typeof STATUS_CLASSES[number] | "error";

/** Indexed by code / 100: building a string would allocate on each request. */
const BY_HUNDREDS: readonly StatusClass[] = ["error", ...STATUS_CLASSES];

/**
 * Returns the class of a status code; `error` for numbers outside 100 to 599,
 * such as the 0 of a network error.
 */
export function statusClassOf(status: number): StatusClass {
  return BY_HUNDREDS[Math.trunc(status / 100)] ?? "error";
}
