/** Runs all benches on Deno, then on Bun. */
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

await run(["run", "-A", "--v8-flags=--expose-gc", "bench/run.ts"]);
const bun = ["run", "-A", "--config", "deno.json", "tools/bun.ts"];
await run([...bun, "run", "bench/run.ts"]);
