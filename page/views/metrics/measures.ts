/** The columns of the table below the lines, by the type of the family. */
import type { Axis } from "../../core/data.ts";
import {
  type Format,
  formatOf,
  plain,
  rateOf,
  ratio,
  wholeNumber,
} from "../../core/units.ts";
import {
  levelNow,
  levelsOf,
  quantilesNow,
  rateNow,
  summaryNow,
  sumNow,
  totalOf,
} from "./figures.ts";
import type { FamilyModel } from "./family_model.ts";
import type { Part } from "./labels.ts";
import { modeName } from "./modes.ts";
import { foldOf } from "./promql.ts";

/** The figures of a row, by the key of the measure. */
export type Cells = ReadonlyMap<string, number>;

/** A column of figures. */
export interface Measure {
  readonly key: string;
  readonly head: string;
  readonly format: Format;
  readonly of: (model: FamilyModel, part: Part, axis: Axis) => number;
}

const PER_SECOND: Measure = {
  key: "rate",
  head: "a second",
  format: (value) => ({ ...rateOf("")(value), unit: "" }),
  of: ({ window, covered }, { series }, axis) =>
    rateNow(series, axis, window, covered),
};

const TOTAL: Measure = {
  key: "total",
  head: "since the start",
  format: (value) =>
    Number.isInteger(value)
      ? { digits: wholeNumber(value), unit: "" }
      : plain(value),
  of: (_, { series }) => totalOf(series),
};

/** Returns the columns for a family. */
export function measuresOf(model: FamilyModel): Measure[] {
  const { family } = model;
  const format = formatOf(family.unit);
  switch (family.type) {
    case "counter":
      return [
        { ...PER_SECOND, format: rateOf(family.unit) },
        share(
          "share",
          (part, axis) =>
            rateNow(part.series, axis, model.window, model.covered),
        ),
        { ...TOTAL, format: family.unit === "" ? TOTAL.format : format },
      ];
    case "histogram":
      return [
        PER_SECOND,
        ...[0.5, 0.95, 0.99].map((q): Measure => ({
          key: modeName(q),
          head: modeName(q),
          format,
          of: ({ window }, { series }, axis) =>
            quantilesNow(family, series, [q], axis, window)[0]!,
        })),
        share(
          family.unit === "seconds" ? "share of time" : "share of sum",
          (part, axis) => sumNow(part.series, axis, model.window),
        ),
      ];
    case "summary":
      return [
        PER_SECOND,
        ...(family.quantiles ?? []).map((q, index): Measure => ({
          key: modeName(q),
          head: modeName(q),
          format,
          of: (_, { series }) => summaryNow(series, index),
        })),
      ];
    default: {
      const only = (of: keyof ReturnType<typeof levelsOf>): Measure => ({
        key: of,
        head: of,
        format,
        of: (_, { series }) =>
          series.length === 1 ? levelsOf(series[0]!)[of] : NaN,
      });
      return [
        {
          key: "now",
          head: "now",
          format,
          of: (_, { series }) => levelNow(series, foldOf(family)),
        },
        only("least"),
        only("most"),
      ];
    }
  }

  function share(
    head: string,
    of: (part: Part, axis: Axis) => number,
  ): Measure {
    return {
      key: "share",
      head,
      format: ratio,
      of: (model, part, axis) =>
        of(part, axis) / model.whole(head, (all) => of(all, axis)),
    };
  }
}
