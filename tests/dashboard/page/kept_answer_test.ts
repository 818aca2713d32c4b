import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptAnswer } from "../../../page/parts/kept_answer.ts";

test("KeptAnswer asks again for another path and for another run", async () => {
  const asked: string[] = [];
  const api = {
    get: <T>(path: string) => {
      asked.push(path);
      return Promise.resolve(`answer ${asked.length}` as T);
    },
  };
  let come = 0;
  const kept = new KeptAnswer<string>(
    { api },
    300,
    () => come++,
  );
  const answered = async () => {
    const before = come;
    while (come === before) await Promise.resolve();
  };

  assert.equal(kept.read("a", "1"), null);
  await answered();
  assert.equal(kept.read("a", "1"), "answer 1");
  assert.equal(kept.read("a", "2"), null, "the program has restarted");
  await answered();
  assert.equal(kept.read("a", "2"), "answer 2");
  assert.equal(kept.read("b", "2"), null);
  await answered();
  assert.equal(kept.read("b", "2"), "answer 3");
  assert.deepEqual(asked, ["a", "a", "b"]);
});
