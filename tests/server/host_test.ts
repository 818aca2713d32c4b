/** A telemetry server ends with the program that runs its module, and not before. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runArgs } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";

const timeout = 120_000;

/** Milliseconds until a missing text is an error, before the timeout. */
const PATIENCE = 45_000;

/** Seconds that a program may take to end. */
const MAX_SECONDS = 3;

interface Running {
  /**
   * Resolves to the first match that the output has. If there is none, it ends
   * the program, and rejects with the output so far.
   */
  printed(text: RegExp): Promise<RegExpExecArray>;
  /**
   * Sends SIGTERM, and SIGKILL after `MAX_SECONDS`; resolves to the exit code, as a
   * shell reports it.
   */
  terminate(): Promise<number>;
}

/**
 * Starts a program by a shell, whose exit code is the true one: Deno's
 * `node:child_process` reports the signal that was sent instead.
 */
async function started(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const script = '"$@" 2>&1 & echo "pid $!."; wait $!; echo "code $?."';
  const shell = spawn("sh", ["-c", script, "sh", process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1", ...variables },
  });
  let output = "";
  shell.stdout.on("data", (chunk) => output += String(chunk));
  const printed = (text: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = text.exec(output);
        if (found !== null) resolve(found);
        else if (/code \d/.test(output)) fail();
        else return;
        stop();
      };
      const fail = () => {
        const pid = Number(/pid (\d+)\./.exec(output)?.[1]);
        if (pid > 0 && !/code \d/.test(output)) kill(pid);
        reject(new Error(`${text} is missing; ${args.at(-1)}: ${output}`));
        stop();
      };
      const late = setTimeout(fail, PATIENCE);
      const stop = () => {
        clearTimeout(late);
        shell.stdout.off("data", look).off("end", fail);
      };
      shell.stdout.on("data", look).on("end", fail);
      look();
    });
  const [, pid] = await printed(/pid (\d+)\./);
  return {
    printed,
    async terminate() {
      process.kill(Number(pid), "SIGTERM");
      const late = setTimeout(() => kill(Number(pid)), MAX_SECONDS * 1000);
      const [, code] = await printed(/code (\d+)\./);
      clearTimeout(late);
      return Number(code);
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Starts the module by `deno serve`, in `threads` threads if there are any. */
function hosted(mode: string, threads: number): Promise<Running> {
  const parallel = threads > 0 ? ["--parallel"] : [];
  const file = pathOf("hosted_program.ts");
  return started(
    ["serve", "-A", "--no-check", "--port", "0", ...parallel, file, mode],
    { DENO_JOBS: String(threads || 1) },
  );
}

const onDeno = () =>
  skippedUnless(RUNTIME === "deno", "only Deno has `deno serve`");

for (const threads of [0, 1, 4]) {
  for (
    const mode of threads === 4 ? ["top"] : ["none", "top", "late", "feed"]
  ) {
    test(
      `SIGTERM ends deno serve in ${threads} threads, telemetry server: ${mode}`,
      {
        timeout,
        ...onDeno(),
      },
      async () => {
        const program = await hosted(mode, threads);
        const ready = `(?:serving[^]*){${threads || 1}}`;
        await program.printed(new RegExp(ready));
        assert.equal(await program.terminate(), 0);
      },
    );
  }
}

test("deno serve with a telemetry server answers its requests before it ends", {
  timeout,
  ...onDeno(),
}, async () => {
  const program = await hosted("top", 0);
  const [, port] = await program.printed(/Listening on http:.*:(\d+)/);
  const answer = fetch(`http://127.0.0.1:${port}/?delay=1000`);
  await program.printed(/requested/);
  assert.equal(await program.terminate(), 0);
  assert.equal(await (await answer).text(), "answered");
});

test("a program that only serves telemetry stays alive until SIGTERM", {
  timeout,
}, async () => {
  const modes = RUNTIME === "deno" ? ["", "deno"] : [""];
  for (const mode of modes) {
    const program = await started([
      ...runArgs(pathOf("alone_program.ts")),
      mode,
    ]);
    const [address] = await program.printed(/http:\S+\/metrics/);
    const end = performance.now() + 500;
    do {
      const { status, body } = await fetch(address);
      await body?.cancel();
      assert.equal(status, 200);
    } while (performance.now() < end);
    const code = await program.terminate();
    assert.equal(code, 143, mode); // ended by the signal
  }
});
