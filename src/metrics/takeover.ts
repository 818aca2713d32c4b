/**
 * Decides which declarations are the same, and which added sources a later one
 * replaces.
 */
import { FamilyConflictError } from "../base/mod.ts";
import type { FamilyDesc, Source } from "../model/mod.ts";
import { ROLE } from "../model/internal.ts";
import type { Terms } from "./kind.ts";

/** Returns the role of a source; undefined if it has none. */
export function roleOf(source: Source): string | undefined {
  return (source as { readonly [ROLE]?: string })[ROLE];
}

/**
 * Returns whether `source` replaces `earlier`: both have the same role, and it
 * has all families of `earlier`.
 */
export function takesOver(source: Source, earlier: Source): boolean {
  const role = roleOf(source);
  if (role === undefined || roleOf(earlier) !== role) return false;
  const names = new Set(source.descs.map(({ name }) => name));
  return earlier.descs.every(({ name }) => names.has(name));
}

/** Returns the name of a term that differs; undefined if there is none. */
export function differenceOf(
  declared: Terms,
  requested: Terms,
  ignoresHelp: boolean,
): string | undefined {
  return Object.keys(requested).find((term) =>
    declared[term] !== requested[term] && !(ignoresHelp && term === "help")
  );
}

/** Returns the error for a declaration that differs in `term`. */
export function conflict(
  { type, name }: FamilyDesc,
  term: string,
  declared: Terms,
  requested: Terms,
): FamilyConflictError {
  return new FamilyConflictError(
    `Cannot declare ${type} "${name}": it is declared already, ` +
      `with ${term} ${declared[term] ?? "none"} and not ${requested[term]}; ` +
      `repeat the first declaration, call unregister("${name}") on the ` +
      `registry before this one, or choose another name`,
    name,
    name,
  );
}
