import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { familyDesc } from "../../src/model/mod.ts";
import { loose, namesOf, rowsOf, setUp } from "./fixtures.ts";

const help = "Help.";
const dotted = { name: "http.requests_total", help } as const;

test("createRegistry() accepts classic names only, by default", () => {
  const { registry } = setUp();
  assert.throws(() => registry.counter(dotted), {
    name: "RangeError",
    message: 'Cannot declare counter "http.requests_total": a name must be ' +
      'letters, digits and "_", and not begin with a digit or "_"; try ' +
      '"http_requests_total", or declare with names: "utf-8"',
  });
  const { registry: utf8 } = setUp({ names: "utf-8" });
  utf8.counter({ ...dotted, labels: ["http.route"] })
    .with({ "http.route": "/" }).inc();
  assert.deepEqual(rowsOf(utf8, "http.requests_total"), [["/", 1]]);
});

test("Registry.scope() can change the rule for names, also for inner scopes", () => {
  const { registry } = setUp();
  const scope = registry.scope({
    names: "utf-8",
    labels: { "cloud.zone": "a" },
  });
  scope.counter(dotted).inc();
  scope.scope({ prefix: "a." }).gauge({ name: "b", help }).set(1);
  assert.throws(() => registry.gauge({ name: "c.d", help }), RangeError);
  assert.throws(
    () => scope.scope({ names: "classic" }).gauge({ name: "c.d", help }),
    RangeError,
  );
  assert.deepEqual(namesOf(registry), ["http.requests_total", "a.b"]);
});

test("Registry refuses a family whose escaped name equals another's", () => {
  const { registry } = setUp({ names: "utf-8" });
  registry.gauge({ name: "a.b", help });
  for (const name of ["a_b", "a-b", "a_dot_b", "U__a_2e_b"]) {
    assert.throws(() => registry.gauge({ name, help }), {
      name: "FamilyConflictError",
    });
  }
  registry.unregister("a.b");
  registry.gauge({ name: "a_b", help });
});

test("Registry.add() refuses a source whose escaped name equals another's", () => {
  const { registry } = setUp();
  const desc = familyDesc({ name: "a.b", type: "gauge", help }, "utf-8");
  const source = { descs: [desc], collect: () => {} };
  registry.gauge({ name: "a_b", help });
  assert.throws(() => registry.add(source), { name: "FamilyConflictError" });
  registry.unregister("a_b");
  registry.add(source);
});

test("createRegistry() and Registry.scope() refuse an unknown rule for names", () => {
  const names = "ascii" as never;
  const message = /names is "ascii"; give "classic" or "utf-8"/;
  assert.throws(() => createRegistry({ names }), message);
  assert.throws(() => createRegistry().scope({ names }), message);
  assert.throws(
    () => loose(createRegistry())["scope"]!({ names: null }),
    /names is null/,
  );
});
