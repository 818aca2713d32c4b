import assert from "node:assert/strict";
import { test } from "node:test";
import { type Authorize, bearer, metricsHandler } from "../../src/http/mod.ts";
import { methodResponse } from "../../src/http/internal.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { get, registryOf } from "./fixtures.ts";

function scrape(authorize: Authorize, method = "GET"): Promise<Response> {
  return metricsHandler(registryOf(), { authorize })(get({}, method));
}

test("authorize admits a request by returning or resolving to true", async () => {
  assert.equal((await scrape(() => true)).status, 200);
  assert.equal((await scrape(() => Promise.resolve(true))).status, 200);
});

test("authorize refuses a request by false: 401 with a challenge, without metrics", async () => {
  for (const verdict of [false, Promise.resolve(false)]) {
    const response = await scrape(() => verdict);
    assert.equal(response.status, 401);
    assert.equal(
      response.headers.get("www-authenticate"),
      'Bearer realm="metrics"',
    );
    assert.equal(await response.text(), "unauthorized\n");
  }
});

test("authorize can return a response, which is sent as it is", async () => {
  const headers = [["x-a", "1"], ["set-cookie", "b"], ["set-cookie", "c"]];
  const own = new Response("not here", {
    status: 403,
    statusText: "No",
    headers: headers as [string, string][],
  });
  const sent = await scrape(() => own);
  assert.deepEqual([sent.status, sent.statusText], [403, "No"]);
  assert.equal(sent.headers.get("x-a"), "1");
  assert.deepEqual(sent.headers.getSetCookie(), ["b", "c"]);
  assert.match(sent.headers.get("content-type") ?? "", /^text\/plain/);
  assert.equal(await sent.text(), "not here");
});

test("authorize can return the same response for every request", async () => {
  const used = new Response("read elsewhere", { status: 429 });
  await used.text();
  for (
    const [own, text] of [
      [new Response("not here", { status: 403 }), "not here"],
      [Response.redirect("https://login.example/"), ""],
      [new Response(null, { status: 204 }), ""],
      [Response.json({ a: 1 }, { status: 418 }), '{"a":1}'],
      [used, ""],
    ] as const
  ) {
    const answers = await Promise.all([1, 2, 3].map(() => scrape(() => own)));
    answers.push(await scrape(() => own));
    for (const answer of answers) {
      assert.equal(answer.status, own.status);
      assert.equal(await answer.text(), text);
      assert.equal(
        answer.headers.get("location"),
        own.headers.get("location"),
      );
    }
  }
  const failed = Response.error(); // has no status: it cannot be sent
  assert.equal((await scrape(() => failed)).status, 401);
});

test("authorize admits nobody after five seconds", async () => {
  const never = new Promise<never>(() => {});
  const endless = new Response(new ReadableStream({ pull: () => never }));
  let reject = (_error: Error): void => {};
  const late = new Promise<boolean>((_, fail) => reject = fail);
  for (const verdict of [never, endless, late]) {
    const timers = new FakeTimers();
    const handler = metricsHandler(registryOf(), {
      authorize: () => verdict as Promise<boolean>,
      prepare: false,
      timers,
    });
    const answer = handler(get());
    for (let i = 0; i < 10; i++) await Promise.resolve();
    timers.advance(5);
    assert.equal((await answer).status, 401);
    assert.equal(timers.pending, 0);
  }
  reject(new Error("late")); // no unhandled rejection
});

test("authorize admits nobody if it throws or rejects, and leaks nothing", async () => {
  const hooks: readonly Authorize[] = [
    () => {
      throw new Error("secret");
    },
    () => Promise.reject(new Error("secret")),
  ];
  for (const hook of hooks) {
    const response = await scrape(hook);
    assert.equal(response.status, 401);
    assert.doesNotMatch(await response.text(), /secret/);
  }
});

test("authorize admits nobody if it returns anything but true", async () => {
  for (const verdict of ["yes", 1, {}, undefined, null]) {
    const response = await scrape(() => verdict as unknown as boolean);
    assert.equal(response.status, 401, `${verdict}`);
  }
});

test("authorize is called for every method, with the request itself", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "POST"]) {
    const seen: Request[] = [];
    const request = get({ authorization: "Bearer abc" }, method);
    const handler = metricsHandler(registryOf(), {
      authorize: (received) => {
        seen.push(received);
        return false;
      },
    });
    assert.equal((await handler(request)).status, 401);
    assert.deepEqual(seen, [request]);
  }
});

test("a refused request collects nothing", async () => {
  let collected = 0;
  const source = { descs: [], collect: () => void collected++ };
  await metricsHandler(source, { authorize: () => false })(get());
  assert.equal(collected, 0);
});

async function statusOf(
  authorize: Authorize,
  authorization: string,
): Promise<number> {
  const handler = metricsHandler(registryOf(), { authorize });
  const response = await handler(get({ authorization }));
  await response.text();
  return response.status;
}

test("bearer() admits each of its tokens, and the scheme in any case", async () => {
  const authorize = bearer("first", "second", "third");
  for (
    const header of [
      "Bearer first",
      "Bearer second",
      "Bearer third",
      "bearer second",
      "BEARER   third",
    ]
  ) assert.equal(await statusOf(authorize, header), 200, header);
});

test("bearer() refuses every other header", async () => {
  const authorize = bearer("first", "second");
  for (
    const header of [
      "",
      "first",
      "Bearer",
      "Bearer ",
      "Bearer firs",
      "Bearer firstly",
      "Bearer First",
      "Bearer first second",
      "Basic first",
      "xBearer first",
      `Bearer first${"x".repeat(20_000)}`,
    ]
  ) {
    const hint = header.slice(0, 30);
    assert.equal(await statusOf(authorize, header), 401, hint);
  }
});

test("bearer() throws without a token, or with an empty one", () => {
  for (const tokens of [[], [""], ["first", ""], [undefined], [7]]) {
    assert.throws(
      () => bearer(...tokens as string[]),
      /^TypeError: Cannot require a bearer token: a token is missing or empty; try/,
    );
  }
});

test("methodResponse() answers all methods but GET and HEAD", async () => {
  for (const method of ["GET", "HEAD"]) {
    assert.equal(methodResponse(method, "GET, HEAD"), undefined);
    assert.equal(methodResponse(method, "GET, HEAD, OPTIONS"), undefined);
  }
  const preflight = methodResponse("OPTIONS", "GET, HEAD, OPTIONS", { a: "b" });
  assert.equal(preflight?.status, 204);
  assert.equal(preflight?.headers.get("allow"), "GET, HEAD, OPTIONS");
  assert.equal(preflight?.headers.get("a"), "b");
  for (const method of ["OPTIONS", "POST", "get"]) {
    const refused = methodResponse(method, "GET, HEAD");
    assert.equal(refused?.status, 405, method);
    assert.equal(refused?.headers.get("allow"), "GET, HEAD");
    assert.equal(await refused?.text(), "use one of GET, HEAD\n");
  }
});
