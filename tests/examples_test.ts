/**
 * Runs every example as a user runs it. Those of fleets: `fleet/recipes`;
 * `operations.ts`: `operations`.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import { env, execPath } from "node:process";
import { test } from "node:test";
import { RUNTIME } from "./runtimes/server.ts";
import { ended, ROOT, start, takenPort } from "./support/programs.ts";

/** The expected output of each example, printed or served. */
const EXAMPLES: Readonly<
  Record<
    string,
    {
      runtimes?: readonly (typeof RUNTIME)[];
      serves?: true;
      /** Whether it receives the telemetry that is built into Deno. */
      receives?: true;
      /** Whether it is a file of tests. */
      tests?: true;
      /** Permissions on Deno beside network and environment. */
      permissions?: readonly string[];
      shows: RegExp;
    }
  >
> = {
  "any_runtime.ts": {
    serves: true,
    shows: /^visits_total\{runtime="\w+"\} 2$/m,
  },
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
  "cloudflare_worker.ts": {
    runtimes: [], // its handlers are called below
    shows: /^Guten Tag\.\n/,
  },
  "collector.ts": {
    permissions: ["--allow-read"],
    shows: /^folder_files\{extension="ts"\} \d+\n[^]*^folder_size_bytes\{/m,
  },
  "cost.ts": {
    shows:
      /^bound inc\(\): [\d.]+ ns\n[^]*^100 % changed: [\d.]+ ms, without cache [\d.]+$/m,
  },
  "cron_job.ts": { shows: /backup_duration_seconds_count{outcome="done"} 1\n/ },
  "deno_observe.ts": {
    runtimes: ["deno"],
    serves: true,
    shows: /topic="downstream"} 2\n/,
  },
  "deno_otel.ts": {
    runtimes: ["deno"],
    serves: true,
    receives: true,
    shows:
      /http_server_request_duration_seconds_count\{job="hello".*method="GET"/,
  },
  "deno_serve.ts": {
    runtimes: ["deno"],
    serves: true,
    shows: /greetings_total.*"de"} 1\n/,
  },
  "express.ts": {
    serves: true,
    shows: /http_requests_total{[^}]*route="\/users\/:id"/,
  },
  "formats.ts": {
    shows:
      /^shop_orders_total 3\n[^]*\{"shop.orders_total"\} 3\n[^]*# EOF\n[^]* st@[^]*^\d+ bytes\n/m,
  },
  "from_opentelemetry.ts": {
    shows:
      /^shop_orders_total{payment_method="card"} 1\n[^]*_bucket{le="5.0"} 1/m,
  },
  "from_prom_client.ts": {
    shows: /mails_sent_total{outcome="sent"} 2\n[^]*mail_size_bytes_count 1\n/,
  },
  "generate_dashboards.ts": {
    shows: /^shop.json: 1 lines\nshop.rules.yml: \d{3} lines\nshop.rules_test/,
  },
  "getting_started.ts": {
    serves: true,
    shows: /shop_orders_total{payment="card"} [12]\n/,
  },
  "hono.ts": {
    runtimes: ["deno", "bun"],
    serves: true,
    shows: /http_requests_total{[^}]*route="\/users\/:id"/,
  },
  "http_metrics.ts": {
    shows:
      /^http_requests_total\{method="GET",route="\/items\/:id",status_class="5xx"\} 1\n[^]*^http_server_request_duration_seconds_count\{.*error_type="TypeError"\} 1\n/m,
  },
  "live_page.ts": {
    serves: true,
    shows: /http_requests_total{[^}]*route="other"/,
  },
  "live_view.ts": {
    shows: /^ui.Click ok 3\n[^]*vango_events_total{path="\/cart",status="s/,
  },
  "logs.ts": {
    shows:
      /"text":"order accepted","traceId":"(\w{32})"[^]*"error"[^]*"traceId":"\1"/,
  },
  "metrics.ts": {
    shows:
      /^shop_orders_total\{payment="invoice"\} 0\n[^]*shop_queue_length 2\n/m,
  },
  "opentelemetry.ts": {
    shows:
      /^client SELECT\nserver GET [^]*db_client_operation_duration_seconds/,
  },
  "page_feed.ts": {
    shows: /^open http:.*#k=.*\nreading queue\n(?:\d+ jobs\n){2}$/,
  },
  "protected.ts": {
    shows: /^404 .*\n401 .*\n401 .*\n200 .*\nhttp_requests_total{.*} 1\n$/,
  },
  "queue_worker.ts": { shows: /worker_jobs_total\{outcome="failed"\} 1\n/ },
  "receiver.ts": {
    shows:
      /^accepted: true\n[^]*job="worker",instance="worker-1",format="webp"} 3\n/,
  },
  "recorders.ts": {
    shows: /_pages_total\{paper="a4"\} 15\n[^]*queue: 0[^]*.jobPrinted./,
  },
  "request_events.ts": {
    shows: /^request.start [^]*downstream [^]*"error":"no such table"/,
  },
  "runtime_metrics.ts": {
    shows:
      /"prometheus"[^]*process_cpu_seconds_total \d[^]*"semconv"[^]*process_uptime_seconds \d/,
  },
  "service_platform.ts": {
    shows: /^Cannot register "mails_sent_total"[^]*nats_rtt_seconds 0.0004\n/,
  },
  "telemetry_server.ts": {
    serves: true,
    shows: /thumbnails_made_total\{outcome="failed"\} 0\n/,
  },
  "testing.ts": { tests: true, shows: /(?:3 passed|3 pass\b|pass 3\b)/ },
  "traces.ts": {
    shows:
      /^server .*\n {2}client GET stock\n {4}server .*\n {6}client db.*\ntraces: 1/,
  },
  "worker_fleet.ts": {
    shows: /"ready"[^]*blockyard_sessions_active 0\n/,
  },
};

