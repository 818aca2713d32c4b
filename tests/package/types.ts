/**
 * Compiles projects of users against the packed package, without `skipLibCheck`:
 * each version of TypeScript, each kind of resolution, each platform.
 *
 * `deno task package` runs these tests; they need npm.
 */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import deno from "../../deno.json" with { type: "json" };
import { DENO, pack, ROOT, run, write } from "./project.ts";

const COMPILERS = join(ROOT, "tools", "compilers");
const TYPES = join(ROOT, "tools", "package");
for (const folder of [COMPILERS, TYPES]) {
  if (existsSync(join(folder, "node_modules"))) continue;
  await run([DENO, "install", "--quiet"], folder);
}

const packed = await pack();
const { name } = packed.manifest;
const folder = write(join(packed.folder, "project"), {
  "package.json": { private: true, type: "module" },
  "doors.ts": packed.doors
    .map((door, i) => `export * as d${i} from "${door}";`).join("\n"),
  // Compiles only if the declarations bring `Disposable`.
  "bare.ts": `
    import { histogram } from "${name}";
    const seconds = histogram({ name: "a_seconds", help: "A." });
    { using _timer = seconds.startTimer(); }
    // @ts-expect-error: a label that was not declared
    seconds.observe(1, { labels: 1 });
  `,
  "common.cts": `
    import barograph = require("${name}");
    barograph.counter({ name: "a_total", help: "A." }).inc();
  `,
  "request.ts": `
    import { withTelemetry } from "${name}/workers";
    export default withTelemetry(
      { fetch: (_request: Request) => new Response() },
      { route: ({ url }: Request) => url === "/" ? "/" : undefined },
    );
  `,
  "usage.ts": usage(),
});
await run(["npm", "install", "--silent", packed.tarball], folder);

/** Returns the program of `deno task compilers`, with imports of the package. */
function usage(): string {
  const doors = new Map(
    Object.entries(deno.exports).map(([door, file]) => [
      `../.${file}`,
      name + door.slice(1),
    ]),
  );
  return readFileSync(join(COMPILERS, "usage.ts"), "utf8").replace(
    /(?<=from ")[^"]+/g,
    (file) => doors.get(file) ?? assert.fail(`${file} is no door`),
  );
}

/** Makes a folder that has the types of one platform alone. */
function typeRoots(platform: string, types: string): string[] {
  const root = join(packed.folder, "types", platform);
  mkdirSync(root, { recursive: true });
  const target = join(TYPES, "node_modules", types);
  symlinkSync(target, join(root, platform.split("-")[0]!));
  return [root];
}

const NONE = { types: [] };
const NODE_22 = { types: ["node"], typeRoots: typeRoots("node-22", "node-22") };
const NODE_24 = { types: ["node"], typeRoots: typeRoots("node-24", "node-24") };
const BUN = { types: ["bun"], typeRoots: typeRoots("bun", "@types/bun") };
const WORKERS = {
  types: ["workers"],
  typeRoots: typeRoots("workers", "@cloudflare/workers-types"),
};

const BUNDLER = { module: "ESNext", moduleResolution: "bundler" };
const NODE_NEXT = { module: "NodeNext", moduleResolution: "NodeNext" };

/** The options that `bun init` writes, except `skipLibCheck`. */
const BUN_INIT = {
  lib: ["ESNext"],
  target: "ESNext",
  module: "Preserve",
  moduleDetection: "force",
  jsx: "react-jsx",
  allowJs: true,
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  noFallthroughCasesInSwitch: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  ...BUN,
};

const LANGUAGE = { lib: ["ES2022"] };
const DOM = { lib: ["ES2022", "DOM", "DOM.Iterable"] };

const BARE = ["doors.ts", "bare.ts"];
const WHOLE = [...BARE, "usage.ts", "request.ts"];

