import assert from "node:assert/strict";
import { test } from "node:test";
import { onSettled } from "../../src/base/internal.ts";

type Told = readonly [failed: boolean, outcome: unknown];
type Call = (value: unknown) => unknown;

function follow<T>(work: () => T): { told: Told[]; result: () => T } {
  const told: Told[] = [];
  return {
    told,
    result: () => onSettled(work, (...end) => void told.push(end)),
  };
}

test("what is done at once is told at once, and returned or thrown", () => {
  const boom = new Error("boom");
  for (const value of [42, undefined, null, "", { then: 7 }]) {
    const { told, result } = follow(() => value);
    assert.equal(result(), value);
    assert.deepEqual(told, [[false, value]]);
  }
  const { told, result } = follow(() => {
    throw boom;
  });
  assert.throws(result, boom);
  assert.deepEqual(told, [[true, boom]]);
});

test("a promise is followed to its end, and told of once", async () => {
  const boom = new Error("boom");
  const good = follow(() => Promise.resolve(42));
  const waiting = good.result();
  assert.deepEqual(good.told, []);
  assert.equal(await waiting, 42);
  assert.deepEqual(good.told, [[false, 42]]);
  const bad = follow(() => Promise.reject(boom));
  await assert.rejects(bad.result(), boom);
  assert.deepEqual(bad.told, [[true, boom]]);
});

test("whatever has a `then` is waited for", async () => {
  const { told, result } = follow((): PromiseLike<number> => ({
    then: (done) => Promise.resolve(7).then(done),
  }));
  assert.equal(await result(), 7);
  assert.deepEqual(told, [[false, 7]]);
});

test("what has a `then` but is no promise ends once, as `await` sees it", async () => {
  const cases: readonly [(ok: Call, no: Call) => void, Told][] = [
    [(ok) => void ok(7), [false, 7]], // returns nothing, as many do
    [(ok) => void ok(Promise.resolve(7)), [false, 7]],
    [(ok, no) => [ok(7), no(8), ok(9)], [false, 7]],
    [(_, no) => void no("no"), [true, "no"]],
    [() => {
      throw "thrown";
    }, [true, "thrown"]],
    [(ok) => {
      ok(7);
      throw "late";
    }, [false, 7]],
  ];
  for (const [then, end] of cases) {
    const { told, result } = follow(() => ({ then }) as PromiseLike<unknown>);
    const [failed, outcome] = await result().then(
      (value): Told => [false, value],
      (error): Told => [true, error],
    );
    assert.deepEqual([failed, outcome], end);
    assert.deepEqual(told, [end]);
  }
});

test("a rejection reaches the caller as it is", async () => {
  for (const reason of [undefined, null, 0, "words", { code: 7 }]) {
    const { told, result } = follow(() => Promise.reject(reason));
    const seen = await result().then(() => assert.fail(), (error) => error);
    assert.equal(seen, reason);
    assert.deepEqual(told, [[true, reason]]);
  }
});