test("every example is tested", () => {
  const files = readdirSync(`${ROOT}examples`)
    .filter((name) => /^(?!fleet_|operations).*\.ts$/.test(name));
  assert.deepEqual(files.sort(), Object.keys(EXAMPLES));
});

test("the lines of the StatsD example are received", {
  timeout: 120_000,
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

test("the Worker of the examples answers, and sends spans and metrics", {
  timeout: 120_000,
}, async () => {
  const received = new Map<string, string>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("latin1")) body += chunk;
    received.set(request.url!, body);
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const { stdout, stderr } = await ended(
    start("tests/workers/example_program.ts", [`http://127.0.0.1:${port}`]),
  );
  server.closeAllConnections();
  server.close();
  assert.match(stdout, EXAMPLES["cloudflare_worker.ts"]!.shows, stderr);
  const paths = [...received.keys()].sort();
  assert.equal(paths.length, 2, paths.join());
  assert.match(paths[0]!, /^\/metrics\/job\/greeter\/instance\/[\da-f-]{36}$/);
  assert.equal(paths[1], "/v1/traces");
});

for (const [file, example] of Object.entries(EXAMPLES)) {
  const { runtimes, serves, receives, tests, permissions, shows } = example;
  if (runtimes?.includes(RUNTIME) === false) continue;
  test(`examples/${file} works`, { timeout: 120_000 }, async () => {
    if (!serves) {
      const program = tests
        ? startTests(`examples/${file}`)
        : start(`examples/${file}`, [], {
          permissions: ["--allow-net", "--allow-env", ...permissions ?? []],
        });
      const { stdout, stderr } = await ended(program);
      // Bun reports the results of tests as errors.
      assert.match(tests ? stdout + stderr : stdout, shows, stderr);
      return;
    }
    const path = `examples/${file}`;
    if (!receives) return assert.match(await served(path), shows);
    for (const protocol of ["http/json", "http/protobuf"]) {
      const variables = await builtInTelemetry(protocol);
      assert.match(await served(path, variables, shows), shows, protocol);
    }
  });
}

/** Runs a file of tests. */
function startTests(file: string): ChildProcess {
  const args = { deno: ["test", "--no-check"], bun: ["test"], node: [] };
  return spawn(execPath, [...args[RUNTIME], `./${file}`], {
    cwd: ROOT,
    env: { ...env, NODE_TEST_CONTEXT: "" }, // not a part of this run
  });
}

/** Returns the variables that turn on the telemetry of Deno. */
async function builtInTelemetry(
  protocol: string,
): Promise<Record<string, string>> {
  const { port, server } = await takenPort();
  await new Promise((resolve) => server.close(resolve));
  return {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_METRIC_EXPORT_INTERVAL: "100",
    OTEL_SERVICE_NAME: "hello",
  };
}

/**
 * Starts a server and returns its `/metrics` after a few requests, or when it
 * shows what is awaited.
 */
async function served(
  file: string,
  variables: Readonly<Record<string, string>> = {},
  awaited = /^/,
): Promise<string> {
  const { port, server } = await takenPort();
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const child = start(file, [], {
    // Runtimes and programs take their default port from such a variable.
    variables: {
      PORT: String(port),
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      BUN_PORT: String(port),
      ...variables,
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
    for (;;) {
      const text = await (await fetch(`${url}/metrics`)).text();
      if (awaited.test(text)) return text;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
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
