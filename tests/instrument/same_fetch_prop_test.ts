/** Law: an instrumented `fetch` sends and settles as the bare one does. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { instrumentFetch } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { withBaggage } from "../../src/trace/mod.ts";
import * as fc from "../support/property.ts";
import { traced } from "./fixtures.ts";
import { rawServer } from "./raw_server.ts";

const mine = new Error("mine");

/** Functions that make a part of a call, since some parts can be used once. */
const bodies: Readonly<Record<string, () => unknown>> = {
  none: () => undefined,
  null: () => null,
  text: () => "text",
  bytes: () => new Uint8Array([1, 2, 3]),
  buffer: () => new Uint8Array([1, 2, 3]).buffer,
  "many bytes": () => new Uint8Array(2 ** 20 + 1),
  form: () => new URLSearchParams({ a: "1" }),
  blob: () => new Blob(["blob"], { type: "a/b" }),
  stream: () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("stream"));
        controller.close();
      },
    }),
};

/** Bodies that `fetch` of Node 22 fails to send again after a redirect. */
const inMemory = ["bytes", "buffer", "many bytes"];
const losesBytes = process.versions["node"]?.startsWith("22.") === true;

const headers: Readonly<Record<string, () => unknown>> = {
  none: () => undefined,
  record: () => ({ "X-MiXed": "1", authorization: "secret", accept: "a/b" }),
  pairs: () => [["x-b", "1"], ["x-a", "2"], ["x-b", "3"]],
  headers: () => new Headers({ "content-type": "c/d", cookie: "a=b" }),
  generator: () =>
    (function* () {
      yield ["x-generated", "1"];
    })(),
  symbol: () => ({ "x-mine": "1", [Symbol("x")]: "1" }),
  stale: () => ({ traceparent: "stale", "x-kept": "1" }),
  "bad name": () => ({ "bad header": "1" }),
  "bad value": () => ({ "x-bad": "a\nb" }),
  "bad pair": () => [["x"]],
  null: () => null,
  text: () => "x: 1",
};

const signals: Readonly<Record<string, () => unknown>> = {
  none: () => undefined,
  null: () => null,
  quiet: () => new AbortController().signal,
  aborted: () => AbortSignal.abort(),
  "aborted with a reason": () => AbortSignal.abort(mine),
};

type Members = Readonly<Record<string, unknown>>;

/** Returns `members` without those that are undefined. */
function given(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  );
}

class Init {
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }
  get method() {
    return this.#members["method"];
  }
  get headers() {
    return this.#members["headers"];
  }
  get body() {
    return this.#members["body"];
  }
  get signal() {
    return this.#members["signal"];
  }
  get redirect() {
    return this.#members["redirect"];
  }
  get duplex() {
    return this.#members["duplex"];
  }
}

const shapes: Readonly<Record<string, (members: Members) => unknown>> = {
  plain: given,
  undefined: () => undefined,
  null: () => null,
  number: () => 5,
  frozen: (members) => Object.freeze(given(members)),
  "without prototype": (members) => ({ __proto__: null, ...given(members) }),
  inherited: (members) => Object.create(given(members)),
  "of a class": (members) => new Init(members),
  "of a proxy": (members) =>
    new Proxy({}, { get: (_, key) => members[String(key)] }),
  function: (members) => Object.assign(() => {}, given(members)),
  "with further members": (members) => ({
    ...given(members),
    verbose: false,
    decompress: true,
    priority: "low",
    unknown: 1,
  }),
  "with a getter that throws": ({ body, duplex }) => ({
    ...given({ body, duplex }),
    get method(): never {
      throw mine;
    },
  }),
  request: (members) => new Request("http://front/pay", given(members)),
};

const inputs: Readonly<
  Record<string, (url: string, members: Members) => unknown>
> = {
  text: (url) => url,
  url: (url) => new URL(url),
  request: (url, members) => new Request(url, given(members)),
  "invalid url": () => "http://",
};

/** Returns URLs of calls, to two origins of one server. */
function targetsOf(own: string, other: string): string[] {
  // Bun takes a location with "://" anywhere in it for an absolute one.
  const last = encodeURIComponent(`${other}/end`);
  const twice = encodeURIComponent(`/307?to=${last}`);
  return [
    `${own}/path?q=1#hash`,
    ...[301, 302, 303, 307, 308].flatMap((status) =>
      ["/end#other", `${other}/end`, twice].map((to) =>
        `${own}/${status}?to=${to}`
      )
    ),
    `${own.replace("//", "//user:pass@")}/302?to=/end`,
    `${own.replace("//", "//user:pass@")}/302?to=${other}/end`,
    `${own}/302`,
    `${own}/302?to=/${encodeURIComponent("é?x=€")}`,
    `${own}/302?to=http://[x`,
    `${own}/302?to=ftp://x/y`,
    `${own}/200?to=/end`,
  ];
}

