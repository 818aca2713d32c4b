/** Sources that misbehave in every way, each with legal families declared. */
import * as fc from "./property.ts";
import {
  type FamilyDesc,
  familyDesc,
  type MetricType,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import {
  anyExemplar,
  anyHistogram,
  anyJunk,
  anyLabels,
  anySummary,
  or,
} from "./misbehaviour_views.ts";

const help = "Of a source that misbehaves.";

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
    familyDesc({ name: "barograph_source_missing", type: "gauge", help }),
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
