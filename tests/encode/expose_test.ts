import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, exposeStream } from "../../src/encode/expose.ts";
import { openMetrics, prometheusText } from "../../src/encode/mod.ts";
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { OBSERVER } from "../../src/model/internal.ts";

function gaugeDesc(name: string): FamilyDesc {
  return familyDesc({ name, type: "gauge", help: "Help." });
}

function gauge(name: string, value = 1): Source {
  const desc = gaugeDesc(name);
  return {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      sink.number(Labels.NONE, value, 0);
    },
  };
}

/** Returns a part that writes a point, then throws. */
function broken(name: string, error: unknown): Source {
  const desc = gaugeDesc(name);
  return {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      sink.number(Labels.NONE, 1, 0);
      throw error;
    },
  };
}

function whole(
  parts: readonly Source[],
  failed?: (part: Source, error: unknown) => void,
): Source {
  return {
    descs: parts.flatMap((part) => part.descs),
    parts,
    collect: (sink) => parts.forEach((part) => part.collect(sink)),
    ...(failed === undefined ? {} : { [OBSERVER]: { failed } }),
  };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const familyText = (name: string, value = 1) =>
  `# HELP ${name} Help.\n# TYPE ${name} gauge\n${name} ${value}\n`;

test("expose() leaves out a part that throws, and writes the others", () => {
  const error = new Error("broken");
  const bad = broken("b", error);
  const reported: unknown[] = [];
  const source = whole([gauge("a"), bad, gauge("c")]);
  const failed = (part: Source, cause: unknown) => reported.push(part, cause);
  const body = expose(source, prometheusText, { observer: { failed } });
  assert.equal(text(body), familyText("a") + familyText("c"));
  assert.deepEqual(reported, [bad, error]);
});

test("expose() notifies the observer of the source", () => {
  const reported: unknown[] = [];
  const source = whole(
    [broken("b", "why")],
    (_, error) => reported.push(error),
  );
  assert.equal(text(expose(source, openMetrics)), "# EOF\n");
  assert.deepEqual(reported, ["why"]);
});

test("expose() throws a failure that nobody observes", () => {
  const error = new Error("broken");
  assert.throws(
    () => expose(whole([broken("b", error)]), prometheusText),
    error,
  );
});

test("expose() and exposeStream() leave out the parts of the option except", async () => {
  const [a, b] = [gauge("a"), gauge("b")];
  const options = { except: new Set([a]) };
  const body = expose(whole([a, b]), prometheusText, options);
  assert.equal(text(body), familyText("b"));
  const stream = exposeStream(whole([a, b]), prometheusText, options);
  assert.equal(await new Response(stream).text(), familyText("b"));
});

test("expose() refuses a part that writes into the family of the previous part", () => {
  const desc = gaugeDesc("b");
  const dangling: Source = {
    descs: [desc],
    collect: (sink) => sink.number(Labels.NONE, 2, 0),
  };
  const reported: unknown[] = [];
  const body = expose(whole([gauge("a"), dangling]), prometheusText, {
    observer: { failed: (_, error) => void reported.push(error) },
  });
  assert.equal(text(body), familyText("a"));
  assert.match(String(reported[0]), /no family is open/);
});

test("expose() notifies the observer of the source before the caller's", () => {
  const reported: string[] = [];
  const source = whole([broken("b", "why")], () => reported.push("source"));
  expose(source, prometheusText, {
    observer: { failed: () => void reported.push("caller") },
  });
  assert.deepEqual(reported, ["source", "caller"]);
});

test("expose() writes the first of two parts with the same family", () => {
  const reported: unknown[] = [];
  const source = whole([gauge("a", 1), gauge("a", 2)]);
  const body = expose(source, prometheusText, {
    observer: { failed: (_, error) => void reported.push(error) },
  });
  assert.equal(text(body), familyText("a", 1));
  assert.match(String(reported[0]), /gauge "a" already writes "a"/);
});

test("expose() lets the next part write the family of a part that failed", () => {
  const source = whole([broken("a", "why"), gauge("a", 2)]);
  const body = expose(source, prometheusText, { observer: { failed() {} } });
  assert.equal(text(body), familyText("a", 2));
});

const HISTOGRAM = {
  count: 0,
  sum: 0,
  bounds: new Float64Array(),
  counts: new Float64Array(1),
  exemplars: [],
};

const SUMMARY = {
  count: 0,
  sum: 0,
  quantiles: new Float64Array(),
  values: new Float64Array(),
};

test("expose() leaves out a part that breaks the grammar, and reports the call", () => {
  const desc = gaugeDesc("a");
  const histogram = familyDesc({ name: "h", type: "histogram", help: "H." });
  const counter = familyDesc({ name: "c_total", type: "counter", help: "C." });
  const cases: readonly (readonly [(sink: Sink) => void, RegExp])[] = [
    [(sink) => sink.number(Labels.NONE, 1, 0), /no family is open/],
    [(sink) => {
      sink.family(histogram);
      sink.number(Labels.NONE, 1, 0);
    }, /in histogram "h": call sink.histogram\(\)/],
    [(sink) => {
      sink.family(desc);
      sink.histogram(Labels.NONE, HISTOGRAM, 0);
    }, /in gauge "a": call sink.number\(\)/],
    [(sink) => {
      sink.family(desc);
      sink.summary(Labels.NONE, SUMMARY, 0);
    }, /in gauge "a": call sink.number\(\)/],
    [(sink) => {
      sink.family(histogram);
      sink.summary(Labels.NONE, SUMMARY, 0);
    }, /in histogram "h": call sink.histogram\(\)/],
    [(sink) => {
      sink.family(counter);
      sink.number(Labels.NONE, NaN, 0);
    }, /Cannot write NaN as counter "c_total"/],
    [(sink) => {
      sink.family(counter);
      sink.number(Labels.NONE, -1, 0);
    }, /Cannot write -1 as counter/],
    [(sink) => sink.family({ ...desc, name: "_a" }), /Cannot declare gauge/],
  ];
  for (const [collect, reason] of cases) {
    const reported: unknown[] = [];
    const source = whole([{ descs: [desc], collect }, gauge("z")]);
    const body = expose(source, prometheusText, {
      observer: { failed: (_, error) => void reported.push(error) },
    });
    assert.equal(text(body), familyText("z"));
    assert.match(String(reported[0]), reason);
  }
});

test("expose() leaves out a family without series", () => {
  const desc = gaugeDesc("a");
  const source: Source = {
    descs: [desc],
    collect: (sink) => void sink.family(desc),
  };
  assert.equal(text(expose(source, prometheusText)), "");
  assert.equal(text(expose(source, openMetrics)), "# EOF\n");
});

/** Returns gauges of about 9 KiB each, and the names of the collected ones. */
function large(
  names: readonly string[],
): { source: Source; collected: string[] } {
  const collected: string[] = [];
  const parts = names.map((name): Source => {
    const desc = familyDesc({
      name,
      type: "gauge",
      help: "Help.",
      labelNames: ["a"],
    });
    return {
      descs: [desc],
      collect(sink) {
        collected.push(name);
        sink.family(desc);
        for (let i = 0; i < 450; i++) {
          sink.number(new Labels(["a"], [`value ${i}`]), i, 0);
        }
      },
    };
  });
  return { source: whole(parts), collected };
}

/** Runs the pending microtasks of a stream. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await null;
}

test("exposeStream() collects only the parts that its reader pulls", async () => {
  const { source, collected } = large(["a", "b", "c", "d", "e"]);
  const reader = exposeStream(source, prometheusText).getReader();
  await microtasks();
  assert.deepEqual(collected, []);
  const first = await reader.read();
  await microtasks();
  assert.deepEqual(collected, ["a", "b"]);
  assert.ok(text(first.value!).endsWith('b{a="value 449"} 449\n'));
  await reader.read();
  assert.deepEqual(collected, ["a", "b", "c", "d"]);
  await reader.cancel();
  assert.deepEqual(collected, ["a", "b", "c", "d"]);
});

test("exposeStream() leaves out a part that throws, and continues", async () => {
  const source = whole([gauge("a"), broken("b", "why"), gauge("c")], () => {});
  const body = await new Response(exposeStream(source, openMetrics)).text();
  assert.match(body, /a 1\n[^]*c 1\n# EOF\n$/);
  assert.doesNotMatch(body, /\bb\b/);
});

test("exposeStream() errors on a failure that nobody observes", async () => {
  const error = new Error("broken");
  const source = whole([gauge("a"), broken("b", error)]);
  const stream = exposeStream(source, prometheusText);
  await assert.rejects(new Response(stream).text(), error);
});

test("exposeStream() does not overwrite earlier chunks", async () => {
  const { source } = large(["a", "b", "c", "d"]);
  const reader = exposeStream(source, prometheusText).getReader();
  const { value: first } = await reader.read();
  const before = text(first!);
  await reader.read();
  assert.equal(text(first!), before);
  await reader.cancel();
});

test("exposeStream() of an empty source is empty, in OpenMetrics one line", async () => {
  const source = whole([]);
  const read = (format: typeof openMetrics) =>
    new Response(exposeStream(source, format)).text();
  assert.equal(await read(prometheusText), "");
  assert.equal(await read(openMetrics), "# EOF\n");
});

test("expose() refuses illegal values and names the legal ones", () => {
  const desc = (name: string, type: FamilyDesc["type"]) =>
    familyDesc({
      name,
      type,
      help: "H.",
      labelNames: type === "stateset" ? [name] : [],
    });
  const histogram = (counts: number[], count: number) => (sink: Sink) => {
    sink.family(desc("h", "histogram"));
    sink.histogram(Labels.NONE, {
      count,
      sum: 1,
      bounds: Float64Array.of(1),
      counts: Float64Array.from(counts),
      exemplars: [],
    }, 0);
  };
  const number = (name: string, type: FamilyDesc["type"], value: number) => {
    const family = desc(name, type);
    return (sink: Sink) => {
      sink.family(family);
      const values = family.labelNames.map(() => "x");
      sink.number(new Labels(family.labelNames, values), value, 0);
    };
  };
  const cases: readonly (readonly [(sink: Sink) => void, RegExp])[] = [
    [number("x_info", "info", 2), /Cannot write 2 as info .* must be 1/],
    [number("x", "stateset", 2), /must be 0 or 1/],
    [number("x_total", "counter", NaN), /must be a number from 0 on/],
    [histogram([1, 2], 2), /add up to count/],
    [histogram([0.5, 0.5], 1), /whole numbers/],
    [histogram([-1, 2], 1), /whole numbers/],
    [histogram([1], 1), /one more than there are bounds/],
  ];
  for (const [collect, reason] of cases) {
    const reported: unknown[] = [];
    expose({ descs: [], collect }, openMetrics, {
      observer: { failed: (_, error) => void reported.push(error) },
    });
    assert.match(String(reported[0]), reason);
  }
});

test("expose() writes the first of two families that write the same name", () => {
  const counter = familyDesc({ name: "a_total", type: "counter", help: "A." });
  const first: Source = {
    descs: [counter],
    collect(sink) {
      sink.family(counter);
      sink.number(Labels.NONE, 1, 0);
    },
  };
  const reported: unknown[] = [];
  const body = expose(whole([first, gauge("a")]), openMetrics, {
    observer: { failed: (_, error) => void reported.push(error) },
  });
  assert.equal(
    text(body),
    "# TYPE a counter\n# HELP a A.\na_total 1\n# EOF\n",
  );
  assert.match(String(reported[0]), /counter "a_total" already writes "a"/);
});
