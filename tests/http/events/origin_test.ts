import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origins } from "../../../src/http/mod.ts";
import { feedOf, request } from "../events_fixtures.ts";

/** The status, and the origin that may read; nothing stays open. */
async function asked(
  origins: Origins | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<readonly [number, string | null]> {
  const { events } = feedOf(origins === undefined ? {} : { origins });
  const response = await events(request("", headers));
  await response.body?.cancel();
  assert.match(response.headers.get("vary") ?? "", /origin/i);
  const may = response.headers.get("access-control-allow-origin");
  return [response.status, may];
}

const host = "status.example:8080";

test("a request that names no origin passes, whatever may read", async () => {
  for (const origins of [undefined, "any", [], () => false] as const) {
    assert.deepEqual(await asked(origins, { host }), [200, null]);
  }
});

test("a page of the same host may read, by whatever scheme", async () => {
  for (
    const origin of [
      "http://status.example:8080",
      "https://status.example:8080",
      "http://STATUS.example:8080",
    ]
  ) assert.equal((await asked(undefined, { host, origin }))[0], 200, origin);
  for (const origin of ["http://status.example", "https://status.example"]) {
    const [status] = await asked(undefined, { host: "status.example", origin });
    assert.equal(status, 200, origin);
  }
});

test("a page of another host gets 403, and so does what is no origin", async () => {
  for (
    const origin of [
      "http://evil.example",
      "http://status.example",
      "http://status.example:80800",
      "http://status.example:8080.evil.example",
      "http://evil.example/status.example:8080",
      "null",
      "",
      "file://",
      "status.example:8080",
      "//status.example:8080",
      "x".repeat(10_000),
    ]
  ) {
    const [status, may] = await asked(undefined, { host, origin });
    assert.deepEqual([status, may], [403, null], origin.slice(0, 60));
  }
});

test("only origins of the list may read", async () => {
  const list = ["https://dash.example", "http://localhost:3000"];
  const ask = (origin: string) => asked(list, { host, origin });
  assert.deepEqual(await ask(list[0]!), [200, list[0]]);
  assert.deepEqual(await ask(list[1]!), [200, list[1]]);
  for (const other of ["http://dash.example", "https://dash.example.evil"]) {
    assert.equal((await ask(other))[0], 403, other);
  }
});

test("a function decides, and only by true", async () => {
  const origin = "https://x.example";
  const ask = (verdict: () => unknown) =>
    asked(verdict as () => boolean, { host, origin });
  assert.deepEqual(await ask(() => true), [200, origin]);
  const noes: readonly (() => unknown)[] = [
    () => false,
    () => 1,
    () => Promise.resolve(true),
    () => {
      throw new Error("secret");
    },
  ];
  for (const no of noes) assert.equal((await ask(no))[0], 403);
});

test("any page may read where any may", async () => {
  const origin = "https://x.example";
  assert.deepEqual(await asked("any", { host, origin }), [200, origin]);
});
