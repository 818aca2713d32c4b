/** Edits a program while it runs under `bun --hot` or `deno --watch-hmr`. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "./server.ts";

const src = (path: string) =>
  JSON.stringify(new URL(`../../src/${path}/mod.ts`, import.meta.url).href);

/**
 * Returns the program. Bun evaluates its modules again after an edit; Deno only
 * replaces the bodies of functions, so there `declare` is called again and again.
 */
function program(help: string, bucket: number, edit = 0): string {
  return `
import { counter, defaultRegistry, histogram } from ${src("metrics")};
import { expose, prometheusText } from ${src("encode")};
import { runtimeMetrics } from ${src("runtime")};

let last = "";
function declare() { // ${edit}
  counter({ name: "orders_total", help: "${help}" }).inc();
  histogram({ name: "sizes", help: "Sizes.", buckets: [${bucket}] }).observe(1);
  defaultRegistry().add(runtimeMetrics());
  const text = new TextDecoder().decode(expose(defaultRegistry(), prometheusText));
  const lines = text.split("\\n").filter((line) => /^# HELP orders|^sizes_bucket/.test(line));
  const shown = JSON.stringify(lines);
  if (shown !== last) console.log(shown);
  last = shown;
}
declare();
${
    RUNTIME === "bun"
      ? "globalThis.keepsRunning ??= setInterval(() => {}, 1000);"
      : `setInterval(() => {
  try { declare(); } catch (error) { console.log(JSON.stringify(String(error))); }
}, 100);`
  }
`;
}

/** Returns a program that makes telemetries and closes none of them. */
function telemetries(edit: number): string {
  return `
import { createTelemetry, defaultRegistry, observe } from ${
    JSON.stringify(new URL("../../mod.ts", import.meta.url).href)
  };
import { expose, prometheusText } from ${src("encode")};

function make() {
  const edit = ${edit};
  createTelemetry({ version: String(edit) });
  observe(() => new Response("hello"));
  const text = new TextDecoder().decode(expose(defaultRegistry(), prometheusText));
  const lines = text.split("\\n").filter((line) => /^(process_cpu_seconds_total |\\w+_heap_size_used_bytes |app_build_info)/.test(line));
  console.log(JSON.stringify(lines.map((line) => line.replace(/ \\S+$/, ""))));
}
make();
${
    RUNTIME === "bun"
      ? "globalThis.keepsRunning ??= setInterval(() => {}, 1000);"
      : "setInterval(make, 100);"
  }
`;
}

/** Runs a program, edits it once it has printed, and returns a later line. */
async function afterEdit(
  program: (edit: number) => string,
  isExpected: (line: string) => boolean,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-hot-"));
  const file = join(folder, "main.ts");
  writeFileSync(file, program(0));
  const flags = RUNTIME === "bun"
    ? ["--hot", "--no-clear-screen", file]
    : ["run", "-A", "--no-check", "--watch-hmr", "--no-clear-screen", file];
  const child = spawn(process.execPath, flags, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let edits: ReturnType<typeof setInterval> | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      // Again and again: the first edit may come before the file is watched.
      let edit = 1;
      edits ??= setInterval(() => {
        writeFileSync(file, program(edit++));
      }, 500);
      if (isExpected(line)) return line;
    }
    throw new Error("the program has ended");
  } finally {
    clearInterval(edits);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true });
  }
}

function needsHotReload() {
  const reason = "Node has no hot reload: --watch restarts the program";
  return skippedUnless(RUNTIME !== "node", reason);
}

test("an edited help text is exposed after a hot reload", {
  timeout: 120_000,
  ...needsHotReload(),
}, async () => {
  const line = await afterEdit(
    (edit) =>
      edit === 0 ? program("Orders.", 1) : program("Orders accepted.", 1, edit),
    (line) => line.includes("Orders accepted."),
  );
  assert.match(line, /orders_total Orders accepted\./);
});

test("edited buckets replace the old ones, or the error says how", {
  timeout: 120_000,
  ...needsHotReload(),
}, async () => {
  const line = await afterEdit(
    (edit) => program("Orders.", edit === 0 ? 1 : 77.5, edit),
    (line) => line.includes("77.5"),
  );
  if (RUNTIME === "bun") assert.match(line, /sizes_bucket{le=\\"77.5\\"} 1/);
  else assert.match(line, /call unregister\(\\"sizes\\"\) on the registry/);
});

test("runtime metrics exist once after a hot reload, with the new facts", {
  timeout: 120_000,
  ...needsHotReload(),
}, async () => {
  const line = await afterEdit(
    telemetries,
    (line) => line.includes("app_build_info") && !line.includes('\\"0\\"'),
  );
  const [cpu, heap, build, ...rest] = JSON.parse(line) as string[];
  assert.equal(cpu, "process_cpu_seconds_total");
  assert.equal(heap, `${RUNTIME}_heap_size_used_bytes`);
  assert.match(build!, /^app_build_info\{version="[1-9][0-9]*"\}$/);
  assert.deepEqual(rest, []);
});
