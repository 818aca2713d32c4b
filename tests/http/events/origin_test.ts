import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origins } from "../../../src/http/mod.ts";
import { feedOf, request } from "../events_fixtures.ts";

/** Returns the status and the allowed origin of a response, and closes it. */
async function responseTo(
  origins: Origins | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<readonly [number, string | null]> {
  const { events } = feedOf(origins === undefined ? {} : { origins });
  const response = await events(request("", headers));
  await response.body?.cancel();
  assert.match(response.headers.get("vary") ?? "", /origin/i);
  const allowed = response.headers.get("access-control-allow-origin");
  return [response.status, allowed];
}

const host = "status.example:8080";

test("a request without an Origin header is admitted, whatever origins allows", async () => {
  for (const origins of [undefined, "any", [], () => false] as const) {
    assert.deepEqual(await responseTo(origins, { host }), [200, null]);
  }
});

test("origins: same admits pages of the same host, with any scheme", async () => {
  for (
    const origin of [
      "http://status.example:8080",
      "https://status.example:8080",
      "http://STATUS.example:8080",
    ]
  ) {
    assert.equal(
      (await responseTo(undefined, { host, origin }))[0],
      200,
      origin,
    );
  }
  for (const origin of ["http://status.example", "https://status.example"]) {
    const [status] = await responseTo(undefined, {
      host: "status.example",
      origin,
    });
    assert.equal(status, 200, origin);
  }
});

test("origins: same compares hosts without regard to case", async () => {
  const origin = "https://status.example:8080";
  const [status] = await responseTo(undefined, {
    host: "Status.EXAMPLE:8080",
    origin,
  });
  assert.equal(status, 200);
});

test("origins: same answers 403 to other hosts and malformed origins", async () => {
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
    const [status, allowed] = await responseTo(undefined, { host, origin });
    assert.deepEqual([status, allowed], [403, null], origin.slice(0, 60));
  }
});

test("origins: a list admits exactly its origins", async () => {
  const list = ["https://dash.example", "http://localhost:3000"];
  const readFrom = (origin: string) => responseTo(list, { host, origin });
  assert.deepEqual(await readFrom(list[0]!), [200, list[0]]);
  assert.deepEqual(await readFrom(list[1]!), [200, list[1]]);
  for (const other of ["http://dash.example", "https://dash.example.evil"]) {
    assert.equal((await readFrom(other))[0], 403, other);
  }
});

test("origins: a function admits an origin only by returning true", async () => {
  const origin = "https://x.example";
  const readBy = (verdict: () => unknown) =>
    responseTo(verdict as () => boolean, { host, origin });
  assert.deepEqual(await readBy(() => true), [200, origin]);
  const verdicts: readonly (() => unknown)[] = [
    () => false,
    () => 1,
    () => Promise.resolve(true),
    () => {
      throw new Error("secret");
    },
  ];
  for (const verdict of verdicts) {
    assert.equal((await readBy(verdict))[0], 403);
  }
});

test("origins: any admits every page", async () => {
  const origin = "https://x.example";
  assert.deepEqual(await responseTo("any", { host, origin }), [200, origin]);
});
