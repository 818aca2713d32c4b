/**
 * Runs the tests of Cloudflare Workers: in workerd, which npm brings, driven by
 * Node 24.
 *
 *     deno task workerd [files]
 */
import { fileURLToPath } from "node:url";
import { findNode } from "./node.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = "tests/workerd";

async function run(
  command: string,
  args: readonly string[],
  cwd = ROOT,
): Promise<void> {
  const { code } = await new Deno.Command(command, { args: [...args], cwd })
    .spawn().status;
  if (code !== 0) Deno.exit(code);
}

const all = [...Deno.readDirSync(ROOT + FOLDER)]
  .filter(({ name }) => /^(?!harness)\w+\.ts$/.test(name))
  .map(({ name }) => `${FOLDER}/${name}`)
  .sort();
const files = Deno.args.length > 0 ? Deno.args : all;
const deno = Deno.execPath();

await run(deno, ["install", "--quiet"], ROOT + FOLDER);
await run(deno, [
  "check",
  "--quiet",
  ...["--config", `${FOLDER}/deno.json`],
  FOLDER,
]);
// One process for all: each would start its own bundler.
const options = ["--no-warnings", "--test", "--test-isolation=none"];
await run(findNode(24), [...options, "--test-timeout=600000", ...files]);
