/** Laws of the meters under any arguments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  openMetrics,
  openMetrics2,
  prometheusProto,
  prometheusText,
  prometheusText1,
} from "../../src/encode/mod.ts";
import type { OtelMeterProvider, OtelTranslation } from "../../src/otel/mod.ts";
import { needs, PROMTOOL, run } from "../oracle/programs.ts";
import * as fc from "../support/property.ts";
import { read } from "../support/readers.ts";
import { meters, warnings } from "./meters.ts";

warnings(); // silences them

const TRANSLATIONS: readonly OtelTranslation[] = [
  "UnderscoreEscapingWithSuffixes",
  "UnderscoreEscapingWithoutSuffixes",
  "NoUTF8EscapingWithSuffixes",
  "NoTranslation",
];

const FORMATS = [
  prometheusText,
  prometheusText1.escapedBy("allow-utf-8"),
  openMetrics,
  openMetrics2.escapedBy("allow-utf-8"),
  openMetrics2,
  prometheusProto,
];

const anyCalls = fc.array(
  fc.record({
    method: fc.constantFrom(
      "createCounter",
      "createUpDownCounter",
      "createGauge",
      "createHistogram",
      "createObservableCounter",
      "createObservableGauge",
      "createObservableUpDownCounter",
    ),
    name: fc.oneof(
      fc.constantFrom("a", "a.b", "a_b", "A", "a_total", "x/y", "a_bucket"),
      fc.anything(),
    ),
    options: fc.oneof(
      fc.record({
        unit: fc.oneof(fc.constantFrom("s", "By", "1", "{x}/s"), fc.anything()),
        description: fc.oneof(fc.string(), fc.anything()),
        valueType: fc.constantFrom(0, 1, undefined),
        advice: fc.oneof(
          fc.record({ explicitBucketBoundaries: fc.array(fc.double()) }),
          fc.anything(),
        ),
      }, { requiredKeys: [] }),
      fc.anything(),
    ),
    value: fc.oneof(fc.double(), fc.anything()),
    attributes: fc.oneof(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom("a.b", "a_b", "a/b", "le", "quantile", "__name__"),
          fc.string({ unit: "binary", maxLength: 5 }),
        ),
        fc.oneof(fc.string({ unit: "binary" }), fc.anything()),
        { maxKeys: 5 },
      ),
      fc.anything({ withNullPrototype: true, withBigInt: true }),
    ),
    context: fc.oneof(fc.constant(undefined), fc.anything()),
  }),
  { maxLength: 20 },
);

type AnyCall = typeof anyCalls extends fc.Arbitrary<(infer C)[]> ? C : never;

/** Makes the calls, each with all of its arguments, and twice more without. */
function perform(provider: OtelMeterProvider, made: readonly AnyCall[]): void {
  for (const call of made) {
    const meter = provider.getMeter(call.name as string);
    const { method, name, options, value, attributes, context } = call;
    const instrument = meter[method as "createCounter"](
      name as string,
      options as object,
    ) as unknown as Record<string, (...args: unknown[]) => void>;
    instrument["add"]?.(value, attributes, context);
    instrument["record"]?.(value, attributes, context);
    instrument["addCallback"]?.(
      (result: { observe(...args: unknown[]): void }) =>
        result.observe(value, attributes),
    );
    instrument["addCallback"]?.(value);
    instrument["removeCallback"]?.(value);
    meter.addBatchObservableCallback(value as never, attributes as never);
    meter.removeBatchObservableCallback(value as never, attributes as never);
    for (const each of [undefined, attributes]) {
      instrument["add"]?.(1, each);
      instrument["record"]?.(1, each);
    }
  }
}

test("law: no argument throws, and every exposition is legal", () => {
  fc.assert(fc.property(
    anyCalls,
    fc.constantFrom(...TRANSLATIONS),
    fc.boolean(),
    (made, translation, strict) => {
      const { registry, provider } = meters(
        { translation, scope: true },
        strict,
      );
      perform(provider, made);
      for (const format of FORMATS) {
        for (let pass = 0; pass < 2; pass++) {
          read(expose(registry, format), format);
        }
      }
    },
  ));
});

test(
  "promtool accepts the exposition of any calls",
  needs("PROMTOOL"),
  async () => {
    for (const [seed, made] of fc.sample(anyCalls, 8).entries()) {
      const { registry, provider } = meters({ scope: true });
      perform(provider, made);
      const body = expose(registry, prometheusText);
      const { stderr } = await run(PROMTOOL!, ["check", "metrics"], body);
      assert.doesNotMatch(stderr, /error/, `sample ${seed}: ${stderr}`);
    }
  },
);
