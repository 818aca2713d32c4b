/** Which kind of error it was: a label of few values out of any message. */

/** What `errorCategory` says. */
export const ERROR_CATEGORIES = [
  "timeout",
  "rate_limit",
  "not_found",
  "unauthorized",
  "forbidden",
  "validation",
  "websocket",
  "internal",
  "unknown",
] as const;

/** A kind of error. */
export type ErrorCategory = typeof ERROR_CATEGORIES[number];

/** Looked for in this order; the first that is found counts. */
const WORDS: readonly (readonly [words: string, category: ErrorCategory])[] = [
  ["timeout", "timeout"],
  ["rate limit", "rate_limit"],
  ["not found", "not_found"],
  ["unauthorized", "unauthorized"],
  ["forbidden", "forbidden"],
  ["validation", "validation"],
  ["websocket", "websocket"],
];

/**
 * The category of an error by the words of its message, in any case: `internal`
 * where none of them is found, `unknown` where there is no message at all.
 */
export function errorCategory(error: unknown): ErrorCategory {
  const message = messageOf(error).toLowerCase();
  if (message === "") return "unknown";
  const found = WORDS.find(([words]) => message.includes(words));
  return found?.[1] ?? "internal";
}

function messageOf(error: unknown): string {
  try {
    if (typeof error === "string") return error;
    const { message } = error as { message?: unknown };
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}
