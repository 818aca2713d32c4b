/**
 * Names are compared when a family is declared or added to a registry. An
 * exposition compares only the names of families that are in no registry, or in
 * different ones.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type Source,
} from "../../src/model/mod.ts";

function gaugeDesc(name: string): FamilyDesc {
  return familyDesc({ name, type: "gauge", help: "Help." });
}

/** Returns a part that lists `descs` and writes the families `written`. */
function partOf(
  written: readonly FamilyDesc[],
  descs: readonly FamilyDesc[] = written,
): Source {
  return {
    descs,
    collect(sink) {
      written.forEach((desc, i) => {
        if (sink.family(desc)) sink.number(Labels.NONE, i, 0);
      });
    },
  };
}

function registryOf(...names: readonly string[]): Registry {
  const registry = createRegistry({ selfMetrics: false });
  for (const name of names) registry.gauge({ name, help: "Help." }).set(1);
  return registry;
}

/** Returns the samples of an exposition, and the errors of failed parts. */
function exposed(...parts: readonly Source[]) {
  const errors: string[] = [];
  const whole: Source = { descs: [], parts, collect() {} };
  const body = expose(whole, prometheusText, {
    observer: { failed: (_, error) => void errors.push(String(error)) },
  });
  const lines = new TextDecoder().decode(body).split("\n");
  return {
    samples: lines.filter((line) => line !== "" && !line.startsWith("#")),
    errors,
  };
}

test("expose() leaves out a raw part that clashes with a registry", () => {
  const { samples, errors } = exposed(
    ...registryOf("a", "b").parts!,
    partOf([gaugeDesc("b")]),
    partOf([gaugeDesc("c")]),
  );
  assert.deepEqual(samples, ["a 1", "b 1", "c 0"]);
  assert.match(errors.join(), /gauge "b" already writes "b"/);
});

test("expose() leaves out a registry's part that clashes with a raw part before it", () => {
  const { samples, errors } = exposed(
    partOf([gaugeDesc("b")]),
    ...registryOf("a", "b").parts!,
  );
  assert.deepEqual(samples, ["b 0", "a 1"]);
  assert.equal(errors.length, 1);
});

test("expose() leaves out a part that clashes with another registry's", () => {
  const { samples, errors } = exposed(
    ...registryOf("a", "b").parts!,
    ...registryOf("b", "c").parts!,
  );
  assert.deepEqual(samples, ["a 1", "b 1", "c 1"]);
  assert.equal(errors.length, 1);
});

test("expose() leaves out an added source that writes its family twice", () => {
  const registry = registryOf("a");
  const desc = gaugeDesc("twice");
  registry.add(partOf([desc, desc], [desc]));
  const { samples, errors } = exposed(...registry.parts!);
  assert.deepEqual(samples, ["a 1"]);
  assert.match(errors.join(), /"twice" already writes "twice"/);
});

test("expose() leaves out an added source that writes the family of another part", () => {
  const registry = registryOf("a");
  registry.add(partOf([gaugeDesc("b"), gaugeDesc("a")], [gaugeDesc("b")]));
  const { samples, errors } = exposed(...registry.parts!);
  assert.deepEqual(samples, ["a 1"]);
  assert.match(errors.join(), /"a" already writes "a"/);
});

test("expose() compares an unregistered family with its successor", () => {
  const registry = registryOf("a");
  const [stale] = [...registry.parts!];
  registry.unregister("a");
  registry.gauge({ name: "a", help: "Help." }).set(2);
  const { samples, errors } = exposed(...registry.parts!, stale!);
  assert.deepEqual(samples, ["a 2"]);
  assert.equal(errors.length, 1);
});

test("expose() frees the names of a part that was rolled back", () => {
  const desc = gaugeDesc("b");
  const throwing: Source = {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      throw new Error("broken");
    },
  };
  const { samples, errors } = exposed(
    ...registryOf("a").parts!,
    throwing,
    partOf([gaugeDesc("b"), gaugeDesc("c")]),
    partOf([gaugeDesc("c")]),
  );
  assert.deepEqual(samples, ["a 1", "b 0", "c 1"]);
  assert.deepEqual(errors.length, 2);
});

test("expose() refuses a raw description with an illegal name each time", () => {
  const raw = { ...gaugeDesc("a"), name: "" };
  for (let i = 0; i < 2; i++) {
    const { samples, errors } = exposed(
      partOf([raw]),
      partOf([gaugeDesc("b")]),
    );
    assert.deepEqual(samples, ["b 0"]);
    assert.match(errors.join(), /a name must be/);
  }
});
