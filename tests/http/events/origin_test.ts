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

test("origins: a list and a function admit pages of the same host, too", async () => {
  const origin = `https://${host}`;
  for (const origins of [["https://dash.example"], [], () => false]) {
    assert.deepEqual(await responseTo(origins, { host, origin }), [
      200,
      origin,
    ]);
    const site = { host, origin, "sec-fetch-site": "cross-site" };
    assert.equal((await responseTo(origins, site))[0], 403);
  }
});

test("origins: any admits every page", async () => {
  const origin = "https://x.example";
  assert.deepEqual(await responseTo("any", { host, origin }), [200, origin]);
});

const page = "https://status.example";

test("origins: same admits the default port spelt out, and hosts without a port", async () => {
  for (
    const [origin, host] of [
      [page, "status.example:443"],
      ["http://status.example", "status.example:80"],
      [`${page}:3001`, "status.example"], // nginx: `Host $host`
    ] as const
  ) {
    assert.equal((await responseTo("same", { host, origin }))[0], 200, host);
  }
  for (const host of ["status.example:80", "status.example:3001"]) {
    const [status] = await responseTo("same", { host, origin: page });
    assert.equal(status, 403, host);
  }
});

test("origins: same admits the host that a proxy passes on", async () => {
  const host = "127.0.0.1:8000";
  for (
    const passed of [
      { "x-forwarded-host": "status.example" },
      { "x-forwarded-host": "status.example:443, inner.example" },
      { forwarded: 'for=10.0.0.1;host="status.example:443";proto=https' },
      { forwarded: "for=10.0.0.1; Host=status.example, for=10.0.0.2" },
      { "sec-fetch-site": "same-origin" },
    ]
  ) {
    const headers = { host, origin: page, ...passed } as Record<string, string>;
    assert.equal((await responseTo("same", headers))[0], 200);
  }
  for (
    const passed of [
      { "x-forwarded-host": "other.example, status.example" },
      { "x-forwarded-host": "other.example@status.example" },
      { "x-forwarded-host": "status.example/" },
      { forwarded: "for=status.example;host=other.example" },
      { forwarded: "xhost=status.example" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ]
  ) {
    const headers = { host, origin: page, ...passed } as Record<string, string>;
    assert.equal((await responseTo("same", headers))[0], 403);
  }
});

test("origins refuses everyone if it throws or returns a promise", async () => {
  const hooks = [
    () => Promise.resolve(true),
    () => Promise.reject(new Error("late")), // no unhandled rejection
    () => {
      throw new Error("origins");
    },
  ];
  for (const origins of hooks) {
    const headers = { host, origin: page };
    assert.equal((await responseTo(origins as never, headers))[0], 403);
  }
});

/** The answer to a preflight, as browsers send it. */
function preflight(
  origins: Origins,
  names: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { events } = feedOf({ origins, authorize: () => false });
  return events(
    new Request("http://status.example/events", {
      method: "OPTIONS",
      headers: {
        origin: page,
        "access-control-request-method": "GET",
        ...names !== undefined && { "access-control-request-headers": names },
        ...headers,
      },
    }),
  );
}

test("a preflight is answered without a token, if its origin is allowed", async () => {
  const answer = await preflight([page], "authorization,last-event-id");
  assert.equal(answer.status, 204);
  const { headers } = answer;
  assert.equal(headers.get("access-control-allow-origin"), page);
  assert.equal(headers.get("access-control-allow-credentials"), "true");
  assert.equal(
    headers.get("access-control-allow-headers"),
    "authorization,last-event-id",
  );
  assert.match(headers.get("vary") ?? "", /Origin/);
  const bare = await preflight([page], undefined);
  assert.equal(bare.headers.get("access-control-allow-headers"), null);
  const odd = await preflight([page], `a${"b".repeat(2000)}`);
  assert.equal(odd.headers.get("access-control-allow-headers"), null);
  const other = await preflight(["https://other.example"], "authorization", {
    host: "api.example",
  });
  assert.equal(other.status, 403);
  assert.equal(other.headers.get("access-control-allow-origin"), null);
});

test("OPTIONS that is no preflight still asks authorize", async () => {
  const { events } = feedOf({ origins: [page], authorize: () => false });
  const headers = { origin: page };
  const url = "http://status.example/events";
  const answer = await events(new Request(url, { method: "OPTIONS", headers }));
  assert.equal(answer.status, 401);
});

test("pages of a list or a function may send cookies; pages of anyone may not", async () => {
  const allows = async (origins: Origins) => {
    const { events } = feedOf({ origins });
    const response = await events(request("", { origin: page, host }));
    await response.body?.cancel();
    return response.headers.get("access-control-allow-credentials");
  };
  assert.equal(await allows([page]), "true");
  assert.equal(await allows(() => true), "true");
  assert.equal(await allows("any"), null);
});

test("a page can read why it was refused", async () => {
  const refusals = [
    { authorize: () => false },
    {
      authorize: () =>
        new Response("not here", { status: 403, headers: { vary: "X" } }),
    },
    { maxClients: 1 },
  ];
  for (const options of refusals) {
    const { events } = feedOf({ origins: [page], ...options });
    if ("maxClients" in options) await events(request("", { host }));
    const answer = await events(request("", { origin: page, host }));
    assert.ok(answer.status >= 400);
    assert.equal(answer.headers.get("access-control-allow-origin"), page);
    assert.match(answer.headers.get("vary") ?? "", /Origin/);
    events.close();
  }
});

test("origins: same follows Sec-Fetch-Site alone, if a browser sends it", async () => {
  const verdicts = {
    "same-origin": 200,
    "none": 200,
    "same-site": 403,
    "cross-site": 403,
    "": 403,
    "anything": 403,
  };
  for (const [site, expected] of Object.entries(verdicts)) {
    for (const host of ["status.example", "status.example:443", "other:1"]) {
      const headers = {
        host,
        origin: page,
        "sec-fetch-site": site,
        "x-forwarded-host": "status.example",
      };
      const [status] = await responseTo("same", headers);
      assert.equal(status, expected, `${site} ${host}`);
    }
  }
});

test("origins: same allows no page of another host to send a forwarded host", async () => {
  const answer = await preflight("same", "x-forwarded-host,forwarded", {
    origin: "https://evil.example",
    host: "status.example",
  });
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.get("access-control-allow-headers"), null);
});
