/**
 * The locations that runtimes read in their own ways, and a call by a Unix socket:
 * redirects that the module followed itself went elsewhere than those of fetch.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { instrumentFetch } from "../../src/instrument/mod.ts";
import { nextUrlOf } from "../../src/platform/internal.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { traced } from "../instrument/fixtures.ts";
import { rawServer } from "../instrument/raw_server.ts";

const call = instrumentFetch({
  registry: createRegistry(),
  tracer: traced().tracer,
});

test("a redirect of an instrumented fetch goes where the bare one goes", async () => {
  await using server = await rawServer();
  const own = `http://127.0.0.1:${server.port}`;
  const other = `http://localhost:${server.port}`;
  for (
    const to of [
      "/é?x=€",
      "/a b",
      "?q=1",
      `${other.replace("//", "//u:p@")}/end`,
    ]
  ) {
    const requests: unknown[] = [];
    for (const one of [fetch, call]) {
      const url = `${own}/302?to=${encodeURIComponent(to)}`;
      // Node refuses credentials in the location of another origin.
      const failure = await one(url).then(
        async (response) => void await response.text(),
        (error: Error) => error.name,
      );
      requests.push([
        failure,
        ...server.taken().map((
          text,
        ) => [
          /^[^\r]*/.exec(text)?.[0],
          /\nauthorization: [^\r]*/i.exec(text)?.[0],
        ]),
      ]);
    }
    assert.deepEqual(requests[1], requests[0], to);
  }
});

test("a redirect of an instrumented fetch to another origin leaves the Unix socket", async () => {
  await using server = await rawServer();
  const own = `http://127.0.0.1:${server.port}`;
  const to = `http://localhost:${server.port}/end`;
  const folder = await mkdtemp(join(tmpdir(), "barograph-"));
  const unix = join(folder, "socket");
  const behind = createServer((_, response) => {
    response.writeHead(302, { location: to, connection: "close" }).end();
  });
  await new Promise<void>((done) => behind.listen(unix, () => done()));
  try {
    // Deno does not know the member, and asks the other server both times.
    const init = { unix } as RequestInit;
    await (await call(`${own}/302?to=${to}`, init)).text();
    const last = server.taken().at(-1) ?? "";
    assert.match(last, /^GET \/end /);
    assert.doesNotMatch(last, /traceparent/i);
  } finally {
    await new Promise((done) => behind.close(done));
    await rm(folder, { recursive: true });
  }
});

test("only the fetch of the runtime counts as its own", () => {
  const { fetch: own } = globalThis;
  assert.notEqual(nextUrlOf(own), undefined);
  const fetch = (...args: Parameters<typeof own>) => own(...args);
  const named = { fetch: (...args: Parameters<typeof own>) => own(...args) };
  for (
    const one of [
      fetch,
      named.fetch,
      own.bind(null),
      new Proxy(own, {}),
      undefined,
      null,
      {},
      "fetch",
      { name: "fetch" },
      {
        get name(): never {
          throw new Error("name");
        },
      },
    ]
  ) {
    assert.equal(nextUrlOf(one), undefined);
  }
});
