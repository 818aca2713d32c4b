/** Runs every check that a change must pass, except the tests. */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const DOORS = Object.values(
  (await import("../deno.json", { with: { type: "json" } })).default.exports,
);

/** All tests except those that need further packages. */
const TESTS = [...Deno.readDirSync(`${ROOT}tests`)]
  .filter(({ name, isDirectory }) =>
    isDirectory
      ? !["jsr", "node_modules", "workerd"].includes(name)
      : name.endsWith(".ts")
  )
  .map(({ name }) => `tests/${name}`)
  .sort();

/** Examples. Types of Bun and Deno conflict, so they are checked separately. */
const EXAMPLES = [...Deno.readDirSync(`${ROOT}examples`)]
  .filter(({ name }) => name.endsWith(".ts"))
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
  ["types", ["check", "mod.ts", "src", "demo"]],
  ["types of the page", ["check", "--config", "page/deno.json", "page"]],
  ["types of tests", ["check", "--config", "tests/deno.json", ...TESTS]],
  [
    "types of examples",
    ["check", "--config", "examples/deno.json", ...FOR_ALL],
  ],
  ["types of benches", ["check", "--config", "bench/deno.json", "bench"]],
  ["types of tools", ["check", "--config", "tools/deno.json", "tools"]],
  [
    "types of examples for Bun",
    ["check", "--config", "examples/deno.json", ...FOR_BUN],
  ],
  ["docs of all exports", ["doc", "--lint", ...DOORS]],
  ["docs of the root alone", ["doc", "--lint", "mod.ts"]],
  ["API reference", ["run", "-A", "tools/api.ts"]],
  [
    "code blocks of the docs",
    [
      ...["test", "-A", "--doc", "--no-lock", "--node-modules-dir=none"],
      ...["--import-map", "tests/deno.json", "README.md", "docs", "mod.ts"],
      "src",
    ],
  ],
  ["publish", ["publish", "--dry-run", "--allow-dirty"]],
];

for (const [title, args] of STEPS) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
  }).output();
  console.log(`${success ? "ok" : "FAILED"}  ${title}: deno ${args.join(" ")}`);
  if (success) continue;
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  Deno.exit(1);
}
