/** Error categories: a small set of label values for any error. */
import { cutText } from "../base/internal.ts";

/** The possible results of `errorCategory`. */
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

/** A category of errors, usable as a label value. */
export type ErrorCategory = typeof ERROR_CATEGORIES[number];

/** The words to look for, in this order; the first match wins. */
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
 * Returns the category of an error, by words in its message and without regard
 * to case: `internal` if no word matches, `unknown` if there is no message.
 */
export function errorCategory(error: unknown): ErrorCategory {
  const message = messageOf(error).toLowerCase();
  if (message === "") return "unknown";
  const match = WORDS.find(([words]) => message.includes(words));
  return match?.[1] ?? "internal";
}

function messageOf(error: unknown): string {
  try {
    const { message } = typeof error === "string"
      ? { message: error }
      : error as { message?: unknown };
    return typeof message === "string" ? cutText(message) : "";
  } catch {
    return "";
  }
}
