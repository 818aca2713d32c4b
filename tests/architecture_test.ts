/** Checks the architecture: floors, doors, comments, file sizes, manifests. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  circlesOf,
  type Import,
  importsOf,
  withoutComments,
} from "./support/imports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The folders that each folder of src/ may import; `type:` allows types only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  platform: ["type:base"],
  model: ["base"],
  metrics: ["base", "model"],
  encode: ["base", "model"],
  bus: ["base"],
  trace: ["base", "platform"],
  otel: ["base", "platform", "model", "metrics", "trace"],
  http: [
    ...["base", "platform", "model", "metrics", "encode", "bus"],
    "type:trace",
  ],
  instrument: [
    ...["base", "platform", "model", "metrics", "bus", "trace"],
    "type:http",
  ],
  push: ["base", "platform", "model", "encode", "type:trace", "type:bus"],
  logs: ["base"],
  runtime: ["base", "platform", "model"],
  testing: ["base", "model", "metrics", "encode"],
  bridge: ["base", "model", "metrics", "encode", "bus", "trace", "type:push"],
  receiver: ["base", "model", "metrics", "http"],
  recorders: ["base", "model", "metrics", "trace", "instrument"],
  server: ["base", "platform", "model", "metrics", "bus", "http", "runtime"],
  frameworks: ["base", "platform", "http", "instrument", "trace"],
  fleet: ["base", "platform", "model", "metrics"],
  telemetry: [
    ...["base", "platform", "fleet", "metrics", "bus", "trace", "http"],
    ...["instrument", "push", "otel", "bridge", "runtime", "type:dashboard"],
  ],
  workers: [
    ...["base", "metrics", "trace", "instrument", "push", "bridge"],
    "telemetry",
  ],
  dashboard: [
    ...["base", "platform", "model", "metrics", "bus", "http", "trace"],
    "type:fleet",
  ],
  generate: ["base", "model"],
  cli: [
    ...["base", "platform", "model", "metrics", "encode", "testing"],
    "generate",
  ],
};

/** Names of runtimes, which only src/platform/ may use. */
const RUNTIME_WORDS = /\b(?:Deno|Bun)\b|\bprocess\s*[.?[]|["'`]node:/;

/**
 * The two doors of a folder: `mod.ts` for users, `internal.ts` for names that
 * only other folders may import.
 */
const DOOR = /^(\w+)\/(?:mod|internal)\.ts$/;

/** Timers of the runtime itself, which `FakeTimers` cannot drive. */
const RAW_TIMER = /(?<!typeof )\bset(?:Timeout|Interval|Immediate)\b/;

/** Comments that begin with a clause instead of their subject. */
const INDIRECT =
  /^\s*(?:\/\*\*|\*|\/\/) (?:What|Who|So many|By which|Of which)\b/m;

const HARD_LIMIT = 400;
const EXAMPLE_LIMIT = 60;

const EXPORT_FROM =
  /\bexport\s+(?:type\s+)?\{[^}]*\}\s*from\s+["']([^"']+)["']/g;

/**
 * Returns the fault of an import in a file of `place`, a folder of src/ such as
 * `http` or a subfolder such as `http/metrics`; undefined if it is allowed. Files
 * of one folder may import each other across its subfolders.
 */
function faultOf(
  place: string,
  { from, typesOnly }: Import,
): string | undefined {
  const folder = place.split("/")[0]!;
  if (from.startsWith("node:")) {
    return folder === "platform" ? undefined : `"${from}" outside platform`;
  }
  const target = /^\.\.?\//.test(from) ? posix.join(place, from) : from;
  if (/^(\w+)\/(?:\w+\/)?\w+\.ts$/.exec(target)?.[1] === folder) {
    return undefined;
  }
  const other = DOOR.exec(target)?.[1];
  if (other === undefined) return `"${from}" is not a door of a folder`;
  const allowed = MAY_IMPORT[folder] ?? [];
  if (allowed.includes(other)) return undefined;
  if (typesOnly && allowed.includes(`type:${other}`)) return undefined;
  return `${folder} may not import ${other}`;
}

function filesUnder(folder: string, ending: RegExp): string[] {
  const path = `${ROOT}${folder}`;
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return filesUnder(name, ending);
    return ending.test(entry.name) ? [name] : [];
  });
}

function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, "utf8");
}

function json(file: string): Record<string, unknown> {
  return JSON.parse(read(file)) as Record<string, unknown>;
}

/** The bundled page: a text for browsers, whose sources are in page/. */
const GENERATED = "src/dashboard/page_text.ts";

