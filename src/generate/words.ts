/** Titles and units from the names of families. */
import { withoutSuffix } from "../base/internal.ts";
import type { FamilyDesc } from "../model/mod.ts";

/** Units of Grafana by the unit words of names. */
const UNITS: Readonly<Record<string, string>> = {
  seconds: "s",
  bytes: "bytes",
  ratio: "percentunit",
  celsius: "celsius",
  volts: "volt",
  amperes: "amp",
  joules: "joule",
  grams: "massg",
  meters: "lengthm",
  hertz: "hertz",
};

/** Units of Grafana for an increase per second; seconds per second are a share. */
const RATES: Readonly<Record<string, string>> = {
  seconds: "percentunit",
  bytes: "Bps",
};

/** Words of names that a title leaves out. */
const SUFFIXES: readonly string[] = ["total", "info"];

function wordsOf(name: string): readonly string[] {
  return name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** Returns the unit word of a family; `""` if it has none. */
function unitWord({ name, unit }: FamilyDesc): string {
  if (unit !== "") return unit;
  const last = wordsOf(withoutSuffix(name, "_total")).at(-1) ?? "";
  return Object.hasOwn(UNITS, last) ? last : "";
}

/** Returns the unit of Grafana for the values of a family. */
export function unitOf(desc: FamilyDesc): string {
  const word = unitWord(desc);
  return Object.hasOwn(UNITS, word) ? UNITS[word]! : "short";
}

/** Returns the unit of Grafana for the increase per second of a family. */
export function rateUnitOf(desc: FamilyDesc): string {
  const word = unitWord(desc);
  return Object.hasOwn(RATES, word) ? RATES[word]! : "ops";
}

/** Returns the first word of a name: the subsystem that it belongs to. */
export function subsystemOf(name: string): string {
  return wordsOf(name)[0] ?? name;
}

/** Returns a name as words, without those of its type and its unit. */
export function titleOf(desc: FamilyDesc): string {
  return titleFrom(desc, wordsOf(desc.name)) || desc.name;
}

/** Returns the title of a family in the row of its subsystem, which it omits. */
export function shortTitleOf(desc: FamilyDesc): string {
  const [, ...words] = wordsOf(desc.name);
  const title = titleFrom(desc, words);
  return title === "" ? titleOf(desc) : title;
}

function titleFrom(desc: FamilyDesc, words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  if (SUFFIXES.includes(last)) return titleFrom(desc, words.slice(0, -1));
  const isUnit = last !== "" && last === unitWord(desc);
  const text = (isUnit ? words.slice(0, -1) : words).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns the description of a panel of one family. */
export function descriptionOf(desc: FamilyDesc): string {
  return `${desc.help}\n\nFamily: \`${desc.name}\``;
}
