/** Names are compared when a family is added, and again only if it was not. */
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

/** A part that writes each of `written`, and announces `descs`. */
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

/** The samples of an exposition, and the errors of the parts left out. */
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

test("a raw part that clashes with a registry is left out", () => {
  const { samples, errors } = exposed(
    ...registryOf("a", "b").parts!,
    partOf([gaugeDesc("b")]),
    partOf([gaugeDesc("c")]),
  );
  assert.deepEqual(samples, ["a 1", "b 1", "c 0"]);
  assert.match(errors.join(), /gauge "b" already writes "b"/);
});

test("a registry that clashes with a raw part before it is left out", () => {
  const { samples, errors } = exposed(
    partOf([gaugeDesc("b")]),
    ...registryOf("a", "b").parts!,
  );
  assert.deepEqual(samples, ["b 0", "a 1"]);
  assert.equal(errors.length, 1);
});

test("two registries that clash are compared with each other", () => {
  const { samples, errors } = exposed(
    ...registryOf("a", "b").parts!,
    ...registryOf("b", "c").parts!,
  );
  assert.deepEqual(samples, ["a 1", "b 1", "c 1"]);
  assert.equal(errors.length, 1);
});

test("an added source that writes its family twice is left out", () => {
  const registry = registryOf("a");
  const desc = gaugeDesc("twice");
  registry.add(partOf([desc, desc], [desc]));
  const { samples, errors } = exposed(...registry.parts!);
  assert.deepEqual(samples, ["a 1"]);
  assert.match(errors.join(), /"twice" already writes "twice"/);
});

test("an added source cannot write the family of another part", () => {
  const registry = registryOf("a");
  registry.add(partOf([gaugeDesc("b"), gaugeDesc("a")], [gaugeDesc("b")]));
  const { samples, errors } = exposed(...registry.parts!);
  assert.deepEqual(samples, ["a 1"]);
  assert.match(errors.join(), /"a" already writes "a"/);
});

test("a family that was unregistered is compared with its successor", () => {
  const registry = registryOf("a");
  const [stale] = [...registry.parts!];
  registry.unregister("a");
  registry.gauge({ name: "a", help: "Help." }).set(2);
  const { samples, errors } = exposed(...registry.parts!, stale!);
  assert.deepEqual(samples, ["a 2"]);
  assert.equal(errors.length, 1);
});

test("a part that was rolled back frees its names", () => {
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

test("a raw description with an illegal name is refused in each exposition", () => {
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
