import assert from "node:assert/strict";
import { env } from "node:process";
import { test } from "node:test";
import { randomKey } from "../../src/dashboard/access.ts";
import { dashboard } from "../../src/dashboard/mod.ts";
import { bearer } from "../../src/http/mod.ts";
import { KEY, statusOf, worldOf } from "./world.ts";

/** Every endpoint with data. */
const DATA = [
  "/feed",
  "/history",
  "/traces",
  `/traces/${"a".repeat(32)}`,
  "/health",
];

test("every endpoint with data needs the key; the text of the page does not", async () => {
  using world = worldOf();
  assert.equal(await statusOf(world.ask("")), 200);
  assert.equal(await statusOf(world.ask("/")), 200);
  for (const path of [...DATA, "/unknown", "/feed/x"]) {
    assert.equal(await statusOf(world.ask(path)), 401, path);
    assert.notEqual(await statusOf(world.get(path)), 401, path);
  }
});

test("a missing key and wrong ones get the same answer", async () => {
  using world = worldOf();
  const answers = new Set<string>();
  const wrong = [
    undefined,
    "",
    "x",
    KEY.slice(1),
    KEY.toUpperCase(),
    `${KEY}0`,
    KEY.repeat(1000),
    "\u00e9",
  ];
  for (const key of wrong) {
    const headers = key === undefined ? {} : { "x-barograph-key": key };
    const response = await world.ask("/health", { headers });
    answers.add(
      `${response.status} ${[...response.headers].join()} ${await response
        .text()}`,
    );
  }
  assert.equal(answers.size, 1);
  assert.match([...answers][0]!, /^401 /);
});

test("the key is no query parameter, cookie or bearer token", async () => {
  using world = worldOf();
  for (
    const [path, headers] of [
      [`/health?key=${KEY}`, {}],
      [`/health?k=${KEY}`, {}],
      ["/health", { cookie: `k=${KEY}` }],
      ["/health", { authorization: `Bearer ${KEY}` }],
    ] as const
  ) {
    assert.equal(await statusOf(world.ask(path, { headers })), 401);
  }
});

test("without a key, a random one of 192 bits is made and printed at the mount", () => {
  const lines: string[] = [];
  const keys = Array.from({ length: 3 }, () => {
    const page = dashboard("/_live", { print: (line) => lines.push(line) });
    using timed = worldOf();
    const { clock } = timed.timers;
    const parts = { registry: timed.registry, timers: timed.timers, clock };
    using mounted = page.mount(parts);
    mounted.announce("http://localhost:8000");
    const address = page.address("http://localhost:8000");
    assert.equal(lines.at(-1), `The live page is at ${address}`);
    return /^http:\/\/localhost:8000\/_live#k=([\w-]{32})$/.exec(address)![1];
  });
  assert.equal(new Set(keys).size, 1, "one for all pages of the process");
  assert.equal(new Set(Array.from({ length: 100 }, randomKey)).size, 100);
});

