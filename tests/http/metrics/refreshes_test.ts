import assert from "node:assert/strict";
import { test } from "node:test";
import { Refreshes } from "../../../src/http/metrics/refreshes.ts";
import type { Source } from "../../../src/model/mod.ts";
import { gaugeSource, settled } from "../fixtures.ts";

/** A part whose refreshes a test resolves. */
function gatedPart() {
  const calls: (PromiseWithResolvers<void> & { signal: AbortSignal })[] = [];
  const part: Source = {
    ...gaugeSource("gated", () => 1),
    refresh(signal) {
      const call = { ...Promise.withResolvers<void>(), signal };
      calls.push(call);
      return call.promise;
    },
  };
  return { part, calls };
}

test("Refreshes.wait() shares the refresh of a part among all that wait for it", async () => {
  const { part, calls } = gatedPart();
  const refreshes = new Refreshes();
  const { signal } = new AbortController();
  const waiting = [1, 2, 3].map(() => refreshes.wait([part], signal));
  await settled();
  assert.equal(calls.length, 1);
  calls[0]!.resolve();
  for (const failed of await Promise.all(waiting)) {
    assert.equal(failed.size, 0);
  }
  refreshes.wait([part], signal);
  assert.equal(calls.length, 2, "a later scrape refreshes again");
});

test("Refreshes.wait() does not abort a refresh that has ended", async () => {
  const { part, calls } = gatedPart();
  const refreshes = new Refreshes();
  const stop = new AbortController();
  const waiting = refreshes.wait([part], stop.signal);
  calls[0]!.resolve();
  await waiting;
  stop.abort();
  assert.equal(calls[0]!.signal.aborted, false);
});

test("Refreshes.wait() aborts a refresh when no scrape waits for it any more", async () => {
  const { part, calls } = gatedPart();
  const refreshes = new Refreshes();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [first, second].map(({ signal }) =>
    refreshes.wait([part], signal)
  );
  first.abort(new Error("first is late"));
  assert.match(String((await waiting[0]!).get(part)), /first is late/);
  assert.equal(calls[0]!.signal.aborted, false);
  second.abort(new Error("second is late"));
  assert.match(String((await waiting[1]!).get(part)), /second is late/);
  assert.match(String(calls[0]!.signal.reason), /second is late/);
  refreshes.wait([part], new AbortController().signal);
  assert.equal(calls.length, 2, "the aborted refresh is not joined");
});

test("Refreshes.wait() returns the parts that throw or reject, with their errors", async () => {
  const parts: Source[] = [
    {
      ...gaugeSource("throws", () => 1),
      refresh: () => {
        throw new Error("thrown");
      },
    },
    {
      ...gaugeSource("rejects", () => 1),
      refresh: () => Promise.reject(new Error("rejected")),
    },
    { ...gaugeSource("fine", () => 1), refresh: () => Promise.resolve() },
    gaugeSource("synchronous", () => 1),
  ];
  const { signal } = new AbortController();
  const failed = await new Refreshes().wait(parts, signal);
  assert.deepEqual([...failed.keys()], parts.slice(0, 2));
  assert.deepEqual([...failed.values()].map(String), [
    "Error: thrown",
    "Error: rejected",
  ]);
});
