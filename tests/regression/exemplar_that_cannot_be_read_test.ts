// Recording must not throw. With exemplar labels that had a throwing getter, it
// threw into the measured request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf, rejectionsOf, setUp } from "../metrics/fixtures.ts";

test("an unreadable exemplar is dropped and the value is recorded", () => {
  const { registry } = setUp();
  const counter = registry.counter({ name: "x_total", help: "X." });
  const revoked = Proxy.revocable<Record<string, string>>({}, {});
  revoked.revoke();
  counter.inc(1, {
    get trace_id(): string {
      throw new Error("the span has ended");
    },
  });
  counter.inc(1, revoked.proxy);
  assert.equal(counter.value, 2);
  assert.deepEqual(rejectionsOf(registry), { exemplar: 2 });
  assert.equal(familyOf(registry, "x_total")!.exemplars.size, 0);
});
