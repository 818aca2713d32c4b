/**
 * Lets Node run the tests over the built package, by `--import`.
 *
 * - An import of a source (`mod.ts`, `src/**`) loads the module of `dist/npm` that
 *   was compiled from it.
 * - Packages that examples import are dependencies of the tests.
 * - Other TypeScript files are transpiled: those of this repository by `tools/test.ts`
 *   before the run, into `TRANSPILED`; files that tests write, when they are loaded.
 */
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type * as esbuild from "esbuild";

/** The folder `dist/node`, in which this module is run. */
const HERE = new URL(".", import.meta.url);
const ROOT = new URL("../../", HERE).href;
const EXAMPLES = `${ROOT}examples/`;
const TESTS = `${ROOT}tests/`;
const PACKAGE = new URL("../npm/js/", HERE).href;
const TRANSPILED = new URL("transpiled/", HERE).href;

/** Returns the compiled module of a source; undefined if `url` is no source. */
function compiledOf(url: string): string | undefined {
  if (!url.startsWith(ROOT)) return undefined;
  const path = url.slice(ROOT.length);
  if (!/^(?:mod\.ts|src\/.*\.ts)(?:$|\?)/.test(path)) return undefined;
  return PACKAGE + path.replace(/\.ts(?=$|\?)/, ".js");
}

/** Returns the code of a TypeScript file, which has no types. */
function codeOf(url: URL): string {
  if (url.href.startsWith(ROOT)) {
    const path = url.pathname.slice(new URL(ROOT).pathname.length);
    const file = new URL(path, TRANSPILED);
    if (existsSync(file)) return readFileSync(file, "utf8");
  }
  const require = createRequire(new URL("tools/test.ts", ROOT));
  const { transformSync } = require("esbuild") as typeof esbuild;
  const code = readFileSync(new URL(url.pathname, url), "utf8");
  return transformSync(code, {
    loader: "ts",
    format: "esm",
    target: `node${process.versions.node}`,
    sourcefile: fileURLToPath(url),
  }).code;
}

/**
 * Returns the address of a module of this repository that another one imports by
 * a relative path; undefined for other imports. Saves looking for files and
 * manifests, which takes a third of the start of a test.
 */
function relativeTo(
  parent: string | undefined,
  specifier: string,
): string | undefined {
  if (!parent?.startsWith(ROOT) || parent.includes("/node_modules/")) {
    return undefined;
  }
  const kind = parent.startsWith(PACKAGE) ? ".js" : ".ts";
  if (!/^\.\.?\//.test(specifier) || !specifier.endsWith(kind)) {
    return undefined;
  }
  const { href } = new URL(specifier, parent);
  return href.startsWith(ROOT) ? compiledOf(href) ?? href : undefined;
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const own = relativeTo(context.parentURL, specifier);
    if (own !== undefined) {
      return { url: own, format: "module", shortCircuit: true };
    }
    // Node 22 follows no link if the file that was examined last is a socket, such
    // as one that `rmSync()` of a test has removed.
    lstatSync(HERE);
    const isOfExample = context.parentURL?.startsWith(EXAMPLES) === true;
    const found = nextResolve(
      specifier,
      isOfExample ? { ...context, parentURL: TESTS } : context,
    );
    const url = compiledOf(found.url);
    return url === undefined
      ? found
      : { url, format: "module", shortCircuit: true };
  },
  load(url, context, nextLoad) {
    const { protocol, pathname } = new URL(url);
    const isCompiled = url.startsWith(PACKAGE);
    const isOwn = isCompiled || protocol === "file:" &&
        pathname.endsWith(".ts") && !pathname.includes("/node_modules/");
    if (!isOwn) return nextLoad(url, context);
    const source = isCompiled
      ? readFileSync(new URL(pathname, url), "utf8")
      : codeOf(new URL(url));
    return { format: "module", source, shortCircuit: true };
  },
});
