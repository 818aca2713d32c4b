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

/** Maximum number of different messages in one error. */
const MAX_MESSAGES = 3;

/** Returns errors as one; undefined if there are none. */
export function joinedErrors(errors: readonly Error[]): Error | undefined {
  if (errors.length === 0) return undefined;
  const messages = [...new Set(errors.map(errorMessage))];
  const more = messages.length - MAX_MESSAGES;
  const text = messages.slice(0, MAX_MESSAGES).join("; ") +
    (more > 0 ? `; and ${more} more` : "");
  return new Error(text, { cause: errors[0] });
}

/** Maximum number of causes of an error whose messages are kept. */
const MAX_CAUSES = 3;

/**
 * Returns the error of a `fetch` to `url` that failed, with the messages of its
 * causes: Deno says only "fetch failed" itself. The query of the URL, which may
 * be a secret, is left out.
 */
export function fetchError(thrown: unknown, { protocol, search }: URL): Error {
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
  if (isSecret) text = text.replaceAll(search, "?…");
  text = clear(text, protocol);
  if (text === given) return error;
  return isSecret ? new Error(text) : new Error(text, { cause: thrown });
}

/** Returns `text` without what Deno repeats of the request, and with its meaning. */
function clear(text: string, protocol: string): string {
  const line = text.replace(/error sending request .*?: (?=client error)/, "");
  const hint = HINTS.find(([words, scheme]) =>
    words.test(text) && protocol.startsWith(scheme)
  );
  return hint === undefined ? line : `${line}; ${hint[2]}`;
}

/** Texts of Deno, Bun and Node, the schemes at which they occur, and advice. */
const HINTS: readonly (readonly [RegExp, string, string])[] = [
  [
    /invalid HTTP version|Malformed_HTTP_Response|not match the HTTP\/1\.1/,
    "http",
    "it may be a port of gRPC, not of HTTP",
  ],
  [
    /before message completed|other side closed|closed unexpectedly/,
    "http:",
    "if it expects TLS, give https://",
  ],
  [
    /InvalidContentType|wrong version number|TLS handshake failed/,
    "https:",
    "if it has no TLS, give http://",
  ],
];

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
