import assert from "node:assert/strict";
import { test } from "node:test";
import { onSettled } from "../../src/base/internal.ts";

type Report = readonly [failed: boolean, outcome: unknown];
type Call = (value: unknown) => unknown;

function follow<T>(work: () => T): { reports: Report[]; result: () => T } {
  const reports: Report[] = [];
  return {
    reports,
    result: () => onSettled(work, (...end) => void reports.push(end)),
  };
}

test("onSettled() reports synchronous results and errors, and passes them on", () => {
  const boom = new Error("boom");
  for (const value of [42, undefined, null, "", { then: 7 }]) {
    const { reports, result } = follow(() => value);
    assert.equal(result(), value);
    assert.deepEqual(reports, [[false, value]]);
  }
  const { reports, result } = follow(() => {
    throw boom;
  });
  assert.throws(result, boom);
  assert.deepEqual(reports, [[true, boom]]);
});

test("onSettled() reports the end of a promise once", async () => {
  const boom = new Error("boom");
  const good = follow(() => Promise.resolve(42));
  const waiting = good.result();
  assert.deepEqual(good.reports, []);
  assert.equal(await waiting, 42);
  assert.deepEqual(good.reports, [[false, 42]]);
  const bad = follow(() => Promise.reject(boom));
  await assert.rejects(bad.result(), boom);
  assert.deepEqual(bad.reports, [[true, boom]]);
});

test("onSettled() waits for any thenable", async () => {
  const { reports, result } = follow((): PromiseLike<number> => ({
    then: (done) => Promise.resolve(7).then(done),
  }));
  assert.equal(await result(), 7);
  assert.deepEqual(reports, [[false, 7]]);
});

test("onSettled() reports a malformed thenable once, as `await` sees it", async () => {
  const cases: readonly [(ok: Call, no: Call) => void, Report][] = [
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
    const { reports, result } = follow(() =>
      ({ then }) as PromiseLike<unknown>
    );
    const [failed, outcome] = await result().then(
      (value): Report => [false, value],
      (error): Report => [true, error],
    );
    assert.deepEqual([failed, outcome], end);
    assert.deepEqual(reports, [end]);
  }
});

test("onSettled() passes a rejection on unchanged", async () => {
  for (const reason of [undefined, null, 0, "words", { code: 7 }]) {
    const { reports, result } = follow(() => Promise.reject(reason));
    const seen = await result().then(() => assert.fail(), (error) => error);
    assert.equal(seen, reason);
    assert.deepEqual(reports, [[true, reason]]);
  }
});
