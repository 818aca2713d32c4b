/** Errors of an exporter, and the words of a collector that they carry. */
import { cutText, errorMessage } from "../base/internal.ts";

/** Maximum length of a collector's words in an error, in UTF-16 code units. */
const MAX_WORDS = 500;

/** Returns a thrown value if it is an error, or else an error with its message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(errorMessage(thrown) || "unknown error", { cause: thrown });
}

/** Maximum number of causes of an error whose messages are kept. */
const MAX_CAUSES = 3;

/**
 * Returns the error of a `fetch` that failed, with the messages of its causes:
 * Deno says only "fetch failed" itself. `search` is the query of the URL, which
 * may be a secret and is left out.
 */
export function fetchError(thrown: unknown, search: string): Error {
  const error = asError(thrown);
  const given = errorMessage(error);
  let text = given;
  let cause = causeOf(thrown);
  for (let at = 0; at < MAX_CAUSES && cause !== undefined; at++) {
    const words = errorMessage(cause);
    if (!text.includes(words)) text = withWords(text, words);
    cause = causeOf(cause);
  }
  const isSecret = search !== "" && text.includes(search);
  if (isSecret) return new Error(text.replaceAll(search, "?…"));
  return text === given ? error : new Error(text, { cause: thrown });
}

function causeOf(error: unknown): unknown {
  try {
    return (error as { cause?: unknown } | null | undefined)?.cause;
  } catch {
    return undefined;
  }
}

/**
 * Returns `text`, followed by the words of a collector if it gave any. They are
 * one line of bounded length.
 */
export function withWords(text: string, words: string): string {
  // Control characters, also those of terminals, would forge lines of a log.
  // deno-lint-ignore no-control-regex
  const line = words.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  if (line === "") return text;
  const cut = cutText(line, MAX_WORDS);
  return `${text}: ${cut}${cut.length < line.length ? "…" : ""}`;
}
