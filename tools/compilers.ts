/**
 * Compiles the sources as users do. Deno checks them with its built-in
 * TypeScript, but users may import them into programs with another version and
 * stricter options.
 *
 *     deno task compilers [5] [6] [7]
 *
 * - `tools/compilers/package.json` pins the versions of the compilers.
 * - Each compiles `mod.ts`, every other export and `tools/compilers/usage.ts`
 *   under the types of each platform, with the strictest options and with those
 *   of an ordinary project.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = `${ROOT}tools/compilers`;
const MODULES = `${FOLDER}/node_modules`;

const FILES = [
  ...Object.values(manifest.exports),
  "./tools/compilers/usage.ts",
];

const OPTIONS = {
  strict: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  target: "ESNext",
  module: "ESNext",
  moduleResolution: "bundler",
  skipLibCheck: true, // the types of Bun and Node have errors
  typeRoots: [`${MODULES}/@types`],
};

/** Options that some projects add, and most do not. */
const STRICTEST = {
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
};

const BROWSER = { lib: ["ESNext", "DOM", "DOM.Iterable"], types: [] };
const BUN = { lib: ["ESNext"], types: ["bun"] };
const BOTH = { lib: ["ESNext", "DOM"], types: ["bun"] };

/** The projects that users compile. */
const PROJECTS: Readonly<Record<string, object>> = {
  "browser types, strictest": { ...BROWSER, ...STRICTEST },
  "Bun's types, strictest": { ...BUN, ...STRICTEST },
  "Bun's types": BUN,
  "Bun's types and DOM": BOTH,
};

async function run(args: readonly string[]): Promise<[boolean, string]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: FOLDER,
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return [success, text.join("").trim()];
}

/** Compiles a project with a compiler; returns whether it succeeded. */
async function compile(
  compiler: readonly string[],
  name: string,
  project: string,
): Promise<boolean> {
  const config = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        compilerOptions: { ...OPTIONS, ...PROJECTS[project] },
        files: FILES.map((file) => ROOT + file),
      }),
    );
    const [success, output] = await run([...compiler, "-p", config]);
    console.log(
      `${success ? "ok" : "FAILED"}  TypeScript ${name}, ${project}`,
    );
    if (!success) console.log(output);
    return success;
  } finally {
    await Deno.remove(config);
  }
}

if (!existsSync(MODULES)) {
  const [success, output] = await run(["install", "--quiet"]);
  if (!success) throw new Error(`Cannot install the compilers:\n${output}`);
}
const versions = Deno.args.length > 0 ? Deno.args : ["5", "6", "7"];
let isGreen = true;
for (const version of versions) {
  const compiler = ["run", "-A", `${MODULES}/typescript-${version}/bin/tsc`];
  const [, name] = await run([...compiler, "--version"]);
  const results = await Promise.all(
    Object.keys(PROJECTS).map((project) => compile(compiler, name, project)),
  );
  if (results.includes(false)) isGreen = false;
}
if (!isGreen) Deno.exit(1);