test("the address has no key where authorize of the service decides", () => {
  const page = dashboard("/_live", { print: false });
  assert.match(page.address(""), /#k=/);
  using world = worldOf();
  const { registry, timers } = world;
  const parts = { registry, timers, clock: timers.clock };
  using _ = page.mount({ ...parts, authorize: () => true });
  assert.equal(page.address(""), "/_live");
});

test("a key that was chosen is not printed", () => {
  const lines: string[] = [];
  using world = worldOf({ print: (line) => lines.push(line) });
  const { registry, timers } = world;
  using mounted = world.page.mount({ registry, timers, clock: timers.clock });
  mounted.announce();
  assert.deepEqual(lines, ["The live page is at /_live"]);
  assert.equal(world.page.address(""), `/_live#k=${KEY}`);
});

test("the variable BAROGRAPH_DASHBOARD_KEY has the key", async () => {
  const name = "BAROGRAPH_DASHBOARD_KEY";
  const before = env[name];
  try {
    env[name] = KEY;
    using world = worldOf({ key: undefined });
    assert.equal(await statusOf(world.get("/unknown")), 404);
    env[name] = "short";
    assert.throws(
      () => dashboard("/_live"),
      (error: Error) =>
        /BAROGRAPH_DASHBOARD_KEY is wrong; give a text of 16 to/.test(
          error.message,
        ) && !error.message.includes("short"),
    );
    env[name] = "";
    dashboard("/_live");
  } finally {
    if (before === undefined) delete env[name];
    else env[name] = before;
  }
});

test("authorize decides alone if no key was given", async () => {
  using world = worldOf({
    key: undefined,
    authorize: ({ headers }) => headers.get("x-user") === "ada",
  });
  assert.equal(await statusOf(world.ask("/unknown")), 401);
  const headers = { "x-user": "ada" };
  assert.equal(await statusOf(world.ask("/unknown", { headers })), 404);
  assert.equal(world.page.address("http://a"), "http://a/_live");
});

test("authorize and a key that was given must both admit", async () => {
  using world = worldOf({
    authorize: ({ headers }) => headers.get("x-user") === "ada",
  });
  const key = { "x-barograph-key": KEY };
  const user = { "x-user": "ada" };
  for (const headers of [{}, key, user]) {
    assert.equal(await statusOf(world.ask("/unknown", { headers })), 401);
  }
  const both = { headers: { ...key, ...user } };
  assert.equal(await statusOf(world.ask("/unknown", both)), 404);
});

test("an authorize that throws, rejects or answers nonsense refuses", async () => {
  for (
    const authorize of [
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
      () => 1 as never,
    ]
  ) {
    using world = worldOf({ key: undefined, authorize });
    assert.equal(await statusOf(world.ask("/health")), 401);
  }
});

test("a token of bearer() can be typed as the key of the page", async () => {
  using world = worldOf({ key: undefined, authorize: bearer("t".repeat(20)) });
  const status = (headers: Record<string, string>) =>
    statusOf(world.ask("/unknown", { headers }));
  assert.equal(await status({ "x-barograph-key": "t".repeat(20) }), 404);
  assert.equal(await status({ "x-barograph-key": "u".repeat(20) }), 401);
  assert.equal(
    await status({
      authorization: "Basic x",
      "x-barograph-key": "t".repeat(20),
    }),
    401,
  );
});

test("a token may be shorter than a key", async () => {
  using world = worldOf({ key: undefined, authorize: bearer("t0k3n") });
  const status = (token: string) =>
    statusOf(
      world.ask("/unknown", { headers: { "x-barograph-key": token } }),
    );
  assert.equal(await status("t0k3n"), 404);
  assert.equal(await status("t0k3"), 401);
});

test("with a key and bearer(), the key must be one of the tokens", async () => {
  const headers = { "x-barograph-key": KEY };
  using apart = worldOf({ authorize: bearer("t0k3n") });
  assert.equal(await statusOf(apart.ask("/unknown", { headers })), 401);
  using among = worldOf({ authorize: bearer("t0k3n", KEY) });
  assert.equal(await statusOf(among.ask("/unknown", { headers })), 404);
});

test("pages of other origins read no data, even with the key", async () => {
  using world = worldOf();
  for (
    const headers of [
      { origin: "http://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ] as Record<string, string>[]
  ) assert.equal(await statusOf(world.get("/unknown", headers)), 403);
  for (
    const headers of [
      { origin: "http://shop.example", host: "shop.example" },
      { "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
    ] as Record<string, string>[]
  ) assert.equal(await statusOf(world.get("/unknown", headers)), 404);
});

test("hosts refuses the names of other sites, also for the page itself", async () => {
  using world = worldOf({ hosts: ["shop.example"] });
  assert.equal(await statusOf(world.get("", { host: "evil.example" })), 403);
  assert.equal(
    await statusOf(world.get("/feed", { host: "evil.example" })),
    403,
  );
  assert.equal(await statusOf(world.get("", { host: "shop.example" })), 200);
});

test("only GET and HEAD are answered", async () => {
  using world = worldOf();
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    for (const path of ["", "/feed", "/history", "/health"]) {
      const headers = { "x-barograph-key": KEY };
      const response = await world.ask(path, { method, headers });
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
    }
  }
});

test("dashboard() refuses wrong options, and does not show a wrong key", () => {
  for (
    const path of ["", "x", "/", "/x/", "//x", "/a b", "/a?b", "/a/../b", 1]
  ) {
    assert.throws(
      () => dashboard(path as string),
      /^(?:Type|Range)Error: Cannot make a dashboard: path is .*; give one that /,
    );
  }
  assert.throws(
    () => dashboard("/x", { key: "secret" }),
    (error: Error) =>
      /key is of type string; give a text of 16 to 256/.test(error.message) &&
      !error.message.includes("secret"),
  );
  assert.throws(
    () => dashboard("/x", { kee: "" } as never),
    /there is no option "kee"; give any of key, print, /,
  );
});
