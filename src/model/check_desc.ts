/**
 * Makes and checks descriptions. A description that some reader of some format
 * would refuse is an error that says what to type instead.
 */
import { ESCAPING_SCHEMES } from "../base/mod.ts";
import {
  display,
  escapedLabel,
  isClassicLabel,
  isClassicMetric,
  isLabelName,
  isMetricName,
  isUtf8Name,
  quoted,
  suggestName,
  withoutSuffix,
} from "../base/internal.ts";

import {
  type DescFacts,
  factsOf,
  type FamilyDesc,
  type MergeRule,
  type NameRule,
  rememberFacts,
  TYPES,
} from "./desc.ts";

/** The properties from which `familyDesc` makes a description. */
export type DescInit =
  & Pick<FamilyDesc, "name" | "type" | "help">
  & {
    readonly [K in "unit" | "labelNames" | "merge"]?:
      | FamilyDesc[K]
      | undefined;
  };

/**
 * Returns a checked, frozen description. Default for `names`: `classic`, because
 * most other names are mistakes. Default for `merge`: the rule of the type.
 *
 * @throws {RangeError} With the offending text and what to type instead.
 * @throws {TypeError} If `init` has an unknown property.
 */
export function familyDesc(
  init: DescInit,
  names: NameRule = "classic",
): FamilyDesc {
  const known = ["name", "type", "help", "unit", "labelNames", "merge"];
  for (const name of Object.keys(init)) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `Cannot declare ${init.type} ${
        quoted(init.name)
      }: there is no property ` +
        `${quoted(name)}; give any of ${known.join(", ")}`,
    );
  }
  return descFrom(init, names);
}

/** Like `familyDesc`, for callers that name the properties themselves. */
export function descFrom(
  init: DescInit,
  names: NameRule = "classic",
): FamilyDesc {
  const { name, type, help, unit, labelNames, merge }: DescInit = {
    unit: undefined,
    labelNames: undefined,
    merge: undefined,
    ...init, // own properties only
  };
  const desc: FamilyDesc = Object.freeze({
    name,
    type,
    help,
    unit: unit ?? "",
    labelNames: Object.freeze([...labelNames ?? []]),
    merge: merge ?? TYPES[type]?.merge,
  });
  checkDesc(desc, names);
  rememberFacts(desc, names === "classic" || hasClassicNames(desc));
  return desc;
}

/**
 * Returns the facts about the names of `desc`. Checks a description that was made
 * without `familyDesc`: the first time, and after a change. A changed description
 * is reserved nowhere.
 *
 * @throws {RangeError} As `checkDesc` does.
 */
export function checkOnce(desc: FamilyDesc): DescFacts {
  const known = factsOf(desc);
  const text = known?.checked; // always absent if `familyDesc` made it
  if (known && (text === undefined || text === textOf(desc))) return known;
  checkDesc(desc);
  return rememberFacts(desc, hasClassicNames(desc), textOf(desc));
}

function textOf({ name, type, help, unit, labelNames, merge }: FamilyDesc) {
  return JSON.stringify([name, type, help, unit, labelNames, merge]);
}

/** Returns whether no scheme escapes the names. */
export function hasClassicNames({ name, labelNames }: FamilyDesc): boolean {
  return isClassicMetric(name) && labelNames.every(isClassicLabel);
}

/**
 * Refuses a description that some reader of some format would refuse.
 *
 * @throws {RangeError} With the offending text and what to type instead.
 */
export function checkDesc(desc: FamilyDesc, names: NameRule = "utf-8"): void {
  if (names === "classic") return check(desc, CLASSIC, never, hintOf);
  check(
    desc,
    `well-formed text that does not begin with "_"`,
    isUtf8Name,
  );
  if (!desc.labelNames.every(isClassicLabel)) checkEscapedLabels(desc);
}

const CLASSIC = `letters, digits and "_", and not begin with a digit or "_"`;

const never = (): boolean => false;

/** Returns advice for a name that only the rule `utf-8` accepts; else `""`. */
function hintOf(name: string): string {
  return isUtf8Name(name) ? `, or declare with names: "utf-8"` : "";
}

type Refuse = (why: string) => never;

function refusing({ type, name }: FamilyDesc): Refuse {
  return (why) => {
    throw new RangeError(`Cannot declare ${type} ${quoted(name)}: ${why}`);
  };
}

/**
 * Refuses `desc` with a `RangeError`. `rule` is the rule for names in words,
 * `acceptsMore` accepts names beside the classic ones, and `hint` is advice that
 * is appended to the error.
 */
