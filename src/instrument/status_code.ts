/** Status codes of answers, as numbers and as label values. */
import { statusOf } from "./answer.ts";

/** By code: building a text would allocate on each request. */
const TEXTS: string[] = [];

/** Returns the text of a code from 100 to 599. */
export function codeText(code: number): string {
  return TEXTS[code] ??= `${code}`;
}

/**
 * Returns the code that the client of an answer receives: 101 after an upgrade,
 * which has no answer, and 500 for one that no server can send.
 */
export function sentCode(answer: unknown): number {
  const code = Math.trunc(statusOf(answer) ?? 101);
  return isCode(code) ? code : 500;
}

/** Returns whether a response can have this status code. */
export function isCode(code: number): boolean {
  return code >= 100 && code < 600;
}
