/**
 * Runs Bun with the arguments given, on a machine that may have only Deno.
 *
 * A `bun` of the version in `tools/package.json` is used if there is one on the
 * PATH. Otherwise Deno installs it from npm into `tools/node_modules`, apart
 * from the root's, where a package called `bun` would shadow the command.
 */
import { fileURLToPath } from "node:url";
import manifest from "./package.json" with { type: "json" };

const TOOLS = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VERSION = manifest.dependencies.bun;

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<number> {
  const child = new Deno.Command(command, { args: [...args], cwd }).spawn();
  return (await child.status).code;
}

async function isBun(command: string): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command(command, {
      args: ["--version"],
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).trim() === VERSION;
  } catch {
    return false; // not there, or made for another machine
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** The programs among the platform packages that Deno has unpacked. */
function* installed(): Generator<string> {
  const store = `${TOOLS}node_modules/.deno`;
  if (!exists(store)) return;
  const program = Deno.build.os === "windows" ? "bun.exe" : "bun";
  for (const { name } of Deno.readDirSync(store)) {
    const platform = /^@oven\+(bun-[a-z0-9-]+)@/.exec(name)?.[1];
    if (platform === undefined) continue;
    yield `${store}/${name}/node_modules/@oven/${platform}/bin/${program}`;
  }
}

async function findBun(): Promise<string> {
  if (await isBun("bun")) return "bun";
  for (const path of installed()) if (await isBun(path)) return path;
  await run(Deno.execPath(), ["install", "--quiet"], TOOLS);
  for (const path of installed()) if (await isBun(path)) return path;
  throw new Error(
    `Cannot run Bun: npm has no bun@${VERSION} for ${Deno.build.target}; ` +
      `install Bun ${VERSION} and put it on the PATH`,
  );
}

if (!exists(`${ROOT}node_modules/fast-check`)) {
  await run(Deno.execPath(), ["install", "--quiet"], ROOT);
}
Deno.exit(await run(await findBun(), Deno.args, Deno.cwd()));
