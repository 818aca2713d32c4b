/** Sources that misbehave in every way, each with legal families declared. */
import * as fc from "./property.ts";
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type MetricType,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";

const help = "Of a source that misbehaves.";

/** A value as data that is not typed brings it. */
const anyJunk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    "",
    "1",
    "1\nevil_total 666",
    '"} 1\nevil 2',
    true,
    10n,
    Symbol("junk"),
    [],
    [1],
    {},
    () => 1,
    new Date(0),
    { valueOf: () => 3, toString: () => "4\nevil 5" },
  ),
  fc.constantFrom(
    NaN,
    Infinity,
    -Infinity,
    -1,
    0.5,
    -0,
    1e300,
    2 ** 53,
    2 ** 64,
    5e-324,
    253_402_300_800,
  ),
  fc.double(),
);

/** Returns `legal`, or once in a while junk instead. */
const or = <T>(legal: T): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 25, arbitrary: fc.constant(legal as unknown) },
    { weight: 1, arbitrary: anyJunk },
  );

const anyNumbers = (...legal: readonly number[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(Float64Array.from(legal) as unknown) },
    {
      weight: 2,
      arbitrary: fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 4 })
        .map((list) => Float64Array.from(list)),
    },
    { weight: 1, arbitrary: fc.array(anyJunk, { maxLength: 3 }) },
    { weight: 1, arbitrary: anyJunk },
  );

/** An object whose properties throw, or change with each read, once in a while. */
const lying = (record: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: record as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: anyJunk },
    {
      weight: 2,
      arbitrary: fc.tuple(record, fc.nat({ max: 6 }), fc.boolean()).map(
        ([honest, reads, throws]) => {
          let left = reads;
          return new Proxy(honest, {
            get(target, key) {
              if (left-- > 0) return Reflect.get(target, key);
              if (throws) throw new Error("a getter");
              return "7\nevil 8";
            },
          });
        },
      ),
    },
  );

const anyText = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom<unknown>("a", "b", "", '"\\\n', "é", "\ud800"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>("\udfff", 5, undefined, null, {}),
  },
);

const anyLabels = lying(
  fc.tuple(fc.array(anyText, { maxLength: 3 }), fc.boolean()).map(
    ([values, owned]) =>
      owned && values.length <= 1
        ? new Labels(["k"], values as string[])
        : { names: ["k"], value: (i: number) => i in values ? values[i] : "x" },
  ),
);

const anyExemplar = fc.oneof(
  { weight: 2, arbitrary: fc.constant<unknown>(undefined) },
  {
    weight: 1,
    arbitrary: lying(fc.record({
      labels: fc.oneof(
        fc.dictionary(
          fc.constantFrom("trace_id", "k", "not a name", "__proto__", "le"),
          anyText,
        ),
        anyJunk,
      ),
      value: or(0.25),
      timestamp: or(1_700_000_000.5),
    })),
  },
);

const anySide = lying(fc.record({
  offset: or(0),
  size: or(1),
  counts: anyNumbers(1),
  overflow: or(0),
}));

const anyHistogram = lying(
  fc.record({
    count: or(3),
    sum: or(4.5),
    bounds: fc.oneof(
      { weight: 9, arbitrary: anyNumbers(0.5, 1) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(
          Float64Array.of(1, 0.5),
          Float64Array.of(1, 1),
          Float64Array.of(NaN, 1),
          Float64Array.of(1, Infinity),
          Float64Array.of(-Infinity, 1),
        ),
      },
    ),
    counts: anyNumbers(1, 1, 1),
    exemplars: fc.oneof(
      { weight: 25, arbitrary: fc.array(anyExemplar, { maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(anyExemplar, { maxLength: 4 }) },
      { weight: 1, arbitrary: anyJunk },
    ),
    native: fc.oneof(
      { weight: 4, arbitrary: fc.constant<unknown>(undefined) },
      {
        weight: 1,
        arbitrary: lying(fc.record({
          schema: or(0),
          zeroThreshold: or(0),
          zeroCount: or(1),
          positive: anySide,
          negative: anySide,
        })),
      },
    ),
  }),
);

const anySummary = lying(fc.record({
  count: or(2),
  sum: or(3),
  quantiles: anyNumbers(0.5, 0.9),
  values: anyNumbers(1, 2),
}));

/** One call of a sink. */
type Call = (sink: Sink) => unknown;

const DESCS: readonly FamilyDesc[] = ([
  ["bad", "gauge"],
  ["bad_events_total", "counter"],
  ["bad_state", "stateset"],
  ["bad_build_info", "info"],
  ["bad_time", "histogram"],
  ["bad_level", "gaugehistogram"],
  ["bad_wait", "summary"],
  ["bad.utf8", "unknown"],
] as readonly [string, MetricType][]).map(([name, type]) =>
  familyDesc({
    name: name === "bad" ? "bad_gauge" : name,
    type,
    help,
    labelNames: type === "stateset" ? ["k", name] : ["k"],
  }, "utf-8")
);

/** Families that the source does not declare, and what is none. */
const anyForeign: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    familyDesc({ name: "fine_total", type: "counter", help }),
    familyDesc({ name: "fine_seconds", type: "gauge", help }),
    familyDesc({ name: "fine_seconds_count", type: "gauge", help }),
    familyDesc({ name: "barograph_scrapes_total", type: "counter", help }),
    familyDesc({ name: "undeclared", type: "gauge", help }),
    { ...DESCS[0]!, name: "x\ny" },
    { ...DESCS[0]!, help: 5 },
    { ...DESCS[0]!, labelNames: "k" },
  ),
  anyJunk,
);

const anyDesc: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>(...DESCS) },
  { weight: 1, arbitrary: anyForeign },
);