interface Names {
  readonly method?: string | undefined;
  readonly body?: string;
  readonly headers?: string;
  readonly signal?: string;
  readonly redirect?: string | undefined;
}

const nameIn = (makers: object) => fc.constantFrom(...Object.keys(makers));

/** Names of members: counterexamples shall be readable. */
const names: fc.Arbitrary<Names> = fc.record({
  method: fc.constantFrom("GET", "POST", "put", "PATCH", "DELETE"),
  body: nameIn(bodies),
  headers: nameIn(headers),
  signal: nameIn(signals),
  redirect: fc.constantFrom("follow", "follow", "manual", "error"),
}, { requiredKeys: [] });

function membersOf(names: Names): Members {
  const body = bodies[names.body ?? "none"]!();
  return {
    method: names.method,
    redirect: names.redirect,
    body,
    headers: headers[names.headers ?? "none"]!(),
    signal: signals[names.signal ?? "none"]!(),
    duplex: body instanceof ReadableStream ? "half" : undefined,
  };
}

/** Sends a call; returns how it settled, with the requests that arrived. */
async function outcomeOf(
  fetch: (...args: never[]) => Promise<Response>,
  args: readonly unknown[],
  taken: () => string[],
): Promise<{
  settled: unknown;
  first: unknown;
  redirected: readonly unknown[];
  used: readonly unknown[];
}> {
  taken();
  let settled: unknown;
  const promise = fetch(...args as never[]); // must not throw
  try {
    const response = await promise;
    const { status, redirected, url } = response;
    settled = { status, redirected, url, text: await response.text() };
  } catch (error) {
    settled = error === mine ? "mine" : (error as Error).name;
  }
  const requests = taken().map(withoutContext);
  const isKnown = !args.some((one) => one instanceof Request);
  return {
    settled,
    first: isKnown ? requests[0] : sorted(requests[0] ?? ""),
    redirected: requests.slice(1).map(sorted),
    used: args.map((one) => one instanceof Request && one.bodyUsed),
  };
}

/**
 * Returns a request with its headers in order and joined by name: only the
 * platform knows the order in which a Request has them.
 */
function sorted(text: string): unknown {
  const end = text.indexOf("\r\n\r\n");
  const [line, ...headers] = text.slice(0, end).split("\r\n");
  const pairs = headers.map((header) => header.split(": ") as [string, string]);
  return [line, [...new Headers(pairs)], text.slice(end)];
}

function withoutContext(text: string): string {
  return text.replace(/\r\n(traceparent|tracestate|baggage): [^\r]*/gi, "")
    .replace(/\0{9,}/g, ({ length }) => `${length} zeros`);
}

test("law: an instrumented fetch sends and settles as the bare one", async () => {
  await using server = await rawServer();
  const own = `http://127.0.0.1:${server.port}`;
  const other = `http://localhost:${server.port}`;
  const { tracer } = traced();
  const call = instrumentFetch({ registry: createRegistry(), tracer });
  await fc.assert(
    fc.asyncProperty(
      nameIn(inputs),
      names,
      nameIn(shapes),
      names,
      fc.constantFrom(...targetsOf(own, other)),
      async (input, ofInput, shape, ofInit, target) => {
        const made = () => {
          try {
            return [
              inputs[input]!(target, membersOf(ofInput)),
              shapes[shape]!(membersOf(ofInit)),
            ];
          } catch {
            return undefined; // a Request that the platform refuses
          }
        };
        const [first, second] = [made(), made()];
        fc.pre(first !== undefined && second !== undefined);
        const bare = await outcomeOf(fetch, first, server.taken);
        const ours = await withBaggage(
          { tenant: "blue" },
          () => outcomeOf(call, second, server.taken),
        );
        const sendsBytes = [ofInput, ofInit].some(({ body }) =>
          body !== undefined && inMemory.includes(body)
        );
        const isLost = losesBytes && sendsBytes &&
          bare.settled === "TypeError" && ours.settled !== "TypeError" &&
          ours.redirected.length > 0;
        assert.deepEqual(
          isLost ? [ours.first, ours.used] : ours,
          isLost ? [bare.first, bare.used] : bare,
        );
      },
    ),
    { numRuns: 500 },
  );
});
