/** Everything but the tests that must hold before a change lands. */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const DOORS = Object.values(
  (await import("../deno.json", { with: { type: "json" } })).default.exports,
);

/** All tests but those that need packages from JSR. */
const TESTS = [...Deno.readDirSync(`${ROOT}tests`)]
  .filter(({ name }) => name !== "jsr")
  .map(({ name }) => `tests/${name}`)
  .sort();

/** Bun's types and Deno's clash in one program: its files are checked alone. */
const EXAMPLES = [...Deno.readDirSync(`${ROOT}examples`)]
  .map(({ name }) => `examples/${name}`)
  .sort();
const [FOR_BUN, FOR_ALL] = [true, false].map((bun) =>
  EXAMPLES.filter((file) =>
    Deno.readTextFileSync(ROOT + file).includes("npm:bun-types") === bun
  )
) as [string[], string[]];

const STEPS: readonly (readonly [string, readonly string[]])[] = [
  ["format", ["fmt", "--check"]],
  ["lint", ["lint"]],
  [
    "types",
    ["check", "mod.ts", "src", "bench", "demo", ...FOR_ALL, ...TESTS],
  ],
  ["types of the tools", ["check", "--config", "tools/deno.json", "tools"]],
  ["types of what is for Bun", ["check", ...FOR_BUN]],
  ["docs of all exports", ["doc", "--lint", ...DOORS]],
  ["docs of the root alone", ["doc", "--lint", "mod.ts"]],
  [
    "code blocks of the docs",
    ["test", "-A", "--doc", "README.md", "docs", "mod.ts", "src"],
  ],
  ["publish", ["publish", "--dry-run", "--allow-dirty"]],
];

for (const [what, args] of STEPS) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
  }).output();
  console.log(`${success ? "ok" : "FAILED"}  ${what}: deno ${args.join(" ")}`);
  if (success) continue;
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  Deno.exit(1);
}
