// A source could change its description after `add`: the checks of its names
// were remembered by object. It then wrote a name of another family a second
// time, or a name in UTF-8 into a format that has none.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  expose,
  type Format,
  prometheusText,
} from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { FamilyDesc, Source } from "../../src/model/mod.ts";

type Mutable = { -readonly [K in keyof FamilyDesc]: FamilyDesc[K] };

/** Returns a registry of "other" and an added source, and its description. */
function world() {
  const registry = createRegistry({ selfMetrics: false });
  const desc: Mutable = {
    name: "mine",
    type: "gauge",
    help: "Mine.",
    unit: "",
    labelNames: ["k"],
    merge: "sum",
  };
  const source: Source = {
    descs: [desc],
    collect(sink) {
      if (!sink.family(desc)) return;
      const names = desc.labelNames;
      sink.number({ names, value: () => "v" }, 1, 0);
    },
  };
  registry.gauge({ name: "other", help: "Other." }).set(2);
  registry.add(source);
  const failed: string[] = [];
  const read = (format: Format = prometheusText): string => {
    failed.length = 0;
    const observer = {
      failed: (_part: Source, error: unknown) => failed.push(String(error)),
    };
    const body = expose(registry, format, { observer });
    return new TextDecoder().decode(body);
  };
  return { desc, failed, read };
}

test("a description that takes another name fails its source only", () => {
  const { desc, failed, read } = world();
  assert.match(read(), /^mine\{k="v"\} 1$/m);
  desc.name = "other";
  for (const format of allFormats()) {
    read(format);
    assert.match(failed.join("\n"), /^FamilyConflictError: .*"other"/);
  }
  assert.equal(read().match(/# TYPE other/g)?.length, 1);
  desc.name = "mine";
  assert.match(read(), /^mine\{k="v"\} 1$/m);
  assert.deepEqual(failed, []);
});

test("a description that takes a name in UTF-8 is escaped", () => {
  const { desc, read } = world();
  read();
  desc.name = "b.c";
  assert.match(read(), /^b_c\{k="v"\} 1$/m);
  assert.doesNotMatch(read(), /b\.c/);
});

const CHANGES: readonly [string, (desc: Mutable) => void][] = [
  ["an illegal name", (desc) => desc.name = "__x"],
  ["no help", (desc) => desc.help = ""],
  ["a unit that the name lacks", (desc) => desc.unit = "seconds"],
  ["another type", (desc) => desc.type = "counter"],
  ["an illegal label", (desc) => desc.labelNames = ["__k"]],
  ["a label in place", ({ labelNames }) => {
    (labelNames as string[])[0] = "__k";
  }],
];

for (const [title, change] of CHANGES) {
  test(`a description that gets ${title} after add() fails its source`, () => {
    const { desc, failed, read } = world();
    read();
    change(desc);
    const body = read();
    assert.match(failed.join("\n"), /^RangeError: Cannot declare/);
    assert.match(body, /^other 2$/m);
    assert.doesNotMatch(body, /# TYPE (?!other)/);
  });
}