const anyCall: fc.Arbitrary<Call> = fc.oneof(
  anyDesc.map((desc): Call => (sink) => sink.family(desc as FamilyDesc)),
  fc.tuple(anyLabels, or(1), or(0), anyExemplar).map((args): Call => (sink) =>
    sink.number(...args as Parameters<Sink["number"]>)
  ),
  fc.tuple(anyLabels, anyHistogram, or(0)).map((args): Call => (sink) =>
    sink.histogram(...args as Parameters<Sink["histogram"]>)
  ),
  fc.tuple(anyLabels, anySummary, or(0)).map((args): Call => (sink) =>
    sink.summary(...args as Parameters<Sink["summary"]>)
  ),
  fc.constant<Call>(() => {
    throw new Error("in the middle");
  }),
);

/** A family that is opened, and points of its type, most of them nearly legal. */
const anyFamily: fc.Arbitrary<Call> = fc.constantFrom(...DESCS).chain(
  (desc) => {
    const view = desc.type.endsWith("histogram")
      ? anyHistogram
      : desc.type === "summary"
      ? anySummary
      : or(1);
    const verb = desc.type.endsWith("histogram")
      ? "histogram"
      : desc.type === "summary"
      ? "summary"
      : "number";
    const anyPoint = fc.tuple(anyLabels, view, or(0), anyExemplar);
    return fc.array(anyPoint, { maxLength: 3 }).map(
      (points): Call => (sink) => {
        if (!sink.family(desc)) return;
        for (const args of points) {
          (sink[verb] as (...args: readonly unknown[]) => void)(...args);
        }
      },
    );
  },
);

/** How `collect` ends, and what it does with errors of the sink. */
const anyCollect: fc.Arbitrary<Source["collect"]> = fc.record({
  calls: fc.oneof({
    weight: 3,
    arbitrary: fc.array(anyFamily, { maxLength: 2 }),
  }, {
    weight: 1,
    arbitrary: fc.array(fc.oneof(anyFamily, anyFamily, anyCall), {
      maxLength: 5,
    }),
  }),
  catches: fc.boolean(),
  end: fc.constantFrom<() => unknown>(
    () => undefined,
    () => undefined,
    () => undefined,
    () => "a result",
    () => Promise.resolve(),
    () => Promise.reject(new Error("later")),
    () => {
      throw undefined;
    },
  ),
  keeps: fc.boolean(),
}).map(({ calls, catches, end, keeps }) => (sink): void => {
  for (const call of calls) {
    try {
      call(sink);
    } catch (error) {
      if (!catches) throw error;
    }
  }
  // A sink that is used after the pass must not reach another part.
  if (keeps) {
    queueMicrotask(() => {
      for (const call of calls) {
        try {
          call(sink);
        } catch {
          // Refused, as it should be.
        }
      }
    });
  }
  return end() as void;
});

const anyRefresh = fc.constantFrom<unknown>(
  undefined,
  undefined,
  undefined,
  null,
  "no function",
  () => Promise.reject(new Error("refresh")),
  () => {
    throw new Error("refresh");
  },
  () => 5,
  () => ({
    get then() {
      throw new Error("then");
    },
  }),
);

/** Makes some properties of a source throw, or lie, after some reads. */
const anyFault = fc.option(
  fc.record({
    key: fc.constantFrom("descs", "parts", "rows", "refresh", "collect"),
    after: fc.nat({ max: 4 }),
    value: fc.oneof(fc.constant("throw"), anyJunk),
  }),
  { nil: undefined },
);

const anyPart: fc.Arbitrary<Source> = fc.record({
  collect: anyCollect,
  refresh: anyRefresh,
  fault: anyFault,
  rows: fc.constantFrom<unknown>(undefined, undefined, null, 5, {
    length: 1e9,
  }),
}).map(({ collect, refresh, fault, rows }) => {
  const honest = { descs: DESCS, collect, refresh, rows } as Source;
  return fault === undefined ? honest : faulty(honest, fault);
});

function faulty(
  honest: Source,
  { key, after, value }: { key: string; after: number; value: unknown },
): Source {
  let left = after + 2; // `add` reads each property up to twice
  return new Proxy(honest, {
    get(target, name, receiver) {
      if (name !== key || left-- > 0) {
        return Reflect.get(target, name, receiver);
      }
      if (value === "throw") throw new Error(`no ${key}`);
      return value;
    },
  });
}

function* endless(part: Source): Generator<Source> {
  for (;;) yield part;
}

function* broken(parts: readonly Source[]): Generator<Source> {
  yield* parts;
  throw new Error("no more parts");
}

const anyParts: fc.Arbitrary<unknown> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anyPart as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: anyJunk },
  ),
  { maxLength: 3 },
).chain((parts) =>
  fc.constantFrom<unknown>(
    parts,
    parts,
    [...parts, ...parts],
    broken(parts as Source[]),
    5,
    {
      [Symbol.iterator]() {
        throw new Error("no iterator");
      },
    },
  )
);

/** A source that can be added to a registry, and then misbehaves. */
export const anyBadSource: fc.Arbitrary<Source> = fc.oneof(
  anyPart,
  fc.tuple(anyPart, anyParts, anyFault).map(([part, parts, fault]) => {
    const whole = {
      descs: DESCS,
      parts,
      collect: part.collect,
    } as Source;
    return fault === undefined ? whole : faulty(whole, fault);
  }),
);

/** A source with parts without an end; slow, so that it has a test of its own. */
export function endlessSource(): Source {
  const part: Source = { descs: [], collect() {} };
  return {
    descs: [DESCS[0]!],
    get parts() {
      return endless(part);
    },
    collect() {},
  };
}
