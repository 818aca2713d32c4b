/** Names that a line may be broken in. */
import { type Content, h } from "../core/dom.ts";
import { nameParts } from "../core/name_parts.ts";

/** Returns a name as content that breaks between its words. */
export function breakable(name: string): Content[] {
  return nameParts(name).flatMap((part) => [part, h("wbr")]);
}