const SOURCES = filesUnder("src", /\.ts$/).filter((file) => file !== GENERATED);

function folderOf(file: string): string {
  return file.split("/")[1]!;
}

/** Returns the place of a file: `http/metrics` for `src/http/metrics/handler.ts`. */
function placeOf(file: string): string {
  return posix.dirname(file).replace(/^src\//, "");
}

test("faultOf() reports an import against the floors", () => {
  const value = (from: string) => ({ from, typesOnly: false });
  assert.equal(faultOf("model", value("../base/mod.ts")), undefined);
  assert.equal(faultOf("model", value("./desc.ts")), undefined);
  assert.equal(faultOf("platform", value("node:fs")), undefined);
  for (
    const from of ["./refreshes.ts", "../guard.ts", "../../base/mod.ts"]
  ) assert.equal(faultOf("http/metrics", value(from)), undefined, from);
  const type = { from: "../bus/mod.ts", typesOnly: true };
  assert.equal(faultOf("push", type), undefined);
  for (
    const [folder, from] of [
      ["model", "../metrics/mod.ts"],
      ["metrics", "../encode/mod.ts"],
      ["model", "../base/clock.ts"],
      ["base", "node:fs"],
      ["base", "npm:left-pad"],
      ["base", "jsr:@std/assert"],
      ["base", "fast-check"],
      ["base", "https://example.com/x.ts"],
      ["http", "../../mod.ts"],
      ["http/metrics", "../../../mod.ts"],
      ["http/metrics", "../../base/clock.ts"],
      ["http/metrics", "../../server/mod.ts"],
      ["push", "../bus/mod.ts"],
    ] as const
  ) assert.ok(faultOf(folder, value(from)), `${folder} imports ${from}`);
});

test("RUNTIME_WORDS matches code, but not comments", () => {
  for (
    const bad of [
      "Deno.serve()",
      "Bun?.version",
      "typeof Bun",
      "const { Deno } = globalThis",
      'globalThis["Bun"]',
      "process.pid",
      'import "node:fs"',
      "import(`node:fs`)",
    ]
  ) assert.match(withoutComments(bad), RUNTIME_WORDS);
  for (const good of ["// Deno.serve", "/** `Bun.serve` */", "preprocess.x"]) {
    assert.doesNotMatch(withoutComments(good), RUNTIME_WORDS);
  }
});

test("every folder of src/ is in the table and has a public door", () => {
  const folders = new Set(SOURCES.map(folderOf));
  assert.ok(folders.size >= 6);
  for (const folder of folders) {
    assert.ok(folder in MAY_IMPORT, `src/${folder} is not in the table`);
    assert.ok(existsSync(`${ROOT}src/${folder}/mod.ts`), `src/${folder}`);
  }
});

test("imports in src/ go to lower floors, through doors, to no package", () => {
  for (const file of SOURCES) {
    for (const statement of importsOf(read(file))) {
      assert.equal(faultOf(placeOf(file), statement), undefined, file);
    }
  }
});

test("there is no import circle in src/, not even of types", () => {
  const graph = new Map(
    SOURCES.map((file) => [
      file,
      importsOf(read(file)).map(({ from }) =>
        posix.join(posix.dirname(file), from)
      ),
    ]),
  );
  assert.deepEqual(circlesOf(graph), []);
});

test("only src/base/timers.ts starts timers", () => {
  const files = SOURCES.filter((file) =>
    file !== "src/base/timers.ts" &&
    RAW_TIMER.test(withoutComments(read(file)))
  );
  assert.deepEqual(files, []);
});

test("mod.ts imports only doors of src/", () => {
  for (const { from } of importsOf(read("mod.ts"))) {
    assert.match(from, /^\.\/src\/\w+\/mod\.ts$/);
  }
});

test("public doors export nothing from internal ones", () => {
  const doors = SOURCES.filter((file) => file.endsWith("/mod.ts"));
  for (const file of [...doors, "mod.ts"]) {
    for (const [, from] of withoutComments(read(file)).matchAll(EXPORT_FROM)) {
      assert.doesNotMatch(from!, /\/internal\.ts$/, file);
    }
  }
  for (const target of Object.values(json("deno.json")["exports"] as object)) {
    assert.match(
      String(target),
      /^\.\/(?:src\/\w+\/(?:presets\/\w+|mod)|mod)\.ts$/,
    );
  }
});

test("no name is in both doors of a folder", () => {
  const namesOf = (file: string): string[] =>
    [...withoutComments(read(file)).matchAll(EXPORT_FROM)].flatMap(([whole]) =>
      /\{([^}]*)\}/.exec(whole)![1]!.split(",").map((name) => name.trim())
        .filter((name) => name !== "")
    ).map((name) => name.replace(/^type\s+/, "").split(" as ").at(-1)!);
  for (const file of SOURCES.filter((file) => file.endsWith("/internal.ts"))) {
    const mod = file.replace(/internal\.ts$/, "mod.ts");
    const open = new Set(namesOf(mod));
    for (const name of namesOf(file)) {
      assert.ok(!open.has(name), `${file} ${name}`);
    }
  }
});

