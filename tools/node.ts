/**
 * Finds Node on this machine, or installs it from npm into `dist/node`.
 *
 * The package `node` of npm installs a package of the machine by a script, which
 * Deno does not run: that package is installed directly.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch, execPath, platform, versions } from "node:process";
import { fileURLToPath } from "node:url";

/** The tested versions of Node, by their major version. */
export const NODE_VERSIONS = { 22: "22.23.3", 24: "24.21.0" } as const;

/** A major version of Node that is tested. */
export type NodeMajor = keyof typeof NODE_VERSIONS;

const INSTALLED = fileURLToPath(new URL("../dist/node/", import.meta.url));

/** Returns whether `command` is Node of a major version. */
function isNode(command: string, major: NodeMajor): boolean {
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return stdout?.startsWith(`v${major}.`) === true;
}

function install(folder: string, name: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  // Without its own configuration, the folder would be part of the root's.
  writeFileSync(join(folder, "deno.json"), '{ "nodeModulesDir": "auto" }');
  const isDeno = versions["deno"] !== undefined;
  spawnSync(
    isDeno ? execPath : "npm",
    ["install", isDeno ? "--quiet" : "--silent"],
    { cwd: folder, stdio: "ignore", shell: platform === "win32" && !isDeno },
  );
}

/**
 * Returns a command that is Node of a major version: the one on the PATH, or else
 * the one of npm, which is installed if it is not there yet.
 *
 * @throws {Error} If npm has no Node for this machine.
 */
export function findNode(major: NodeMajor): string {
  if (isNode("node", major)) return "node";
  const version = NODE_VERSIONS[major];
  const name = `node-${platform === "win32" ? "win" : platform}-${arch}`;
  const folder = join(INSTALLED, version);
  const program = platform === "win32" ? "bin/node.exe" : "bin/node";
  const path = join(folder, "node_modules", name, program);
  if (!existsSync(path)) install(folder, name, version);
  if (isNode(path, major)) return path;
  throw new Error(
    `Cannot run Node ${major}: npm cannot install ${name}@${version}; ` +
      `install Node ${major} and put it on the PATH`,
  );
}
