/** Limits the length of texts that are kept: messages, names, attributes. */

/** Default limit of a kept text, in UTF-16 code units. */
export const MAX_TEXT = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Returns `text`, cut to `length` UTF-16 code units. A text that was cut is
 * well-formed, and a copy: engines let a slice keep the whole text alive.
 */
export function cutText(text: string, length: number = MAX_TEXT): string {
  if (text.length <= length) return text;
  return decoder.decode(encoder.encode(text.slice(0, length)));
}
