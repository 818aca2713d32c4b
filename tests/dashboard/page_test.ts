import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { PAGE, VIEWS } from "../../src/dashboard/page_text.ts";
import { worldOf } from "./world.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

test("the page has a policy that admits its own scripts and style only", async () => {
  using world = worldOf();
  const { headers } = await world.ask("");
  const policy = headers.get("content-security-policy")!;
  const [, script] = /<script>([^]*)<\/script>/.exec(PAGE)!;
  const [, style] = /<style>([^]*)<\/style>/.exec(PAGE)!;
  for (
    const directive of [
      "default-src 'none'",
      `script-src 'sha256-${sha256(script!)}' 'sha256-${sha256(VIEWS)}'`,
      `style-src 'sha256-${sha256(style!)}'`,
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]
  ) assert.ok(policy.split("; ").includes(directive), directive);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  assert.equal(headers.get("cache-control"), "no-cache");
  assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
});

test("the page is compressed for those who read gzip, and the same for all", async () => {
  using world = worldOf();
  const plain = await world.ask("");
  assert.equal(await plain.text(), PAGE);
  for (let i = 0; i < 2; i++) {
    const headers = { "accept-encoding": "gzip, br" };
    const response = await world.ask("", { headers });
    assert.equal(response.headers.get("content-encoding"), "gzip");
    assert.equal(response.headers.get("vary"), "accept-encoding");
    const bytes = new Uint8Array(await response.arrayBuffer());
    assert.equal(gunzipSync(bytes).toString(), PAGE);
    assert.equal(response.headers.get("etag"), plain.headers.get("etag"));
  }
  const refused = { "accept-encoding": "gzip;q=0, *;q=0" };
  const response = await world.ask("", { headers: refused });
  assert.equal(await response.text(), PAGE);
});

test("a browser that has the page gets 304", async () => {
  using world = worldOf();
  const etag = (await world.ask("")).headers.get("etag")!;
  for (
    const [tag, status] of [
      [etag, 304],
      [etag.replace("W/", ""), 304],
      [`"other", ${etag}`, 304],
      ['"other"', 200],
      ["", 200],
      ["x".repeat(100_000), 200],
    ] as const
  ) {
    const headers = { "if-none-match": tag };
    const response = await world.ask("", { headers });
    assert.equal(response.status, status);
    assert.equal(
      (await response.text()).length,
      status === 304 ? 0 : PAGE.length,
    );
    assert.ok(response.headers.has("content-security-policy"));
  }
});

test("the script of the other views needs no key either", async () => {
  using world = worldOf();
  const response = await world.ask("/views.js");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/javascript\b/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(await response.text(), VIEWS);
  const headers = { "if-none-match": response.headers.get("etag")! };
  const again = await world.ask("/views.js", { headers });
  assert.equal(again.status, 304);
});

test("HEAD has the headers of GET and no body", async () => {
  using world = worldOf();
  const get = await world.ask("");
  const head = await world.ask("", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.deepEqual([...head.headers], [...get.headers]);
});

test("the page names no other host", () => {
  const hosts = [
    ...(PAGE + VIEWS).matchAll(
      /\b(?:https?:)?\/\/[a-z0-9][\w.-]*\.[a-z]{2,}/gi,
    ),
  ]
    .map(([url]) => url);
  assert.deepEqual(hosts.filter((url) => !/w3\.org/.test(url)), []);
});
