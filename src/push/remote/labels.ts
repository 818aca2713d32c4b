/**
 * Labels of series as a scrape stores them: the target's labels are added, and a
 * label of the metric that has the same name gets the prefix `exported_`.
 */
import type { LabelSet } from "../../model/mod.ts";

/** Labels that all series of a sender have. */
export type TargetLabels = Readonly<Record<string, string>>;

/** A label: of the target, of the series, or the one that a type adds. */
interface Slot {
  readonly name: string;
  /** Its index in the family's labels; undefined if `value` is given. */
  readonly index?: number | undefined;
  /** The value of the target's label; undefined for that of the type. */
  readonly value?: string | undefined;
}

/** The labels of all series of a family that have the same name. */
export class LabelLayout {
  /** By rising name. */
  readonly #slots: readonly Slot[];
  /** The beginning of all keys. */
  readonly #prefix: string;

  /** `own` is the label that the type adds, `le` or `quantile`; `""`: none. */
  constructor(
    name: string,
    own: string,
    names: readonly string[],
    target: TargetLabels,
  ) {
    const taken = new Set([...Object.keys(target), ...names]);
    const slots: Slot[] = names.map((label, index) => {
      let stored = label;
      if (Object.hasOwn(target, label)) {
        do stored = `exported_${stored}`; while (taken.has(stored));
        taken.add(stored);
      }
      return { name: stored, index };
    });
    for (const [label, value] of Object.entries(target)) {
      slots.push({ name: label, value });
    }
    slots.push({ name: "__name__", value: name });
    if (own !== "") slots.push({ name: own });
    this.#slots = slots.sort((a, b) => compareUtf8(a.name, b.name));
    this.#prefix = JSON.stringify(name);
  }

  /** Returns the key of a series of which `variable` is the part of its labels. */
  key(own: string, variable: string): string {
    return `${this.#prefix}${own}${variable}`;
  }

  /** Returns the labels of a series, names and values in turn. */
  of(labels: LabelSet, own: string): readonly string[] {
    const pairs: string[] = [];
    for (const { name, index, value } of this.#slots) {
      const text = index === undefined ? value ?? own : labels.value(index);
      if (text !== "") pairs.push(name, text);
    }
    return pairs;
  }
}

/** Writes the part of keys that the labels of a family's series make. */
export class LabelKeys {
  readonly #names: readonly (readonly [number, string])[];

  constructor(names: readonly string[]) {
    this.#names = names.map((name, index) => [name, index] as const)
      .sort(([a], [b]) => compareUtf8(a, b))
      .map(([name, index]) => [index, `,${JSON.stringify(name)}`]);
  }

  /** Returns a text that only equal labels have; an empty label is absent. */
  of(labels: LabelSet): string {
    let key = "";
    for (const [index, name] of this.#names) {
      const value = labels.value(index);
      if (value !== "") key += `${name}${value.length}:${value}`;
    }
    return key;
  }
}

/** Compares by the bytes of UTF-8, which is the order of code points. */
export function compareUtf8(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
