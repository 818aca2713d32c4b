/** The options that all exporters to an OTLP collector share. */
import {
  flag,
  ofType,
  oneOf,
  type OptionRule,
  type ReadOptions,
  rule,
} from "../../base/internal.ts";
import type { Attributes } from "../../trace/mod.ts";
import { exporterRules } from "../exporter_options.ts";

/** Returns the rules of the options that all OTLP exporters have. */
export function otlpRules() {
  return {
    endpoint: {
      accepts: (value) => typeof value === "string" || value instanceof URL,
      advice: 'an address, such as "http://localhost:4318"',
      fallback: "",
      isShown: false,
    } satisfies OptionRule<string | URL> as OptionRule<string | URL>,
    protocol: oneOf<"json" | "protobuf">(["protobuf", "json"], "protobuf"),
    resource: ofType<Attributes>(
      ["object"],
      'such as { "service.name": "shop" }',
      {},
    ),
    compress: flag(true),
    ...exporterRules(),
  };
}

const MAX_ITEMS = 2 ** 20;

/** Returns the rule of a number of items; `fallback` is the default. */
export function itemCount(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) =>
      Number.isInteger(value) && value as number >= 1 &&
      value as number <= MAX_ITEMS,
    `a whole number from 1 to ${MAX_ITEMS}, such as ${fallback}`,
    fallback,
  );
}

/** The options of `otlpRules` with defaults. */
export type ReadOtlpOptions = ReadOptions<ReturnType<typeof otlpRules>>;

/**
 * Checks the values of resource attributes. `action` begins the error.
 *
 * @throws {TypeError} If a value is none that OTLP has.
 */
export function checkResource(action: string, resource: Attributes): void {
  for (const [name, value] of Object.entries(resource)) {
    if (isAttribute(value)) continue;
    throw new TypeError(
      `${action}: the resource attribute ${JSON.stringify(name)} is not a ` +
        `string, a number, a boolean or a list of these; give one, or omit it`,
    );
  }
}

function isAttribute(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [value];
  return items.every((item) =>
    ["string", "number", "boolean"].includes(typeof item)
  );
}
