/** The telemetry server as a program. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serverOptions, USAGE } from "../../src/server/main.ts";
import { RUNTIME } from "../runtimes/server.ts";

const FILE = fileURLToPath(new URL("../../src/server/mod.ts", import.meta.url));
const timeout = 60_000;
const none = () => undefined;

test("flags come before the environment", () => {
  const env = (name: string) =>
    ({ BAROGRAPH_PORT: "1", BAROGRAPH_PATH: "/env" })[name];
  assert.deepEqual(serverOptions([], none), {});
  assert.deepEqual(serverOptions([], env), { port: 1, path: "/env" });
  assert.deepEqual(
    serverOptions(["--port", "2", "--hostname=::1", "--path=/a=b"], env),
    { port: 2, hostname: "::1", path: "/a=b" },
  );
  assert.deepEqual(serverOptions(["--cert", "c", "--key", "k"], none), {
    tls: { certFile: "c", keyFile: "k" },
  });
  assert.equal(serverOptions(["--port", "1", "--help"], none), "help");
});

test("a flag that is wrong is one clear line", () => {
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

function start(args: readonly string[], env: Record<string, string> = {}) {
  const flags = RUNTIME === "deno" ? ["-A"] : [];
  const child = spawn(process.execPath, ["run", ...flags, FILE, ...args], {
    env: { ...process.env, ...env },
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => out += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => out += text);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  return { child, ended, told: () => out };
}

test("it tells of its own process, to who has the token, until it is ended", {
  timeout,
}, async () => {
  const { child, ended, told } = start(["--port", "0"], {
    BAROGRAPH_TOKEN: "t0k3n",
  });
  let found: RegExpExecArray | null = null;
  while (found === null) {
    await new Promise((done) => setTimeout(done, 10));
    found = /localhost:(\d+)\/metrics/.exec(told());
  }
  const url = `http://127.0.0.1:${found[1]}/metrics`;
  const refused = await fetch(url);
  assert.equal(refused.status, 401);
  await refused.text();
  const headers = { authorization: "Bearer t0k3n" };
  const text = await (await fetch(url, { headers })).text();
  assert.match(text, /^process_cpu_seconds_total \d/m);
  assert.match(text, new RegExp(`^${RUNTIME}_version_info`, "m"));
  // Not by `child.kill`: Deno then says it was killed, whatever it did.
  process.kill(child.pid!, "SIGTERM");
  assert.equal(await ended, 0, told());
});

test("it tells what it can do, and what was typed wrongly", {
  timeout,
}, async () => {
  const help = start(["--help"]);
  assert.equal(await help.ended, 0);
  assert.equal(help.told().trim(), USAGE);
  const wrong = start(["--prot", "1"]);
  assert.equal(await wrong.ended, 1);
  assert.match(wrong.told(), /^there is no flag "--prot"; try --help$/m);
});
