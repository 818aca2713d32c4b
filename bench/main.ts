/** Runs all benches on Deno, then on Bun. */
const ROOT = new URL("..", import.meta.url).pathname;

async function run(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
  });
  const { success } = await command.spawn().status;
  if (!success) Deno.exit(1);
}

await run(["run", "-A", "--v8-flags=--expose-gc", "bench/run.ts"]);
await run(["run", "-A", "tools/bun.ts", "run", "bench/run.ts"]);