function check(
  desc: FamilyDesc,
  rule: string,
  acceptsMore: (name: string) => boolean,
  hint: (name: string) => string = () => "",
): void {
  const { name, type, help, unit, labelNames, merge } = desc;
  const refuse = refusing(desc);
  if (!Object.hasOwn(TYPES, type)) {
    const types = Object.keys(TYPES).join(", ");
    refuse(`there is no type ${quoted(type)}; give any of ${types}`);
  }
  const { ending } = TYPES[type];
  const own = type === "stateset" ? name : TYPES[type].own;
  const checkName = (
    subject: () => string,
    text: unknown,
    isClassic: (name: string) => boolean,
    instead: () => string,
  ): void => {
    const isText = typeof text === "string";
    if (isText && (isClassic(text) || acceptsMore(text))) return;
    if (isText && text.includes("\0")) {
      refuse(
        `${subject()} must not contain NUL, where many readers end a text; ` +
          `try ${quoted(instead())}`,
      );
    }
    const orElse = isText ? hint(text) : "";
    refuse(`${subject()} must be ${rule}; try ${quoted(instead())}${orElse}`);
  };
  const isLegal = (text: string) => isMetricName(text) || acceptsMore(text);
  const properName = (legal: string): string => {
    const stem = withoutSuffix(legal, ending);
    const whole = stem + ending;
    return stem !== "" && isLegal(whole) ? whole : suggestName(stem) + ending;
  };
  checkName(
    () => "a name",
    name,
    isMetricName,
    () => properName(suggestName(display(name))),
  );
  if (!name.endsWith(ending) || name === ending) {
    const proper = quoted(properName(name));
    refuse(`a ${type} name must end in "${ending}"; try ${proper}`);
  }
  if (typeof help !== "string" || help.trim() === "") {
    refuse(`help must say in a sentence what is measured; it is empty`);
  }
  if (unit !== "") {
    const unitText = (): string => `unit ${quoted(unit)}`;
    if (typeof unit !== "string") refuse(`its unit must be text`);
    if (type === "info" || type === "stateset") {
      refuse(`a ${type} has no unit; leave out unit: ${quoted(unit)}`);
    }
    if (!/^[a-zA-Z0-9_]+$/.test(unit)) {
      refuse(`${unitText()} must be a word such as "seconds" or "bytes"`);
    }
    const stem = withoutSuffix(name, ending);
    if (!stem.endsWith(`_${unit}`)) {
      refuse(
        `the name must end in its ${unitText()}; ` +
          `try ${quoted(`${stem}_${unit}${ending}`)}`,
      );
    }
  }
  if (!MERGE_RULES.includes(merge)) {
    refuse(`merge is ${quoted(merge)}; give one of ${MERGE_RULES.join(", ")}`);
  }
  if (TYPES[type].own !== "" && (merge === "max" || merge === "min")) {
    refuse(`there is no ${merge} of a ${type}; give merge: "sum" or "last"`);
  }
  if (merge === "sum" && (type === "info" || type === "stateset")) {
    refuse(`there is no sum of ${type}s; give merge: "max" or "last"`);
  }
  // The last label of a stateset is its state; it is checked below.
  const checked = type === "stateset" ? labelNames.slice(0, -1) : labelNames;
  checked.forEach((label, at) => {
    const labelText = (): string => `label ${quoted(label)}`;
    checkName(
      () => `the name of ${labelText()}`,
      label,
      isLabelName,
      () => suggestName(display(label)),
    );
    if (labelNames.indexOf(label) < at) refuse(`${labelText()} is given twice`);
    if (label === own) {
      refuse(
        `${labelText()} is written by every ${type} itself; ` +
          `try ${quoted(`${label}_`)}`,
      );
    }
  });
  if (type !== "stateset") return;
  if (labelNames.at(-1) !== name) {
    refuse(`the last label of a stateset must have the name of the stateset`);
  }
  if (name.includes(":")) {
    refuse(`its name is also a label, and labels have no colon`);
  }
}

const MERGE_RULES: readonly MergeRule[] = [
  "sum",
  "max",
  "min",
  "last",
  "each-worker",
];

/** Refuses labels that are different in UTF-8 but equal once they are escaped. */
function checkEscapedLabels(desc: FamilyDesc): void {
  for (const scheme of ESCAPING_SCHEMES) {
    const seen = new Map([["__name__", "the name itself"]]);
    for (const label of desc.labelNames) {
      const text = escapedLabel(label, scheme);
      const other = seen.get(text);
      if (other !== undefined) {
        refusing(desc)(
          `label ${quoted(label)} becomes ${quoted(text)} under the escaping ` +
            `scheme "${scheme}", like ${other}; give it another name`,
        );
      }
      seen.set(text, quoted(label));
    }
  }
}