test("only src/platform/ names a runtime", () => {
  for (const file of [...SOURCES, "mod.ts"]) {
    if (folderOf(file) === "platform") continue;
    assert.doesNotMatch(withoutComments(read(file)), RUNTIME_WORDS, file);
  }
});

test("comments begin with their subject, not with What or Who", () => {
  for (const file of [...SOURCES, ...filesUnder("page", /\.ts$/), "mod.ts"]) {
    assert.doesNotMatch(read(file), INDIRECT, file);
  }
});

test("there is no export *, no default export and no enum", () => {
  for (const file of [...SOURCES, "mod.ts"]) {
    const code = withoutComments(read(file));
    assert.doesNotMatch(code, /\bexport\s*\*/, file);
    assert.doesNotMatch(code, /\bexport\s+default\b|\bas\s+default\b/, file);
    assert.doesNotMatch(
      code,
      /^\s*(?:(?:export|declare|const)\s+)*enum\s/m,
      file,
    );
  }
});

test("no file is longer than 400 lines, no example longer than 60", () => {
  const files = ["src", "page", "tests", "bench", "demo", "examples", "tools"]
    .flatMap((folder) => filesUnder(folder, /\.ts$/));
  for (const file of [...files, "mod.ts"]) {
    const lines = read(file).split("\n").length - 1;
    assert.ok(lines <= HARD_LIMIT, `${file} has ${lines} lines`);
  }
  for (const file of filesUnder("examples", /\.ts$/)) {
    const lines = read(file).split("\n").length - 1;
    assert.ok(lines <= EXAMPLE_LIMIT, `${file} has ${lines} lines`);
  }
});

test("only tests/support/property.ts imports fast-check", () => {
  for (const file of filesUnder("tests", /\.ts$/)) {
    if (file === "tests/support/property.ts") continue;
    for (const { from } of importsOf(read(file))) {
      assert.doesNotMatch(from, /^(?:npm:)?fast-check\b/, file);
    }
  }
});

test("deno.json and package.json agree, and every export exists", () => {
  const deno = json("deno.json");
  const npm = json("package.json");
  assert.equal(npm["name"], deno["name"]);
  assert.equal(npm["version"], deno["version"]);
  assert.equal(npm["license"], deno["license"]);
  assert.deepEqual(npm["exports"], deno["exports"]);
  for (const target of Object.values(deno["exports"] as object)) {
    assert.ok(existsSync(`${ROOT}${target}`), target);
  }
});

test("the root manifests name no package", () => {
  const npm = json("package.json");
  for (const kind of ["", "dev", "peer", "optional", "bundled"]) {
    const key = kind === "" ? "dependencies" : `${kind}Dependencies`;
    assert.equal(npm[key], undefined, key);
  }
  assert.equal(npm["workspaces"], undefined);
  const deno = json("deno.json");
  for (const key of ["imports", "importMap", "workspace", "links"]) {
    assert.equal(deno[key], undefined, key);
  }
});

/** The name of a package without a path in it. */
const PACKAGE = /^(?:@[\w.-]+\/)?[\w.-]+$/;

test("the manifests of bench, examples and tests agree", () => {
  const { compilerOptions, lint } = json("deno.json");
  for (const folder of ["bench", "examples", "tests"]) {
    const deno = json(`${folder}/deno.json`);
    assert.deepEqual(deno["compilerOptions"], compilerOptions, folder);
    assert.deepEqual(deno["lint"], lint, folder);
    const fromNpm = Object.entries(deno["imports"] as Record<string, string>)
      .filter(([name, target]) =>
        target.startsWith("npm:") && PACKAGE.test(name)
      )
      .map(([name, target]) => {
        const own = `npm:${name}@`; // an alias has another name there
        return [
          name,
          target.startsWith(own) ? target.slice(own.length) : target,
        ];
      });
    const { dependencies } = json(`${folder}/package.json`);
    assert.deepEqual(dependencies, Object.fromEntries(fromNpm), folder);
  }
});
