/** Descriptions that cannot change: checked copies of those that can. */
import { quoted } from "../base/internal.ts";
import { checkDesc, hasClassicNames } from "./check_desc.ts";
import { factsOf, type FamilyDesc, rememberFacts } from "./desc.ts";

/** The last copy of a description that may change, with its text. */
interface Copy {
  readonly text: string;
  readonly desc: FamilyDesc;
}

const COPIES = /* @__PURE__ */ new WeakMap<FamilyDesc, Copy>();

/**
 * Returns `desc` itself if `familyDesc` made it. Otherwise returns a checked,
 * frozen copy of its current state, the same one until it changes.
 *
 * @throws {RangeError} As `familyDesc` does.
 */
export function fixedDesc(desc: FamilyDesc): FamilyDesc {
  const facts = factsOf(desc);
  if (facts !== undefined && facts.checked === undefined) return desc;
  const { name, type, help, unit, labelNames, merge } = desc;
  if (!Array.isArray(labelNames)) {
    throw new TypeError(
      `Cannot declare ${quoted(name)}: give labelNames, a list of names`,
    );
  }
  const copy: FamilyDesc = Object.freeze({
    name,
    type,
    help,
    unit,
    labelNames: Object.freeze([...labelNames]),
    merge,
  });
  const text = textOf(copy);
  const known = COPIES.get(desc);
  if (known?.text === text) return known.desc;
  checkDesc(copy);
  rememberFacts(copy, hasClassicNames(copy));
  COPIES.set(desc, { text, desc: copy });
  return copy;
}

/** Returns whether two descriptions say the same. */
export function isSameDesc(a: FamilyDesc, b: FamilyDesc): boolean {
  return a === b || textOf(a) === textOf(b);
}

function textOf({ name, type, help, unit, labelNames, merge }: FamilyDesc) {
  return JSON.stringify([name, type, help, unit, labelNames, merge]);
}
