/** Runs every example as a user runs it. Those of fleets: `fleet/recipes`. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { RUNTIME } from "./runtimes/server.ts";
import { ended, ROOT, start, takenPort } from "./support/programs.ts";

/** The expected output of each example, printed or served. */
const EXAMPLES: Readonly<
  Record<
    string,
    { runtimes?: readonly (typeof RUNTIME)[]; serves?: true; shows: RegExp }
  >
> = {
  "bun_observe.ts": {
    runtimes: ["bun"],
    serves: true,
    shows: /topic="downstream"} 2\n/,
  },
  "bun_routes.ts": {
    runtimes: ["bun"],
    serves: true,
    shows: /route="\/users\/:id"/,
  },
  "channels_statsd.ts": { shows: /messagesReceived: 1,/ },
  "cron_job.ts": { shows: /backup_duration_seconds_count{outcome="done"} 1\n/ },
  "deno_observe.ts": {
    runtimes: ["deno"],
    serves: true,
    shows: /topic="downstream"} 2\n/,
  },
  "deno_serve.ts": {
    runtimes: ["deno"],
    serves: true,
    shows: /greetings_total.*"de"} 1\n/,
  },
  "hono.ts": {
    runtimes: ["deno", "bun"],
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
    .filter((name) => name.endsWith(".ts") && !name.startsWith("fleet_"));
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
    variables: { STATSD_PORT: String(daemon.address().port) },
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

for (const [file, { runtimes, serves, shows }] of Object.entries(EXAMPLES)) {
  if (runtimes?.includes(RUNTIME) === false) continue;
  test(`examples/${file} works`, async () => {
    if (!serves) {
      const { stdout, stderr } = await ended(start(`examples/${file}`));
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
    variables: {
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      BUN_PORT: String(port),
    },
  });
  const closed = new Promise<never>((_, reject) =>
    child.on("close", () => reject(new Error(`${file} ended`)))
  );
  try {
    await Promise.race([reachable(url), closed]);
    const headers = { "accept-language": "de" };
    await (await fetch(url, { headers })).text();
    await (await fetch(`${url}/users/7`)).text();
    return await (await fetch(`${url}/metrics`)).text();
  } finally {
    closed.catch(() => {});
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
