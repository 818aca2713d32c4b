/** Work at the end of a program, and the path of its main module. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runArgs } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";

const timeout = 120_000;
const onDeno = skippedUnless(RUNTIME === "deno", "only Deno has `deno serve`");

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

const PROGRAM = pathOf("fleet_program.ts");

/**
 * Runs a program until it ends; with `until`, sends SIGTERM when it has printed
 * that. Returns its lines, and its exit code as a shell reports it.
 */
async function outcomeOf(
  args: readonly string[],
  until?: RegExp,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ lines: string[]; code: number }> {
  const script = '"$@" & echo "pid $!."; wait $!; echo "code $?."';
  const shell = spawn("sh", ["-c", script, "sh", process.execPath, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, NO_COLOR: "1", ...variables },
  });
  let output = "";
  let isSent = until === undefined;
  shell.stdout.on("data", (chunk) => {
    output += String(chunk);
    const [, pid] = /pid (\d+)\./.exec(output) ?? [];
    if (isSent || pid === undefined || !until!.test(output)) return;
    isSent = true;
    process.kill(Number(pid), "SIGTERM");
  });
  await once(shell, "close");
  const lines = output.split("\n").map((line) =>
    line.replace(/^\[serve-worker-\d+ \] */, "")
  );
  const [, code] = /code (\d+)\./.exec(output)!;
  return {
    lines: lines.filter((line) =>
      /^(main|worker|ready|ended|undone)/.test(line)
    ),
    code: Number(code),
  };
}

test("work of onExit() is done at each kind of end, and codes stay", {
  timeout,
}, async () => {
  const run = (how: string, until?: RegExp) =>
    outcomeOf([...runArgs(PROGRAM), "end", "", how], until);
  const ends: readonly [Awaited<ReturnType<typeof run>>, number][] = [
    [await run(""), 0],
    [await run("exit"), 3],
    [await run("signal", /ready/), 143],
  ];
  for (const [{ lines, code }, expected] of ends) {
    assert.equal(code, expected);
    assert.equal(lines[0], "ready.");
    assert.ok(lines.length > 1, "the work is done");
    assert.ok(lines.slice(1).every((line) => line === "ended."), `${lines}`);
  }
});

test("work of onExit() is done when deno serve ends, in each thread", {
  timeout,
  ...onDeno,
}, async () => {
  const file = pathOf("fleet_hosted.ts");
  for (const threads of [1, 3]) {
    const args = ["serve", "-A", "--no-check", "--port", "0"];
    if (threads > 1) args.push("--parallel");
    const { lines, code } = await outcomeOf(
      [...args, file],
      new RegExp(`(?:main file[^]*){${threads}}`),
      { DENO_JOBS: String(threads) },
    );
    assert.equal(code, 0);
    const ended = lines.filter((line) => line === "ended.");
    assert.ok(ended.length >= threads, `${lines}`);
    const mains = lines.filter((line) => line.startsWith("main"));
    assert.deepEqual(
      mains,
      Array(threads).fill(`main ${pathToFileURL(file).href}.`),
    );
  }
});

test("a Worker has the main path of its program", { timeout }, async () => {
  const kinds = RUNTIME === "node" ? ["thread"] : ["thread", "web"];
  for (const kind of kinds) {
    const { lines } = await outcomeOf(
      [...runArgs(PROGRAM), "main", "", kind],
      /worker/,
    );
    const path = RUNTIME === "deno" ? pathToFileURL(PROGRAM).href : PROGRAM;
    assert.deepEqual(lines, [`main ${path}.`, `worker ${path}.`], kind);
  }
});
