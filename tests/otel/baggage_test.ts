/** OpenTelemetry's API: baggage of both sides is the same. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  baggageEntryMetadataFromString,
  context,
  propagation,
  ROOT_CONTEXT,
} from "@opentelemetry/api";
import * as fc from "../support/property.ts";
import { activeBaggage, inject, withBaggage } from "../../src/trace/mod.ts";
import { traced } from "../trace/fixtures.ts";
import { foreignContexts, injected, register, unregister } from "./api.ts";

afterEach(unregister);

test("baggage of the API and of this module is the same", () => {
  const { tracer } = traced();
  register(tracer);
  const metadata = baggageEntryMetadataFromString("ttl=3;once");
  const red = propagation.createBaggage({
    tenant: { value: "red", metadata },
    bad: { value: 7 as unknown as string },
  });
  context.with(propagation.setBaggage(context.active(), red), () => {
    assert.deepEqual([...activeBaggage()], [
      ["tenant", { value: "red", properties: ";ttl=3;once" }],
    ]);
    const headers = new Headers();
    inject(headers);
    assert.equal(headers.get("baggage"), "tenant=red;ttl=3;once");
    withBaggage({ user: "7" }, () => {
      const both = propagation.getActiveBaggage()!;
      assert.deepEqual(
        both.getAllEntries().map(([name, { value }]) => [name, value]),
        [["tenant", "red"], ["user", "7"]],
      );
      assert.equal(String(both.getEntry("tenant")?.metadata), "ttl=3;once");
      assert.equal(both.getEntry("missing"), undefined);
      const changed = both.setEntry("a", { value: "b" }).removeEntry("tenant");
      const next = propagation.setBaggage(context.active(), changed);
      context.with(next, () => {
        assert.deepEqual([...activeBaggage().keys()], ["user", "a"]);
      });
      assert.deepEqual(both.clear().getAllEntries(), []);
      const none = both.removeEntries("tenant", "user");
      assert.deepEqual(none.getAllEntries(), []);
      const without = propagation.deleteBaggage(context.active());
      context.with(without, () => {
        assert.equal(activeBaggage().size, 0);
        assert.equal(propagation.getActiveBaggage(), undefined);
      });
    });
  });
  assert.equal(propagation.getActiveBaggage(), undefined);
});

test("law: baggage survives the way to the API and back", () => {
  register(traced().tracer);
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.string({ unit: "binary" })),
      (entries) => {
        withBaggage(entries, () => {
          const ours = activeBaggage();
          const seen = propagation.getActiveBaggage();
          const expected = Object.entries(entries);
          assert.deepEqual(
            seen?.getAllEntries().map(([name, { value }]) => [name, value]) ??
              [],
            expected,
          );
          context.with(context.active(), () => {
            assert.equal(activeBaggage(), ours);
          });
          const copied = propagation.createBaggage(
            Object.fromEntries(seen?.getAllEntries() ?? []),
          );
          context.with(propagation.setBaggage(ROOT_CONTEXT, copied), () => {
            assert.deepEqual(
              [...activeBaggage()].map(([name, { value }]) => [name, value]),
              expected,
            );
          });
        });
      },
    ),
  );
});

test("broken baggage of the API is ignored", () => {
  register(traced().tracer);
  for (const broken of [42, {}, { getAllEntries: () => [null] }, null]) {
    context.with(propagation.setBaggage(ROOT_CONTEXT, broken as never), () => {
      assert.equal(activeBaggage().size, 0);
      assert.deepEqual(injected(), {});
    });
    // Empty baggage of this module is not the broken one.
    withBaggage({ user: "7" }, () => {
      const seen = propagation.getActiveBaggage()!.clear();
      assert.deepEqual(seen.getAllEntries(), []);
    });
  }
});

test("baggage in another context manager is sent", () => {
  const { tracer } = traced();
  register(tracer, foreignContexts());
  const red = propagation.createBaggage({ tenant: { value: "red" } });
  context.with(propagation.setBaggage(ROOT_CONTEXT, red), () => {
    const headers = new Headers();
    inject(headers);
    assert.equal(headers.get("baggage"), "tenant=red");
    withBaggage({ user: "7" }, () => {
      assert.deepEqual([...activeBaggage().keys()], ["tenant", "user"]);
    });
  });
});
