/**
 * Runs Bun with the given arguments, on a machine that may have only Deno.
 *
 * Uses the `bun` on the PATH if it has the version of `tools/package.json`.
 * Otherwise Deno installs Bun from npm into `tools/node_modules`: in the root, a
 * package called `bun` would hide the command from `deno task`. Packages that
 * tests or benches import are installed first.
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
    return false; // absent, or built for another machine
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Yields the paths of Bun in the npm packages that Deno has installed. */
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

/**
 * Returns a command that is Bun, which Deno installs from npm if necessary.
 *
 * @throws {Error} If npm has no Bun for this machine.
 */
export async function findBun(): Promise<string> {
  if (await isBun("bun")) return "bun";
  for (const path of installed()) if (await isBun(path)) return path;
  await run(Deno.execPath(), ["install", "--quiet"], TOOLS);
  for (const path of installed()) if (await isBun(path)) return path;
  throw new Error(
    `Cannot run Bun: npm has no bun@${VERSION} for ${Deno.build.target}; ` +
      `install Bun ${VERSION} and put it on the PATH`,
  );
}

if (import.meta.main) {
  /** Folders whose packages must be installed. */
  const folders = Deno.args[0] === "test" ? ["tests"] : ["bench", "tests"];
  for (const folder of folders) {
    if (exists(`${ROOT}${folder}/node_modules`)) continue;
    await run(Deno.execPath(), ["install", "--quiet"], ROOT + folder);
  }
  Deno.exit(await run(await findBun(), Deno.args, Deno.cwd()));
}
