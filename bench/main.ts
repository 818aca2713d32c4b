/** Runs all benches on Deno and on Bun, and writes the results into the docs. */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

async function run(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
  });
  const { success } = await command.spawn().status;
  if (!success) Deno.exit(1);
}

const bun = ["run", "-A", "--config", "deno.json", "tools/bun.ts"];
for (
  const bench of [
    "bench/scrape_server_bench.ts",
    "bench/run.ts",
    "bench/sweep.ts",
  ]
) {
  await run(["run", "-A", "--v8-flags=--expose-gc", bench]);
  await run([...bun, "run", bench]);
}
await run(["run", "-A", "bench/performance_page.ts"]);
await run(["fmt", "docs/performance.md", "README.md"]);
