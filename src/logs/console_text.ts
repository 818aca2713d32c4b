/** The text of a call of `console`, as the console would print it. */
import { plainText } from "../base/internal.ts";

/** The substitutions of the console: https://console.spec.whatwg.org/#formatter. */
const SUBSTITUTION = /%([sdifjoOc%])/g;

/** Returns the arguments of a call as one text. Never throws. */
export function consoleText(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== "string" || !first.includes("%")) {
    return args.map(plainText).join(" ");
  }
  let used = 0;
  const text = first.replace(SUBSTITUTION, (directive, kind: string) => {
    if (kind === "%") return "%";
    return used < rest.length ? substituted(kind, rest[used++]) : directive;
  });
  return [text, ...rest.slice(used).map(plainText)].join(" ");
}

function substituted(kind: string, value: unknown): string {
  if (kind === "c") return ""; // a style
  if (kind === "s" || kind === "j" || kind === "o" || kind === "O") {
    return plainText(value);
  }
  // Of objects, `Number` would call methods that may throw.
  if (typeof value === "object" || typeof value === "symbol") return "NaN";
  const number = Number(value);
  return String(kind === "f" || kind === "d" ? number : Math.trunc(number));
}
