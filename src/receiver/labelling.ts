/**
 * Turns the attributes of points into the labels of series.
 *
 * Points of a metric have the same keys most of the time, so their names are
 * translated and sorted once for all points with the same keys in the same order.
 */
import type { OtelTranslation } from "../model/mod.ts";
import { otelLabels } from "../model/internal.ts";
import { textOf } from "./attributes.ts";
import { Rejection } from "./rejection.ts";
import type { KeyValue } from "./wire/messages.ts";

/** The maximum number of attributes of a point. */
const MAX_ATTRIBUTES = 64;

/** Separates the texts of a key: no well-formed text has it. */
const SEPARATOR = "\ud800";

/** The labels of a series, sorted by name, without empty ones. */
export interface SeriesLabels {
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** A text that only labels with the same names and values have. */
  readonly key: string;
}

/** Settings of a `Labelling`. */
export interface LabellingOptions {
  /** The labels of all series, which come before those of attributes. */
  readonly base: ReadonlyMap<string, string>;
  /** Labels that attributes cannot have: they are renamed. */
  readonly taken: ReadonlySet<string>;
  readonly translation: OtelTranslation;
  /** The maximum length of a name or a value, in UTF-16 code units. */
  readonly maxLength: number;
  /** How many plans may still be made, of all labellings of a request. */
  readonly budget: { plans: number };
}

/** How the labels of points with certain keys are found. */
interface Plan {
  readonly names: readonly string[];
  readonly joinedNames: string;
  /** By label: the indices of its attributes, or else its constant text. */
  readonly values: readonly (readonly number[] | string)[];
}

/** The maximum number of different lists of keys of a request. */
export const MAX_PLANS = 10_000;

/** The labels of points of one scope and type. */
export class Labelling {
  readonly #options: LabellingOptions;
  /** By keys. */
  readonly #plans = new Map<string, Plan>();

  constructor(options: LabellingOptions) {
    this.#options = options;
  }

  /** Returns the labels of the series of a point. */
  labelsOf(attributes: readonly KeyValue[]): SeriesLabels | Rejection {
    if (attributes.length > MAX_ATTRIBUTES) {
      const words = `it has over ${MAX_ATTRIBUTES} attributes`;
      return new Rejection("limit", words);
    }
    const { maxLength } = this.#options;
    const keys: string[] = [];
    const texts: string[] = [];
    for (const { key = "", value } of attributes) {
      const text = value === undefined ? "" : textOf(value);
      if (key === "" || text === "") continue;
      if (Math.max(key.length, text.length) > maxLength) {
        const words = `an attribute is longer than ${maxLength}`;
        return new Rejection("limit", words);
      }
      keys.push(key);
      texts.push(text);
    }
    // Keys may have any characters: the number of parts tells them apart.
    const joined = `${keys.length}${SEPARATOR}${keys.join(SEPARATOR)}`;
    let plan = this.#plans.get(joined);
    if (plan === undefined) {
      if (this.#options.budget.plans-- <= 0) {
        const words = `over ${MAX_PLANS} different lists of keys at once`;
        return new Rejection("limit", words);
      }
      this.#plans.set(joined, plan = this.#planOf(keys));
    }
    const values = plan.values.map((value) => {
      if (typeof value === "string") return value;
      return value.length === 1
        ? texts[value[0]!]!
        : value.map((at) => texts[at]!).join(";");
    });
    const key = plan.joinedNames + values.join(SEPARATOR);
    return { names: plan.names, values, key };
  }

  #planOf(keys: readonly string[]): Plan {
    const { base, taken, translation } = this.#options;
    // The index of each attribute takes the place of its text, also where the
    // texts of keys that share a label are joined.
    const own = otelLabels(
      keys.map((key, at) => [key, String(at)] as const),
      translation,
      taken,
    );
    const all = [
      ...[...base].map(([name, text]) => ({ name, value: text })),
      ...[...own].map(([name, at]) => ({
        name,
        value: at.split(";").map(Number),
      })),
    ].sort((a, b) => a.name < b.name ? -1 : 1);
    const names = all.map(({ name }) => name);
    return {
      names,
      joinedNames: joinedNames(names),
      values: all.map(({ value }) => value),
    };
  }
}

/** Returns the labels of a series. */
export function seriesLabels(
  labels: ReadonlyMap<string, string>,
): SeriesLabels {
  const sorted = [...labels].sort(([a], [b]) => a < b ? -1 : 1);
  const names = sorted.map(([name]) => name);
  const values = sorted.map(([, text]) => text);
  const key = joinedNames(names) + values.join(SEPARATOR);
  return { names, values, key };
}

function joinedNames(names: readonly string[]): string {
  return `${names.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`;
}
