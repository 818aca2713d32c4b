/** Runs every example and the demo as a user runs them. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { env, execPath } from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseExposition } from "../src/testing/mod.ts";
import { RUNTIME } from "./runtimes/server.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function start(
  file: string,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  const run = RUNTIME === "deno"
    ? ["run", "--allow-net", "--allow-env"]
    : ["run"];
  return spawn(execPath, [...run, file, ...args], {
    cwd: ROOT,
    env: { ...env, ...variables },
  });
}

async function outcome(
  file: string,
  args: readonly string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(file, args);
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (text) => stdout += text);
  child.stderr!.on("data", (text) => stderr += text);
  const code = await new Promise<number | null>((resolve) =>
    child.on("close", resolve)
  );
  return { code, stdout, stderr };
}

/** Returns a port that stays in use until `server` is closed. */
function takenPort(): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      resolve({ port, server });
    });
  });
}

test("the demo prints an exposition and ends with --once", async () => {
  const args = ["--once", "--port", "0"];
  const { code, stdout, stderr } = await outcome("demo/main.ts", args);
  assert.equal(code, 0, stderr);
  const families = parseExposition(stdout, "text-0.0.4");
  const total = (name: string) =>
    families.find((family) => family.name === name)!.samples
      .reduce((sum, { value }) => sum + value, 0);
  assert.equal(total("http_requests_total"), 200);
  assert.ok(total("shop_orders_total") > 20);
  assert.ok(total("http_client_requests_total") > 20);
  assert.ok(total("barograph_events_published_total") > 400);
});

test("the demo prints its address and a trace, and ends after --seconds", async () => {
  const args = ["--seconds", "1", "--port=0"];
  const { code, stdout, stderr } = await outcome("demo/main.ts", args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /The shop is open: http:\/\/127\.0\.0\.1:\d+\n/);
  assert.match(stdout, /curl http:/);
  assert.match(stdout, /scrape_configs:/);
  assert.match(
    stdout,
    /^GET .* shop\n└─ GET stock .* shop\n {3}└─ GET \/stock\/:id .* stock$/m,
  );
});

test("the demo fails with one line if its port is in use", async () => {
  const { port, server } = await takenPort();
  try {
    const { code, stderr } = await outcome("demo/main.ts", [
      "--port",
      `${port}`,
    ]);
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
    const { code, stderr } = await outcome("demo/main.ts", args);
    assert.equal(code, 1);
    assert.match(stderr.trim(), /^Cannot run the demo: [^\n]+$/);
  }
});

/** The expected output of each example, printed or served. */
const EXAMPLES: Readonly<
  Record<
    string,
    { runtime?: "deno" | "bun"; serves?: true; shows: RegExp }
  >
> = {
  "bun_observe.ts": {
    runtime: "bun",
    serves: true,
    shows: /topic="downstream"} 2\n/,
  },
  "bun_routes.ts": {
    runtime: "bun",
    serves: true,
    shows: /route="\/users\/:id"/,
  },
  "channels_statsd.ts": { shows: /messagesReceived: 1,/ },
  "cron_job.ts": { shows: /backup_duration_seconds_count{outcome="done"} 1\n/ },
  "deno_observe.ts": {
    runtime: "deno",
    serves: true,
    shows: /topic="downstream"} 2\n/,
  },
  "deno_serve.ts": {
    runtime: "deno",
    serves: true,
    shows: /greetings_total.*"de"} 1\n/,
  },
  "hono.ts": {
    serves: true,
    shows: /http_requests_total{[^}]*route="\/users\/:id"/,
  },
  "live_view.ts": {
    shows: /^ui.Click ok 3\n[^]*vango_events_total{path="\/cart",status="s/,
  },
  "queue_worker.ts": { shows: /worker_jobs_total\{outcome="failed"\} 1\n/ },
  "request_events.ts": {
    shows: /^request.start [^]*downstream [^]*"error":"no such table"/,
  },
  "service_platform.ts": {
    shows: /^Cannot register "mails_sent_total"[^]*nats_rtt_seconds 0.0004\n/,
  },
  "worker_fleet.ts": {
    shows: /"ready"[^]*blockyard_sessions_active 0\n/,
  },
};

test("every example is tested", () => {
  const files = readdirSync(`${ROOT}examples`)
    .filter((name) => name.endsWith(".ts"));
  assert.deepEqual(files.sort(), Object.keys(EXAMPLES));
});

test("the lines of the StatsD example are received", {
  timeout: 60_000,
}, async () => {
  const daemon = createSocket("udp4");
  const lines: string[] = [];
  daemon.on("message", (line) => lines.push(line.toString()));
  await new Promise<void>((done) => daemon.bind(0, "127.0.0.1", done));
  const child = start("examples/channels_statsd.ts", [], {
    STATSD_PORT: String(daemon.address().port),
  });
  await new Promise((done) => child.on("close", done));
  while (lines.length < 5) await new Promise((done) => setTimeout(done, 5));
  daemon.close();
  assert.deepEqual(lines.toSorted(), [
    "gort.duration.wechat:12|ms",
    "gort.errors.dingtalk.rate_limit:1|c",
    "gort.received.wechat.inbound:1|c",
    "gort.sent.wechat:1|c",
    "gort.sessions:4|g",
  ]);
});

for (const [file, { runtime, serves, shows }] of Object.entries(EXAMPLES)) {
  if (runtime !== undefined && runtime !== RUNTIME) continue;
  test(`examples/${file} works`, async () => {
    if (!serves) {
      const { stdout, stderr } = await outcome(`examples/${file}`);
      assert.match(stdout, shows, stderr);
      return;
    }
    assert.match(await served(`examples/${file}`), shows);
  });
}

/** Starts a server and returns its `/metrics` after a few requests. */
async function served(file: string): Promise<string> {
  const { port, server } = await takenPort();
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const child = start(file, [], {
    // Both runtimes take their default port from such a variable.
    DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    BUN_PORT: String(port),
  });
  const ended = new Promise<never>((_, reject) =>
    child.on("close", () => reject(new Error(`${file} ended`)))
  );
  try {
    await Promise.race([reachable(url), ended]);
    const headers = { "accept-language": "de" };
    await (await fetch(url, { headers })).text();
    await (await fetch(`${url}/users/7`)).text();
    return await (await fetch(`${url}/metrics`)).text();
  } finally {
    ended.catch(() => {});
    child.kill();
  }
}

async function reachable(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(`${url}/metrics`)).text();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
