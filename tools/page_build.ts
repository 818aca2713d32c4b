/**
 * Bundles the live page into the text of `src/dashboard/page_text.ts`.
 *
 * - The page has a script and a style inside. A second script has the views that
 *   are not needed for the first picture; it uses the modules of the first.
 * - The result depends on the sources and on the version of esbuild alone.
 * - The bundler is an argument: tools and tests install their own.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { build as Build } from "esbuild";

const PAGE = fileURLToPath(new URL("../page/", import.meta.url));

/** The generated module. */
export const PAGE_MODULE = fileURLToPath(
  new URL("../src/dashboard/page_text.ts", import.meta.url),
);

/** Style sheets that come first, in this order; the others follow by name. */
const FIRST = ["tokens.css", "base.css", "shell.css"];

/** Style sheets of the second script: those of its views. */
const LATER = ["routes", "metrics", "traces", "events", "fleet", "health"]
  .map((view) => `${view}.css`);

/** The global constant by which the second script finds the modules. */
const SHARED = "barograph";

/** The parts of the page, as they are sent. */
export interface BuiltPage {
  readonly html: string;
  readonly script: string;
  readonly style: string;
  /** The second script. */
  readonly views: string;
  /** Text of the generated module. */
  readonly module: string;
  /** Bytes that each source adds to the scripts, by its path. */
  readonly weights: Readonly<Record<string, number>>;
}

const OPTIONS = {
  absWorkingDir: PAGE,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
  minify: true,
  write: false,
} as const;

/** Builds the page with `build` of esbuild. */
export async function buildPage(build: typeof Build): Promise<BuiltPage> {
  const others = readdirSync(`${PAGE}style`)
    .filter((name) => name.endsWith(".css") && !FIRST.includes(name)).sort();
  const isLater = (name: string) => LATER.includes(name);
  const [style, laterStyle] = await Promise.all([
    bundleStyle(build, [
      ...FIRST,
      ...others.filter((name) => !isLater(name)),
    ]),
    bundleStyle(build, others.filter(isLater)),
  ]);
  const { script, views, weights } = await bundleScripts(build, laterStyle);
  // The replacements are functions: `$&` in the code is no pattern.
  const html = readFileSync(`${PAGE}index.html`, "utf8").trim()
    .replace(/>\s+</g, "><")
    .replace(/\s*\/\* style \*\/\s*/, () => style)
    .replace(/\s*\/\* script \*\/\s*/, () => script);
  return {
    html,
    script,
    style,
    views,
    module: moduleText(html, script, style, views),
    weights,
  };
}

async function bundleStyle(
  build: typeof Build,
  names: readonly string[],
): Promise<string> {
  const { outputFiles } = await build({
    ...OPTIONS,
    stdin: {
      contents: names.map((name) => `@import "./${name}";`).join("\n"),
      loader: "css",
      resolveDir: `${PAGE}style`,
    },
  });
  return outputFiles[0]!.text.trim();
}

async function bundleScripts(
  build: typeof Build,
  laterStyle: string,
): Promise<Pick<BuiltPage, "script" | "views" | "weights">> {
  const { metafile, outputFiles } = await build({
    ...OPTIONS,
    define: { LATER_STYLE: JSON.stringify(laterStyle) },
    entryPoints: ["main.ts", "later.ts"],
    format: "esm",
    metafile: true,
    outdir: "out",
    splitting: true,
    target: "es2022",
    // The configurations of the folder above do not apply here.
    tsconfigRaw: { compilerOptions: { strict: true } },
  });
  const textOf = (name: RegExp): string => {
    const found = outputFiles.filter(({ path }) => name.test(path));
    if (found.length !== 1) {
      throw new Error(`Cannot join the page: it has ${found.length} ${name}`);
    }
    return found[0]!.text.trim();
  };
  const weights: Record<string, number> = {};
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      weights[path] = (weights[path] ?? 0) + bytesInOutput;
    }
  }
  const shared = exported(textOf(/\bchunk-\w+\.js$/));
  return {
    script: `"use strict";const ${SHARED}=(()=>{${shared}})();` +
      imported(textOf(/\bmain\.js$/)),
    views: `"use strict";${imported(textOf(/\blater\.js$/))}`,
    weights,
  };
}

/** Turns the exports of a module into the result of a function. */
function exported(module: string): string {
  return replaced(
    module,
    /export\{([^{}]*)\};$/,
    (names) => `return{${names.replace(/([\w$]+) as ([\w$]+)/g, "$2:$1")}}`,
  );
}

/**
 * Turns a module that imports from the shared one into a function of a script. A
 * block would not do: its `var`s would be global, and both scripts have the same.
 */
function imported(module: string): string {
  const block = replaced(
    module,
    /^import\{([^{}]*)\}from"[^"]*";/,
    (names) =>
      `const{${names.replace(/([\w$]+) as ([\w$]+)/g, "$1:$2")}}=${SHARED};`,
  );
  return `(()=>{${block}})();`;
}

function replaced(
  text: string,
  pattern: RegExp,
  replacement: (names: string) => string,
): string {
  const match = pattern.exec(text);
  if (match === null) {
    throw new Error(`Cannot join the page: a module lacks ${pattern}`);
  }
  const { 0: { length }, index } = match;
  return text.slice(0, index) + replacement(match[1]!) +
    text.slice(index + length);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function constant(name: string, about: string, value: string): string {
  return `\n/** ${about} */\nexport const ${name}: string = ${
    JSON.stringify(value)
  };\n`;
}

function moduleText(
  html: string,
  script: string,
  style: string,
  views: string,
): string {
  const hashOf = (text: string) => `sha256-${sha256(text)}`;
  const tagOf = (text: string) => `"${sha256(text).slice(0, 22)}"`;
  return `// deno-fmt-ignore-file
// deno-lint-ignore-file
/** The live page as text. Generated by \`deno task page\` from \`page/\`. */
` +
    constant("PAGE", "The page, with a script and a style inside.", html) +
    constant("ETAG", "Entity tag of the page, with its quotes.", tagOf(html)) +
    constant("VIEWS", "The second script: the views but the first.", views) +
    constant(
      "VIEWS_ETAG",
      "Entity tag of the second script, with its quotes.",
      tagOf(views),
    ) +
    constant(
      "SCRIPT_HASH",
      "Hash of the script for a Content-Security-Policy.",
      hashOf(script),
    ) +
    constant("VIEWS_HASH", "Hash of the second script.", hashOf(views)) +
    constant("STYLE_HASH", "Hash of the style.", hashOf(style));
}
