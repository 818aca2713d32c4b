/** The telemetry server as a program. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serverOptions, USAGE } from "../../src/server/main.ts";
import { METRICS_PREFIX } from "../runtimes/server.ts";
import { runArgs } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";

const FILE = fileURLToPath(new URL("../../src/server/mod.ts", import.meta.url));
const timeout = 120_000;
const none = (_name: string): string | undefined => undefined;

/** Returns the options that are set. */
function optionsOf(args: readonly string[], env = none): object {
  const options = serverOptions(args, env);
  const set = Object.entries(options).filter(([, value]) => value);
  return Object.fromEntries(set);
}

test("serverOptions() prefers flags to environment variables", () => {
  const env = (name: string) =>
    ({ BAROGRAPH_PORT: "1", BAROGRAPH_PATH: "/env" })[name];
  assert.deepEqual(optionsOf([]), {});
  assert.deepEqual(optionsOf([], env), { port: 1, path: "/env" });
  assert.deepEqual(
    optionsOf(["--port", "2", "--hostname=::1", "--path=/a=b"], env),
    { port: 2, hostname: "::1", path: "/a=b" },
  );
  assert.deepEqual(optionsOf(["--cert", "c", "--key", "k"]), {
    tls: { certFile: "c", keyFile: "k" },
  });
  assert.deepEqual(optionsOf(["--hosts", "a.example,b.example"]), {
    hosts: ["a.example", "b.example"],
  });
  assert.deepEqual(optionsOf(["--hosts", "any"]), { hosts: "any" });
  assert.equal(serverOptions(["--port", "1", "--help"], none), "help");
});

test("serverOptions() takes the port and the host of a Prometheus exporter", () => {
  const values: Record<string, string> = {
    OTEL_EXPORTER_PROMETHEUS_PORT: "9464",
    OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0",
  };
  const env = (name: string) => values[name];
  assert.deepEqual(optionsOf([], env), { port: 9464, hostname: "0.0.0.0" });
  values["BAROGRAPH_PORT"] = "1";
  values["OTEL_EXPORTER_PROMETHEUS_HOST"] = "";
  assert.deepEqual(optionsOf([], env), { port: 1 });
});

test("serverOptions() requires the token of the environment", () => {
  const withToken = (token: string) => (name: string) =>
    name === "BAROGRAPH_TOKEN" ? token : undefined;
  const { authorize } = optionsOf([], withToken("t0k3n")) as {
    readonly authorize?: unknown;
  };
  assert.equal(typeof authorize, "function");
  assert.deepEqual(optionsOf([], withToken("")), {});
});

test("serverOptions() refuses a wrong flag with a message of one line", () => {
  const wrong = [
    ["--prot", "1"],
    ["--port"],
    ["--port", "--path"],
    ["--port", "x"],
    ["--cert", "c"],
    ["9090"],
  ];
  for (const args of wrong) {
    assert.throws(() => serverOptions(args, none), (error: Error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /^[^\n]*(?:give|try --help)[^\n]*$/);
      return true;
    }, args.join(" "));
  }
});

function needsMain() {
  const meta: object = import.meta;
  return skippedUnless("main" in meta, "Node 22 has no import.meta.main");
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...runArgs(FILE), ...args], {
    env: { ...process.env, ...env },
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => out += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => out += text);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  return { child, ended, output: () => out };
}

test(
  "the program exposes its process to clients with the token until SIGTERM",
  {
    timeout,
    ...needsMain(),
  },
  async () => {
    const { child, ended, output } = start(["--port", "0"], {
      BAROGRAPH_TOKEN: "t0k3n",
    });
    let found: RegExpExecArray | null = null;
    while (found === null) {
      await new Promise((done) => setTimeout(done, 10));
      found = /localhost:(\d+)\/metrics/.exec(output());
    }
    const url = `http://127.0.0.1:${found[1]}/metrics`;
    const refused = await fetch(url);
    assert.equal(refused.status, 401);
    await refused.text();
    const headers = { authorization: "Bearer t0k3n" };
    const text = await (await fetch(url, { headers })).text();
    assert.match(text, /^process_cpu_seconds_total \d/m);
    assert.match(text, new RegExp(`^${METRICS_PREFIX}_version_info`, "m"));
    // Not `child.kill`: with it, Deno reports a kill whatever the exit code.
    process.kill(child.pid!, "SIGTERM");
    assert.equal(await ended, 0, output());
  },
);

test("the program prints its usage, and the error of a wrong flag", {
  timeout,
  ...needsMain(),
}, async () => {
  const help = start(["--help"]);
  assert.equal(await help.ended, 0);
  assert.equal(help.output().trim(), USAGE);
  const wrong = start(["--prot", "1"]);
  assert.equal(await wrong.ended, 1);
  assert.match(wrong.output(), /^there is no flag "--prot"; try --help$/m);
});