/** Options and files of each kind of project. */
const PROJECTS: Readonly<Record<string, readonly [object, string[]]>> = {
  "ES2022, bundler": [{ ...LANGUAGE, ...NONE, ...BUNDLER }, BARE],
  "ES2022, nodenext": [{ ...LANGUAGE, ...NONE, ...NODE_NEXT }, [
    ...BARE,
    "common.cts",
  ]],
  "DOM, bundler": [{ ...DOM, ...NONE, ...BUNDLER }, WHOLE],
  "DOM, nodenext": [{ ...DOM, ...NONE, ...NODE_NEXT }, WHOLE],
  "Node 22, nodenext": [{ ...LANGUAGE, ...NODE_22, ...NODE_NEXT }, WHOLE],
  "Node 24, nodenext": [{ ...LANGUAGE, ...NODE_24, ...NODE_NEXT }, WHOLE],
  "Node 24 and DOM, bundler": [{ ...DOM, ...NODE_24, ...BUNDLER }, WHOLE],
  "bun init": [BUN_INIT, WHOLE],
  "bun init and DOM": [{ ...BUN_INIT, lib: ["ESNext", "DOM"] }, WHOLE],
  "Workers, bundler": [{ ...LANGUAGE, ...WORKERS, ...BUNDLER }, WHOLE],
};

/** Compiles files in a folder; fails with the errors of the compiler. */
async function compile(
  version: string,
  cwd: string,
  options: object,
  files: readonly string[],
): Promise<void> {
  const config = `tsconfig.${++configs}.json`;
  const compilerOptions = {
    target: "ES2022",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  };
  write(cwd, { [config]: { compilerOptions, files } });
  const tsc = `node_modules/typescript-${version}/bin/tsc`;
  await run([DENO, "run", "-A", join(COMPILERS, tsc), "-p", config], cwd);
}

let configs = 0;

for (const version of ["5", "6", "7"]) {
  for (const [project, [options, files]] of Object.entries(PROJECTS)) {
    test(`TypeScript ${version} compiles the package: ${project}`, () =>
      compile(version, folder, options, files));
  }
}

test("TypeScript 5 compiles a project of CommonJS that ignores exports", async () => {
  const project = write(join(folder, "common"), {
    "package.json": { private: true, type: "commonjs" },
    "doors.ts": readFileSync(join(folder, "doors.ts"), "utf8"),
    "bare.ts": readFileSync(join(folder, "bare.ts"), "utf8"),
  });
  const options = { module: "CommonJS", moduleResolution: "node10" };
  await compile("5", project, { ...LANGUAGE, ...NONE, ...options }, BARE);
});

test("TypeScript 7 compiles a checkout in a project of bun init", async () => {
  const project = write(join(packed.folder, "checkout"), {
    "doors.ts": readFileSync(join(folder, "doors.ts"), "utf8"),
    "bare.ts": readFileSync(join(folder, "bare.ts"), "utf8"),
    "usage.ts": usage(),
    "request.ts": readFileSync(join(folder, "request.ts"), "utf8"),
  });
  // `bun add ../barograph` makes a folder of hard links.
  const link = join(project, "node_modules", name);
  mkdirSync(join(link, ".."), { recursive: true });
  symlinkSync(ROOT, link);
  await compile("7", project, BUN_INIT, WHOLE);
});

/** Returns the code blocks of the docs that import nothing but the package. */
function blocks(): Record<string, string> {
  const docs = readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`);
  const found: Record<string, string> = {};
  for (const file of ["README.md", ...docs]) {
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, code] of text.matchAll(/^```ts[^\n]*\n([^]*?)^```$/gm)) {
      const packages = [...code!.matchAll(/\bfrom "([^"]+)"/g)]
        .filter(([, from]) => !from!.startsWith(name) && !/^node:/.test(from!));
      if (packages.length > 0 || /\bDeno\./.test(code!)) continue;
      const number = Object.keys(found).length;
      found[`blocks/${file.replace(/\W/g, "_")}_${number}.ts`] =
        `${code}\nexport {};\n`;
    }
  }
  return found;
}

test("TypeScript 7 compiles the code blocks of the docs as they are", async () => {
  const files = blocks();
  assert.ok(Object.keys(files).length > 8);
  write(folder, files);
  const options = { ...BUN_INIT, lib: ["ESNext", "DOM"] };
  await compile("7", folder, options, Object.keys(files));
});

test("the projects are removed", () => packed.remove());
