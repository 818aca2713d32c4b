import assert from "node:assert/strict";
import { test } from "node:test";
import { type Authorize, metricsHandler } from "../../src/http/mod.ts";
import { get, registryOf } from "./fixtures.ts";

function asked(authorize: Authorize, method = "GET"): Promise<Response> {
  return metricsHandler(registryOf(), { authorize })(get({}, method));
}

test("who is let in gets the metrics, whether at once or later", async () => {
  assert.equal((await asked(() => true)).status, 200);
  assert.equal((await asked(() => Promise.resolve(true))).status, 200);
});

test("who is not let in is asked for a token, and sees no metric", async () => {
  for (const verdict of [false, Promise.resolve(false)]) {
    const response = await asked(() => verdict);
    assert.equal(response.status, 401);
    assert.equal(
      response.headers.get("www-authenticate"),
      'Bearer realm="metrics"',
    );
    assert.equal(await response.text(), "unauthorized\n");
  }
});

test("a response of the hook is given as it is", async () => {
  const own = new Response("not here", { status: 403 });
  assert.equal(await asked(() => own), own);
});

test("a hook that throws or rejects lets nobody in and leaks nothing", async () => {
  const hooks: readonly Authorize[] = [
    () => {
      throw new Error("secret");
    },
    () => Promise.reject(new Error("secret")),
  ];
  for (const hook of hooks) {
    const response = await asked(hook);
    assert.equal(response.status, 401);
    assert.doesNotMatch(await response.text(), /secret/);
  }
});

test("only true lets in, not what is merely true enough", async () => {
  for (const verdict of ["yes", 1, {}, undefined, null]) {
    const response = await asked(() => verdict as unknown as boolean);
    assert.equal(response.status, 401, `${verdict}`);
  }
});

test("the hook is asked whatever the method, with the request itself", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "POST"]) {
    const seen: Request[] = [];
    const request = get({ authorization: "Bearer abc" }, method);
    const handler = metricsHandler(registryOf(), {
      authorize: (one) => {
        seen.push(one);
        return false;
      },
    });
    assert.equal((await handler(request)).status, 401);
    assert.deepEqual(seen, [request]);
  }
});

test("nothing is collected for who is not let in", async () => {
  let collected = 0;
  const source = { descs: [], collect: () => void collected++ };
  await metricsHandler(source, { authorize: () => false })(get());
  assert.equal(collected, 0);
});
