/** Runs the demo as a user runs it. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { test } from "node:test";
import { parseExposition } from "../src/testing/mod.ts";
import { RUNTIME } from "./runtimes/server.ts";
import {
  ended,
  type Outcome,
  ROOT,
  start,
  type StartOptions,
  takenPort,
} from "./support/programs.ts";
import { skippedUnless } from "./support/rounds.ts";

const OPENED =
  /^The live page of the shop:\n {2}(http:\/\/127\.0\.0\.1:\d+)(\/_barograph)#k=(\S+)\n/;
/** Starts the demo on a free port, with the permissions of `deno task demo`. */
function demo(
  args: readonly string[] = [],
  { permissions = [], ...rest }: StartOptions = {},
): ChildProcess {
  return start("demo/main.ts", ["--port=0", "--past=60", ...args], {
    permissions: ["--allow-net", ...permissions],
    ...rest,
  });
}

function outcome(...args: readonly string[]): Promise<Outcome> {
  return ended(demo(args));
}

/** Resolves to the text that `child` has printed once it matches `pattern`. */
function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (part) => {
      text += part;
      if (pattern.test(text)) resolve(text);
    });
    child.on("close", () => reject(new Error(`the demo ended: ${text}`)));
  });
}

test("the demo prints an exposition and ends with --once", async () => {
  const { code, stdout, stderr } = await outcome("--once");
  assert.equal(code, 0, stderr);
  const families = parseExposition(stdout, "text-0.0.4");
  const total = (name: string) =>
    families.find((family) => family.name === name)!.samples
      .reduce((sum, { value }) => sum + value, 0);
  assert.ok(total("http_requests_total") >= 200);
  assert.ok(total("shop_orders_total") > 5);
  assert.ok(total("http_client_requests_total") > 20);
  assert.ok(total("barograph_events_published_total") > 400);
});

test("the demo prints what to do next, and ends after --seconds", async () => {
  const { code, stdout, stderr } = await outcome("--seconds", "3");
  assert.equal(code, 0, stderr);
  assert.match(stdout, OPENED);
  assert.match(stdout, /^In a second terminal:[^]*^ {2}curl http:/m);
  assert.match(stdout, /scrape_configs:/);
  assert.match(stdout, /\nThe shop is closed: orders \d+, [^\n]+\n$/);
});

test("the output of the demo fits a terminal of 80 × 24, and a pipe gets only text", async () => {
  const { stdout } = await outcome("--seconds", "1");
  const lines = stdout.split("\n");
  for (const line of lines) assert.ok(line.length < 80, line);
  assert.ok(lines.length < 24, stdout);
  // deno-lint-ignore no-control-regex -- what moves a cursor
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f]/);
});

test("every link of the demo's page has an answer", async () => {
  const child = demo();
  const end = ended(child);
  try {
    const url = OPENED.exec(await printed(child, OPENED))![1]!;
    const page = await fetch(`${url}/`);
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    const html = await page.text();
    const statuses: Record<string, number> = {};
    for (const [, path] of html.matchAll(/<a href="([^"]+)"/g)) {
      const response = await fetch(`${url}${path}`);
      statuses[path!] = response.status;
      await response.body?.cancel();
    }
    assert.deepEqual(statuses, {
      "/_barograph": 200,
      "/metrics": 200,
      "/events": 200,
      "/health": 200,
      "/items/7": 200,
      "/items/25": 409,
      "/search?term=lamp": 200,
      "/lost": 404,
    });
    const health = await (await fetch(`${url}/health`)).json();
    assert.equal(health.status, "healthy");
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const route of ["/", "/health", "/items/:id", "/search", "unknown"]) {
      assert.match(metrics, new RegExp(`^http_requests.*"${route}"`, "m"));
    }
  } finally {
    child.kill();
    await end;
  }
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends the demo quietly, also twice and with an open event stream`, async () => {
    const child = demo();
    const end = ended(child);
    const url = OPENED.exec(await printed(child, OPENED))![1]!;
    const events = await fetch(`${url}/events`);
    const stream = events.text().catch(() => {}); // may be cut off
    // After `child.kill`, Deno reports that the signal has ended the child.
    kill(child.pid!, signal);
    kill(child.pid!, signal);
    const { code, stdout, stderr } = await end;
    await stream;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /\nThe shop is closed: [^\n]+\n$/);
  });
}

for (const args of [["--seconds=1"], ["--once"]]) {
  test(`a closed pipe ends the demo quietly: ${args[0]}`, async () => {
    const child = demo(args);
    const end = ended(child);
    if (args[0] !== "--once") await printed(child, OPENED);
    child.stdout!.destroy();
    const { code, stderr } = await end;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });
}

test("the demo fails with one line if its port is in use", async () => {
  const { port, server } = await takenPort();
  try {
    const { code, stderr } = await outcome("--port", `${port}`);
    assert.equal(code, 1);
    assert.equal(
      stderr.trim(),
      `Cannot run the demo: port ${port} is in use; ` +
        `choose another one with --port N`,
    );
  } finally {
    server.close();
  }
});

test("the demo fails with one line on a wrong flag", async () => {
  for (const args of [["--port", "x"], ["--port"], ["--prot", "1"]]) {
    const { code, stderr } = await outcome(...args);
    assert.equal(code, 1);
    assert.match(stderr.trim(), /^Cannot run the demo: [^\n]+$/);
  }
});

test(
  "the demo installs nothing",
  skippedUnless(RUNTIME === "deno", "only Deno downloads what a program names"),
  async () => {
    const cache = mkdtempSync(join(tmpdir(), "barograph-demo-"));
    try {
      const { code, stderr } = await ended(demo(["--once"], {
        permissions: ["--cached-only"],
        variables: { DENO_DIR: cache },
      }));
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      for (const folder of ["remote", "npm"].map((name) => join(cache, name))) {
        if (existsSync(folder)) assert.deepEqual(readdirSync(folder), []);
      }
    } finally {
      rmSync(cache, { recursive: true });
    }
    assert.equal(existsSync(`${ROOT}node_modules`), false);
  },
);
