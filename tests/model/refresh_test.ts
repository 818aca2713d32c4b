import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/model/mod.ts";
import {
  type ObservedSource,
  OBSERVER,
  refreshParts,
} from "../../src/model/internal.ts";
import { descOf, numberSource, turn, wholeOf } from "./fixtures.ts";

/** Returns a part with this refresh step. */
function partOf(refresh: (signal: AbortSignal) => Promise<void>): Source {
  return { descs: [descOf("gauge", "x")], refresh, collect(): void {} };
}

const never = (): Promise<void> => new Promise(() => {});
const live = (): AbortSignal => new AbortController().signal;

/** Returns the controller of a signal that counts its listeners. */
function watchedSignal(): {
  readonly controller: AbortController;
  readonly listeners: () => number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const present = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener =
    ((type: "abort", listener: () => void, o: never) => {
      present.add(listener);
      addEventListener.call(signal, type, listener, o);
    }) as typeof signal.addEventListener;
  signal.removeEventListener = ((type: "abort", listener: () => void) => {
    present.delete(listener);
    removeEventListener.call(signal, type, listener);
  }) as typeof signal.removeEventListener;
  return { controller, listeners: () => present.size };
}

test("refreshParts() refreshes all parts in parallel", async () => {
  const order: string[] = [];
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => release = resolve);
  const slow = partOf(async () => {
    order.push("slow begins");
    await gate;
    order.push("slow ends");
  });
  const quick = partOf(() => {
    order.push("quick");
    release(); // would wait forever if parts were refreshed one by one
    return Promise.resolve();
  });
  const failed = await refreshParts(wholeOf(slow, quick), live());
  assert.deepEqual(order, ["slow begins", "quick", "slow ends"]);
  assert.equal(failed.size, 0);
});

test("refreshParts() returns the parts that failed", async () => {
  const broken = partOf(() => Promise.reject(new Error("no answer")));
  const throwing = partOf(() => {
    throw new Error("at once");
  });
  const fine = partOf(() => Promise.resolve());
  const reported: [Source, string][] = [];
  const failed = await refreshParts(
    wholeOf(broken, fine, throwing),
    live(),
    {
      failed: (part, error) =>
        void reported.push([part, (error as Error).message]),
    },
  );
  assert.deepEqual(failed, new Set([broken, throwing]));
  const texts = new Map(reported);
  assert.equal(texts.get(broken), "no answer");
  assert.equal(texts.get(throwing), "at once");
});

test("refreshParts() leaves a late part out when the signal aborts", async () => {
  const controller = new AbortController();
  const late = partOf(never);
  const fine = partOf(() => Promise.resolve());
  const reasons: unknown[] = [];
  const done = refreshParts(
    wholeOf(late, fine),
    controller.signal,
    { failed: (_, error) => void reasons.push(error) },
  );
  const reason = new Error("deadline");
  await turn(); // the other part is refreshed now
  controller.abort(reason);
  assert.deepEqual(await done, new Set([late]));
  assert.deepEqual(reasons, [reason]);
});

test("refreshParts() does not wait if the signal is aborted", async () => {
  const late = partOf(never);
  const failed = await refreshParts(late, AbortSignal.abort());
  assert.deepEqual(failed, new Set([late]));
});

test("refreshParts() passes its signal to the parts", async () => {
  const signal = live();
  let seen: AbortSignal | undefined;
  await refreshParts(
    partOf((passed) => {
      seen = passed;
      return Promise.resolve();
    }),
    signal,
  );
  assert.equal(seen, signal);
});

test("refreshParts() notifies the observer of the whole", async () => {
  const broken = partOf(() => Promise.reject(new Error("x")));
  const reported: Source[] = [];
  const whole: ObservedSource = {
    ...wholeOf(broken),
    [OBSERVER]: { failed: (part) => void reported.push(part) },
  };
  await refreshParts(whole, live());
  assert.deepEqual(reported, [broken]);
});

test("refreshParts() leaves no listener on its signal", async () => {
  const { controller, listeners } = watchedSignal();
  await refreshParts(
    wholeOf(
      partOf(() => Promise.resolve()),
      partOf(() => Promise.reject(new Error("x"))),
    ),
    controller.signal,
  );
  await Promise.resolve(); // listeners are removed one microtask later
  assert.equal(listeners(), 0);
});

test("refreshParts() resolves despite an aborted signal if no part has a refresh step", async () => {
  const plain = numberSource(descOf("gauge", "a"), 1);
  assert.equal((await refreshParts(plain, AbortSignal.abort())).size, 0);
});

test("refreshParts() handles the rejection of a part after the deadline", async () => {
  const controller = new AbortController();
  let fail = (_: Error): void => {};
  const late = partOf(() => new Promise((_, reject) => fail = reject));
  const done = refreshParts(late, controller.signal);
  controller.abort();
  await done;
  fail(new Error("too late"));
  await turn(); // an unhandled rejection would be reported here
});
