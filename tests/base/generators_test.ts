/** Generators as results of measured work: they end when they are read. */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { onSettled } from "../../src/base/internal.ts";
import * as fc from "../support/property.ts";

type Report = readonly [failed: boolean, outcome: unknown];

function follow<T>(work: () => T): { reports: Report[]; result: T } {
  const reports: Report[] = [];
  const result = onSettled(work, (...end) => void reports.push(end));
  return { reports, result };
}

const boom = new Error("boom");

async function* numbers(
  last: () => unknown = () => "result",
): AsyncGenerator<number, unknown> {
  yield 1;
  yield 2;
  return await last();
}

function* numbersAtOnce(): Generator<number, string> {
  yield 1;
  yield 2;
  return "result";
}

test("onSettled() reports the end of an asynchronous generator once, when it is read", async () => {
  const made = numbers();
  const { reports, result } = follow(() => made);
  assert.equal(result, made);
  const read: number[] = [];
  for await (const one of result) {
    assert.deepEqual(reports, []);
    read.push(one);
  }
  assert.deepEqual(read, [1, 2]);
  assert.deepEqual(reports, [[false, "result"]]);
  await result.next();
  await result.return(7);
  assert.equal(reports.length, 1);
});

test("onSettled() reports the end of a generator that a promise resolves to", async () => {
  const { reports, result } = follow(() => Promise.resolve(numbers()));
  const generator = await result;
  assert.deepEqual(reports, []);
  assert.deepEqual(await Array.fromAsync(generator), [1, 2]);
  assert.deepEqual(reports, [[false, "result"]]);
});

test("onSettled() reports the end of a synchronous generator", () => {
  const { reports, result } = follow(() => numbersAtOnce());
  const [first] = [result.next()];
  assert.deepEqual(first, { done: false, value: 1 });
  assert.deepEqual(reports, []);
  assert.deepEqual([...result], [2]);
  assert.deepEqual(reports, [[false, "result"]]);
});

test("onSettled() reports the error of a generator and passes it on", async () => {
  const { reports, result } = follow(() =>
    numbers(() => {
      throw boom;
    })
  );
  await assert.rejects(Array.fromAsync(result), boom);
  assert.deepEqual(reports, [[true, boom]]);
});

test("onSettled() reports that the reader of a generator has stopped", async () => {
  const left = follow(() => numbers());
  for await (const _ of left.result) break;
  assert.deepEqual(left.reports, [[false, undefined]]);
  const unread = follow(() => numbers());
  assert.deepEqual(await unread.result.return(7), { done: true, value: 7 });
  assert.deepEqual(unread.reports, [[false, 7]]);
  const thrown = follow(() => numbers());
  await assert.rejects(thrown.result.throw(boom), boom);
  assert.deepEqual(thrown.reports, [[true, boom]]);
  const disposed = follow(() => numbersAtOnce());
  disposed.result.next();
  disposed.result.return("early");
  assert.deepEqual(disposed.reports, [[false, "early"]]);
});

test("onSettled() waits for a generator that yields after its reader has stopped", async () => {
  async function* stubborn() {
    try {
      yield 1;
    } finally {
      yield 2;
    }
  }
  const { reports, result } = follow(() => stubborn());
  await result.next();
  assert.deepEqual(await result.return(undefined), { done: false, value: 2 });
  assert.deepEqual(reports, []);
  await result.next();
  assert.deepEqual(reports, [[false, undefined]]);
});

test("onSettled() runs each part of a generator within the context of the work", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  async function* body() {
    try {
      seen.push(storage.getStore());
      yield 1;
      await Promise.resolve();
      seen.push(storage.getStore());
      yield 2;
    } finally {
      seen.push(storage.getStore());
    }
  }
  const result = onSettled(
    () => body(),
    () => {},
    (part) => storage.run("work", part),
  );
  await storage.run("reader", async () => {
    for await (const one of result) {
      assert.equal(storage.getStore(), "reader");
      if (one === 2) break;
    }
  });
  assert.deepEqual(seen, ["work", "work", "work"]);
});

test("onSettled() takes other results with a method next() as they are", () => {
  const results = [
    [1].values(),
    new Map([[1, 2]]).entries(),
    { next: () => Promise.resolve(null), [Symbol.asyncIterator]: numbers },
    {
      get next(): never {
        throw boom;
      },
    },
    Object.freeze(numbers()),
    new Response("a stream of bytes"),
  ];
  for (const value of results) {
    const { reports, result } = follow(() => value);
    assert.equal(result, value);
    assert.deepEqual(reports, [[false, value]]);
  }
});

test("law: a measured generator acts as an unmeasured one and ends once", async () => {
  type Step = "next" | "return" | "throw";
  const steps = fc.array(
    fc.constantFrom<Step>("next", "next", "return", "throw"),
  );
  const bodies = [
    numbers,
    () =>
      numbers(() => {
        throw boom;
      }),
    async function* () {
      for (;;) {
        try {
          yield 1;
        } catch {
          yield 2;
          return 3;
        }
      }
    },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bodies),
      steps,
      async (body, steps) => {
        const play = async (generator: AsyncGenerator<number, unknown>) => {
          const results: unknown[] = [];
          for (const step of steps) {
            const given = step === "throw" ? boom : 7;
            const one = generator[step](given as never);
            results.push(await one.catch((error: unknown) => ({ error })));
          }
          return results;
        };
        const plain = await play(body());
        const { reports, result } = follow(() => body());
        assert.deepEqual(await play(result), plain);
        const hasEnded = plain.some((one) =>
          (one as IteratorResult<unknown>).done !== false
        );
        assert.equal(reports.length, hasEnded ? 1 : 0);
      },
    ),
  );
});
