/** Operations on the members of a fleet, at random. */
import * as fc from "../../support/property.ts";

/** Members that can be there at one time. */
export const MEMBERS = 3;

export const LABELS = ["a", "b", "overflow"] as const;
export type Label = typeof LABELS[number];

/**
 * - `safe_total`: nobody removes it, and it never expires.
 * - `few_total`: has an overflow series.
 * - `idle_total`: its series expire.
 * - `shaped`: a histogram, of which members declare other buckets.
 */
export const NAMES = [
  "safe_total",
  "few_total",
  "idle_total",
  "shaped",
] as const;
export type Name = typeof NAMES[number];

/** One operation of a member. */
export type Operation =
  & { readonly member: number }
  & (
    | { readonly do: "record"; name: Name; label: Label; by: number }
    | { readonly do: "remove"; name: Name; label: Label | undefined }
    | { readonly do: "unregister"; name: Name }
    | { readonly do: "reshape" | "flush" | "scrape" }
    | { readonly do: "join" | "leave" | "exit" | "die" }
    | { readonly do: "pass"; seconds: number }
  );

const member = fc.nat(MEMBERS - 1);
const name = fc.constantFrom(...NAMES);
const label = fc.constantFrom(...LABELS);

function weighed<T>(weight: number, arbitrary: fc.Arbitrary<T>) {
  return { weight, arbitrary };
}

const operation = fc.oneof(
  weighed(
    8,
    fc.record({
      member,
      do: fc.constant("record" as const),
      name,
      label,
      by: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  weighed(
    2,
    fc.record({
      member,
      do: fc.constant("remove" as const),
      name: fc.constantFrom("few_total" as const, "idle_total" as const),
      label: fc.option(label, { nil: undefined }),
    }),
  ),
  weighed(
    2,
    fc.record({ member, do: fc.constant("unregister" as const), name }),
  ),
  weighed(
    6,
    fc.record({
      member,
      do: fc.constantFrom("scrape" as const, "flush" as const),
    }),
  ),
  weighed(
    4,
    fc.record({
      member,
      do: fc.constantFrom(
        "join" as const,
        "join" as const,
        "join" as const,
        "leave" as const,
        "exit" as const,
        "die" as const,
        "reshape" as const,
      ),
    }),
  ),
  weighed(
    3,
    fc.record({
      member,
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(0.25, 1, 3, 10),
    }),
  ),
);

/** Up to 50 operations. */
export const anyOperations: fc.Arbitrary<Operation[]> = fc.array(operation, {
  maxLength: 50,
  size: "max",
});
