/** Operations on a registry and on its fleet, at random. */
import * as fc from "../../support/property.ts";
import { keyOf } from "./fake_image.ts";

export const LABELS = ["a", "b", "c"] as const;
export type Label = typeof LABELS[number];

export const NAMES = ["plain_total", "idle_total", "sizes", "level"] as const;
export type Name = typeof NAMES[number];

/** Seconds after which series of `idle_total` expire. */
export const EXPIRE_AFTER = 10;

/** An operation on the registry, or on its fleet. */
export type Step =
  | { readonly do: "record"; readonly name: Name; label: Label; by: number }
  | { readonly do: "remove"; readonly name: Name; label: Label | undefined }
  | { readonly do: "redeclare"; readonly name: Name }
  | { readonly do: "report"; readonly reports: Partial<Record<Label, number>> }
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "take"; readonly all: boolean }
  | { readonly do: "compact" }
  | { readonly do: "tombstone"; name: Name; label: Label; ahead: number };

const name = fc.constantFrom(...NAMES);
const label = fc.constantFrom(...LABELS);
const by = fc.integer({ min: 1, max: 9 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      name,
      label,
      by,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      all: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("remove" as const),
      name,
      label: fc.option(label, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("report" as const),
      reports: fc.dictionary(label, fc.integer({ min: 0, max: 20 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      seconds: fc.constantFrom(1, 6, EXPIRE_AFTER),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("redeclare" as const), name }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("compact" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("tombstone" as const),
      name,
      label,
      ahead: fc.nat(1),
    }),
  },
);

/** Up to 60 operations. */
export const steps = fc.array(step, { maxLength: 60, size: "max" });

/** Returns the key of a series in `FakeImage.shown`. */
export function keyFor(name: Name, label: Label): string {
  return keyOf(name, JSON.stringify([label]));
}
