/**
 * A wrapper of fetch below the instrumented one got a proxy as init and lists as
 * headers: it could not change, copy or freeze them, and saw redirects by hand.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentFetch } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { traced } from "../instrument/fixtures.ts";
import { rawServer } from "../instrument/raw_server.ts";
import * as fc from "../support/property.ts";

interface Init extends Record<string, unknown> {
  headers?: Record<string, string> | Headers | string[][];
}

type Call = (input: string | Request, init?: Init) => Promise<unknown>;

/** Resolves to the parts of a call that count. */
const echo: Call = async (input, init) => {
  const request = new Request(input, init as RequestInit);
  const { method, url } = request;
  request.headers.delete("traceparent");
  return {
    method,
    url,
    headers: [...request.headers],
    body: await request.text(),
  };
};

function added(headers: Init["headers"]): Headers {
  const all = new Headers(headers as HeadersInit);
  all.set("authorization", "secret");
  return all;
}

/** Wrappers as programs write them. */
const wrappers: Readonly<Record<string, Call>> = {
  passes: echo,
  "assigns headers": (input, init = {}) => {
    init.headers = added(init.headers);
    return echo(input, init);
  },
  "assigns members": (input, init = {}) => {
    init["method"] = "PUT";
    init["body"] = "changed";
    return echo(input, init);
  },
  "deletes members": (input, init = {}) => {
    delete init["body"];
    init["method"] = "GET";
    return echo(input, init);
  },
  spreads: (input, init) =>
    echo(input, { ...init, headers: added(init?.headers) }),
  "writes to headers": (input, init = {}) => {
    const { headers = {} } = init;
    if (headers instanceof Headers) headers.set("x-own", "1");
    else if (Array.isArray(headers)) headers.push(["x-own", "1"]);
    else headers["x-own"] = "1";
    return echo(input, { ...init, headers });
  },
  "spreads a record": (input, init) =>
    init?.headers instanceof Headers || Array.isArray(init?.headers)
      ? echo(input, init)
      : echo(input, { ...init, headers: { ...init?.headers, "x-own": "1" } }),
  freezes: (input, init) => echo(input, Object.freeze(init)),
  clones: (input, init) =>
    init?.headers instanceof Headers
      ? echo(input, init)
      : echo(input, structuredClone(init)),
};

const headers: Readonly<Record<string, () => Init["headers"]>> = {
  none: () => undefined,
  record: () => ({ "x-mine": "1", TraceParent: "stale" }),
  pairs: () => [["x-b", "1"], ["x-a", "2"]],
  headers: () => new Headers({ "x-mine": "1" }),
};

class OfAClass {
  readonly #members: Init;
  constructor(members: Init) {
    this.#members = members;
  }
  get method() {
    return this.#members["method"];
  }
  get headers() {
    return this.#members.headers;
  }
  get body() {
    return this.#members["body"];
  }
}

const nameIn = (makers: object) => fc.constantFrom(...Object.keys(makers));

test("law: a wrapper below an instrumented fetch does what it does alone", async () => {
  const { tracer } = traced();
  await fc.assert(
    fc.asyncProperty(
      nameIn(wrappers),
      nameIn(headers),
      fc.constantFrom("none", "plain", "request"),
      fc.constantFrom(undefined, "text"),
      async (wrapper, ofInit, shape, body) => {
        const made = (): [string | Request, Init?] => {
          const own = headers[ofInit]!();
          const init: Init = {
            ...body !== undefined && { method: "POST", body },
            ...own !== undefined && { headers: own },
          };
          if (shape === "none") return ["http://a.example/"];
          return shape === "plain"
            ? ["http://a.example/", init]
            : [new Request("http://a.example/", init as RequestInit)];
        };
        const bare = wrappers[wrapper]!;
        const call = instrumentFetch({
          registry: createRegistry(),
          tracer,
          fetch: bare as never,
        }) as unknown as Call;
        const settled = (work: Promise<unknown>) =>
          work.catch((error) => (error as Error).name);
        assert.deepEqual(
          await settled(call(...made())),
          await settled(bare(...made())),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("a wrapper below an instrumented fetch gets the members of a class as plain ones", async () => {
  const { tracer } = traced();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    fetch: ((input: string, init: Init) => echo(input, { ...init })) as never,
  }) as unknown as Call;
  const init = new OfAClass({ method: "PUT", body: "text", headers: {} });
  const { method, body } = await call("http://a/", init as never) as Init;
  assert.deepEqual([method, body], ["PUT", "text"]);
});

test("a wrapper below an instrumented fetch uses up the caller's Request", async () => {
  const { tracer } = traced();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    fetch: echo as never,
  }) as unknown as Call;
  const request = new Request("http://a/", { method: "POST", body: "text" });
  const { body } = await call(request) as Init;
  assert.deepEqual([body, request.bodyUsed], ["text", true]);
});

test("redirects are left to a wrapper below an instrumented fetch", async () => {
  await using server = await rawServer();
  const { fetch } = globalThis;
  const strict = async (...args: Parameters<typeof fetch>) => {
    const response = await fetch(...args);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response;
  };
  globalThis.fetch = strict as never;
  try {
    const { tracer } = traced();
    const call = instrumentFetch({ registry: createRegistry(), tracer });
    const url = `http://127.0.0.1:${server.port}/302?to=/end`;
    assert.equal(await (await call(url)).text(), "ok");
  } finally {
    globalThis.fetch = fetch;
  }
});

test("a wrapper below an instrumented fetch leaves a Request unused whose body is replaced", async () => {
  const { tracer } = traced();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    fetch: echo as never,
  }) as unknown as Call;
  const post = { method: "POST", body: "own" };
  const request = new Request("http://a/", post);
  const used = new Request("http://a/", post);
  await used.text();
  for (const each of [request, used]) {
    const init = { body: "other" };
    assert.deepEqual(await call(each, init), await echo(each, init));
  }
  assert.equal(await request.text(), "own");
});

test("a mock of fetch gets a plain init", async () => {
  // A mock of bun:test has the name and the text of the fetch of Bun.
  const ofBun: string = "bun:test";
  const { mock } = "Bun" in globalThis
    ? await import(ofBun)
    : { mock: (call: unknown) => call };
  const inits: Init[] = [];
  const { tracer } = traced();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    fetch: mock(function fetch(_: string, init: Init) {
      inits.push({ ...init });
      return Promise.resolve(new Response());
    }),
  }) as unknown as Call;
  await call("http://a/", {
    method: "POST",
    body: "text",
    headers: { a: "1" },
  });
  const [{ method, body, headers } = {}] = inits;
  assert.deepEqual([method, body], ["POST", "text"]);
  assert.deepEqual(Object.keys(headers ?? {}), ["a", "traceparent"]);
});
