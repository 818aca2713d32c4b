/**
 * Finds the series of an attribute set: the look-up of each record.
 *
 * - It is a tree by key and value, in the order in which the caller writes the
 *   attributes. Each order that occurs has its own path to the same series.
 * - A hit compares one key and looks up one value per attribute, and allocates
 *   nothing.
 * - Only sets of primitive values are kept: an object can change its contents.
 */
import { callSafely } from "../../base/internal.ts";
import type { OpenFamily } from "../../metrics/internal.ts";
import type { Series } from "../../metrics/mod.ts";
import type { OtelTranslation } from "../../model/mod.ts";
import {
  otelLabelName,
  otelLabels,
  otelValueText,
} from "../../model/internal.ts";
import type { OtelAttributes } from "./api.ts";

/** A place in the tree: the attributes on the way to it. */
class Place<S> {
  /** The series of exactly these attributes. */
  series: S | undefined;
  /** The key of `values`: the first one that came after this place. */
  key: string | undefined;
  values: Map<unknown, Place<S>> | undefined;
  /** The values of all other keys. */
  others: Map<string, Map<unknown, Place<S>>> | undefined;
}

/** Maximum number of paths per series; one more empties the tree. */
const PATHS = 4;

/** Keys that are remembered per family: many times the labels it can have. */
const MAX_NAMES = 1000;

const NO_ATTRIBUTES: OtelAttributes = /* @__PURE__ */ Object.freeze({});

/** The translation of attributes to labels, for one instrument. */
export interface AttributeRules {
  readonly translation: OtelTranslation;
  /** Labels of all series: of the registry and of the meter. */
  readonly constant: ReadonlyMap<string, string>;
  /** Labels that attributes must not have. */
  readonly taken: ReadonlySet<string>;
  /** Replaces the attributes, if the user has given such a function. */
  readonly select: ((attributes: OtelAttributes) => OtelAttributes) | undefined;
  /** Maximum number of series of the family. */
  readonly maxSeries: number;
}

/** The series of one instrument by attributes. */
export class AttributeSets<S extends Series> {
  readonly #family: OpenFamily<S>;
  readonly #rules: AttributeRules;
  #root = new Place<S>();
  /** The number of paths in the tree. */
  #paths = 0;
  /** The label of each key in underscores: the first that was written so. */
  readonly #names: Map<string, string>;

  /** `names` are shared by all instruments of the family. */
  constructor(
    family: OpenFamily<S>,
    rules: AttributeRules,
    names: Map<string, string>,
  ) {
    this.#family = family;
    this.#rules = rules;
    this.#names = names;
  }

  /** Returns or creates the series of these attributes. */
  find(attributes: OtelAttributes | undefined): S {
    return this.#known(attributes) ?? this.#resolve(attributes);
  }

  #known(attributes: OtelAttributes | undefined): S | undefined {
    let place = this.#root;
    try {
      for (const key in attributes) {
        const values = key === place.key
          ? place.values
          : place.others?.get(key);
        const next = values?.get(attributes[key]);
        if (next === undefined) return undefined;
        place = next;
      }
    } catch {
      return undefined; // a getter throws: the other attributes are recorded
    }
    return place.series;
  }

  /** Whether some attributes can be left out. */
  get isSelective(): boolean {
    return this.#rules.select !== undefined;
  }

  /** Returns the attributes that are left out, as classic labels. */
  leftOut(attributes: OtelAttributes | undefined): [string, string][] {
    const given = objectOf(attributes);
    const selected = this.#selected(given);
    return entriesOf(given).filter(([key]) => !Object.hasOwn(selected, key))
      .map(([key, text]) => [otelLabelName(key), text]);
  }

  /** Returns the labels of these attributes, with the constant ones. */
  labelsOf(attributes: OtelAttributes | undefined): Map<string, string> {
    const { translation, constant, taken } = this.#rules;
    const entries = entriesOf(this.#selected(objectOf(attributes)));
    const labels = new Map(constant);
    for (const [label, text] of otelLabels(entries, translation, taken)) {
      const classic = otelLabelName(label);
      const name = this.#names.get(classic) ?? label;
      if (this.#names.size < MAX_NAMES) this.#names.set(classic, name);
      labels.set(name, text);
    }
    return labels;
  }

  /** A function that fails may be there to hide something: nothing is left. */
  #selected(given: OtelAttributes): OtelAttributes {
    const { select } = this.#rules;
    if (select === undefined) return given;
    return objectOf(callSafely(select, given));
  }

  #resolve(attributes: OtelAttributes | undefined): S {
    const family = this.#family;
    const series = family.resolve(this.labelsOf(attributes));
    // The overflow series stands for label sets that may get a series later.
    if (!family.table.isOverflow(series)) {
      callSafely((given) => this.#keep(given, series), attributes);
    }
    return series;
  }

  /** Adds a path to `series`, unless its attributes are not all its own. */
  #keep(attributes: OtelAttributes | undefined, series: S): void {
    if (attributes === undefined || attributes === null) {
      this.#root.series = series;
      return;
    }
    if (typeof attributes !== "object") return;
    const keys: string[] = [];
    for (const key in attributes) {
      const value = attributes[key];
      if (!Object.hasOwn(attributes, key) || !isPrimitive(value)) return;
      keys.push(key);
    }
    if (this.#paths++ > PATHS * this.#rules.maxSeries) {
      this.#root = new Place();
      this.#paths = 1;
    }
    let place = this.#root;
    for (const key of keys) {
      const values = valuesAt(place, key);
      const value = attributes[key];
      let next = values.get(value);
      if (next === undefined) values.set(value, next = new Place());
      place = next;
    }
    place.series = series;
  }
}

function objectOf(attributes: unknown): OtelAttributes {
  return typeof attributes === "object" && attributes !== null
    ? attributes as OtelAttributes
    : NO_ATTRIBUTES;
}

/** Returns the attributes that have a key and a value, as texts. Never throws. */
function entriesOf(attributes: OtelAttributes): [string, string][] {
  const entries: [string, string][] = [];
  for (const key of callSafely(Object.keys, attributes) ?? []) {
    const value = callSafely((of) => of[key], attributes);
    if (value === undefined || key === "") continue;
    entries.push([key, otelValueText(value)]);
  }
  return entries;
}

/** Returns the values of a key that may follow `place`. */
function valuesAt<S>(place: Place<S>, key: string): Map<unknown, Place<S>> {
  if (place.key === undefined) place.key = key;
  if (place.key === key) return place.values ??= new Map();
  const others = place.others ??= new Map();
  let values = others.get(key);
  if (values === undefined) others.set(key, values = new Map());
  return values;
}

function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "undefined":
      return true;
    default:
      return value === null;
  }
}
