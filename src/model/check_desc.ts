/**
 * Making descriptions: refuses what any reader of any format would refuse, and
 * says what to type instead.
 *
 * - `familyDesc` and `checkDesc` know names in UTF-8, `classicDesc` and
 *   `checkClassic` do not: who needs no such names need not import what
 *   escapes them.
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

/** What a description is made of. */
export type DescInit =
  & Pick<FamilyDesc, "name" | "type" | "help">
  & {
    readonly [K in "unit" | "labelNames" | "merge"]?:
      | FamilyDesc[K]
      | undefined;
  };

/**
 * Makes a checked, frozen description; `merge` is by type unless given. Names
 * are `classic`, those that every reader takes.
 *
 * @throws {RangeError} As `checkDesc`.
 */
export function classicDesc(init: DescInit): FamilyDesc {
  return made(init, checkClassic, true);
}

/**
 * Makes a description as `classicDesc`; names are `classic` unless they are
 * said to be `utf-8`, because most that are not are mistakes.
 *
 * @throws {RangeError} As `checkDesc`.
 */
export function familyDesc(
  init: DescInit,
  names: NameRule = "classic",
): FamilyDesc {
  const check = (desc: FamilyDesc): void => checkDesc(desc, names);
  return made(init, check, names === "classic");
}

function made(
  init: DescInit,
  check: (desc: FamilyDesc) => void,
  isClassic: boolean,
): FamilyDesc {
  const desc: FamilyDesc = Object.freeze({
    name: init.name,
    type: init.type,
    help: init.help,
    unit: init.unit ?? "",
    labelNames: Object.freeze([...init.labelNames ?? []]),
    merge: init.merge ?? TYPES[init.type]?.merge,
  });
  check(desc);
  rememberFacts(desc, isClassic || hasClassicNames(desc));
  return desc;
}

/**
 * Checks a description that some source made by itself, once per object.
 *
 * @throws {RangeError} As `checkDesc`.
 */
export function checkOnce(desc: FamilyDesc): DescFacts {
  const known = factsOf(desc);
  if (known !== undefined) return known;
  checkDesc(desc);
  return rememberFacts(desc, hasClassicNames(desc));
}

function hasClassicNames({ name, labelNames }: FamilyDesc): boolean {
  return isClassicMetric(name) && labelNames.every(isClassicLabel);
}

/**
 * Refuses a description that some reader of some format would refuse.
 *
 * @throws {RangeError} With the offending string and what to type instead.
 */
export function checkDesc(desc: FamilyDesc, names: NameRule = "utf-8"): void {
  if (names === "classic") return check(desc, CLASSIC, never, hintOf);
  check(desc, `well-formed text that does not begin with "_"`, isUtf8Name);
  if (!desc.labelNames.every(isClassicLabel)) checkEscapedLabels(desc);
}

/**
 * Refuses a description as `checkDesc`, and every name that is not classic.
 *
 * @throws {RangeError} With the offending string and what to type instead.
 */
export function checkClassic(desc: FamilyDesc): void {
  check(desc, CLASSIC, never);
}

const CLASSIC = `letters, digits and "_", and not begin with a digit or "_"`;

const never = (): boolean => false;

/** How to keep a name that is illegal for being in UTF-8 only. */
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
 * `rule` says of what names must be, classic ones or those that `isMore`
 * tells; `hint` how else to keep one.
 */
function check(
  desc: FamilyDesc,
  rule: string,
  isMore: (name: string) => boolean,
  hint: (name: string) => string = () => "",
): void {
  const { name, type, help, unit, labelNames, merge } = desc;
  const refuse = refusing(desc);
  if (!Object.hasOwn(TYPES, type)) refuse("there is no such type");
  const { ending = "", own = type === "stateset" ? name : "" } = TYPES[type];
  const checkName = (
    what: () => string,
    text: unknown,
    isClassic: (name: string) => boolean,
    instead: () => string,
  ): void => {
    const isText = typeof text === "string";
    if (isText && (isClassic(text) || isMore(text))) return;
    const orElse = isText ? hint(text) : "";
    refuse(`${what()} must be ${rule}; try ${quoted(instead())}${orElse}`);
  };
  const isLegal = (text: string) => isMetricName(text) || isMore(text);
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
  const proper = properName(name);
  if (proper !== name) {
    refuse(`a ${type} name must end in "${ending}"; try ${quoted(proper)}`);
  }
  if (typeof help !== "string" || help.trim() === "") {
    refuse(`help must say in a sentence what is measured; it is empty`);
  }
  if (unit !== "") {
    const inUnit = (): string => `unit ${quoted(unit)}`;
    if (type === "info" || type === "stateset") {
      refuse(`a ${type} has no unit; leave out unit: ${quoted(unit)}`);
    }
    if (!/^[a-zA-Z0-9_]+$/.test(unit)) {
      refuse(`${inUnit()} must be a word such as "seconds" or "bytes"`);
    }
    const stem = withoutSuffix(name, ending);
    if (!stem.endsWith(`_${unit}`)) {
      refuse(
        `with ${inUnit()} the name must end in it; ` +
          `try ${quoted(`${stem}_${unit}${ending}`)}`,
      );
    }
  }
  if (!MERGE_RULES.includes(merge)) {
    refuse(`merge is ${quoted(merge)}; give one of ${MERGE_RULES.join(", ")}`);
  }
  if (TYPES[type].own !== undefined && (merge === "max" || merge === "min")) {
    refuse(`there is no ${merge} of a ${type}; give merge: "sum" or "last"`);
  }
  // The label of a stateset is its own, and stands last.
  const open = type === "stateset" ? labelNames.slice(0, -1) : labelNames;
  open.forEach((label, at) => {
    const which = (): string => `label ${quoted(label)}`;
    checkName(
      () => `the name of ${which()}`,
      label,
      isLabelName,
      () => suggestName(display(label)),
    );
    if (labelNames.indexOf(label) < at) refuse(`${which()} is given twice`);
    if (label === own) {
      refuse(
        `${which()} is written by every ${type} itself; ` +
          `try ${quoted(`${label}_`)}`,
      );
    }
  });
  if (type !== "stateset") return;
  if (labelNames.at(-1) !== name) {
    refuse(`the last label of a stateset must be called as the stateset`);
  }
  if (name.includes(":")) {
    refuse(`its name is a label too, and labels have no colon`);
  }
}

const MERGE_RULES: readonly MergeRule[] = [
  "sum",
  "max",
  "min",
  "last",
  "each-worker",
];

/** What is told apart in UTF-8 must be so in every scheme that is asked for. */
function checkEscapedLabels(desc: FamilyDesc): void {
  for (const scheme of ESCAPING_SCHEMES) {
    const seen = new Map([["__name__", "the name itself"]]);
    for (const label of desc.labelNames) {
      const text = escapedLabel(label, scheme);
      const other = seen.get(text);
      if (other !== undefined) {
        refusing(desc)(
          `label ${quoted(label)} is ${quoted(text)} where names are ` +
            `written by "${scheme}", as is ${other}; give it another name`,
        );
      }
      seen.set(text, quoted(label));
    }
  }
}
