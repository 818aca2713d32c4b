/** Random steps of a world, and how it is written. */
import * as fc from "../../support/property.ts";

/** How an exposition is written: as pages of either kind, or as text. */
export type Way = "borrowed" | "owned" | "text";

export type Step =
  | { readonly do: "record"; readonly at: number; readonly value: number }
  | { readonly do: "exemplar"; readonly at: number; readonly value: number }
  | { readonly do: "many"; readonly from: number; readonly count: number }
  | {
    readonly do: "wave";
    /** The index among the two families in focus. */
    readonly family: number;
    /** One value per series; null skips a series. */
    readonly values: readonly (number | null)[];
  }
  | { readonly do: "remove"; readonly at: number }
  | { readonly do: "clear" | "family" | "fail" }
  | { readonly do: "pass"; readonly seconds: number }
  | {
    readonly do: "scrape";
    readonly format: number;
    readonly only: boolean;
    readonly way: Way;
  }
  | {
    readonly do: "begin";
    readonly format: number;
    readonly way: Way;
  }
  | { readonly do: "read"; readonly steps: number };

const anyValue = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 1200 }) },
  fc.constantFrom(0, -0, 9, 10, 99, 100, 2 ** 31, 2 ** 31 - 1, 2 ** 53, 1e21),
  fc.constantFrom(NaN, Infinity, -Infinity, -1, -12, 0.5, 1e-7, 123.456),
  fc.double(),
);

const anyWay = fc.constantFrom<Way>("borrowed", "owned", "text");

const at = fc.nat({ max: 79 });
/** The index among the formats of a world. */
const format = fc.nat({ max: 1 });

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      at,
      value: anyValue,
    }),
  },
  fc.record({ do: fc.constant("exemplar" as const), at, value: anyValue }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("many" as const),
      from: at,
      count: fc.nat({ max: 40 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("wave" as const),
      family: fc.nat({ max: 1 }),
      values: fc.array(fc.option(anyValue), { minLength: 1, maxLength: 9 }),
    }),
  },
  fc.record({ do: fc.constant("remove" as const), at }),
  fc.record({ do: fc.constantFrom("clear", "family", "fail") }),
  fc.record({
    do: fc.constant("pass" as const),
    seconds: fc.constantFrom(0, 4, 10, 25),
  }),
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("scrape" as const),
      format,
      only: fc.boolean(),
      way: anyWay,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      format,
      way: anyWay,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      steps: fc.nat({ max: 12 }),
    }),
  },
);
