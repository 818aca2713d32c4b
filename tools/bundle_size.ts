/**
 * What an import costs a program: bytes of small programs that use Barograph,
 * bundled, minified and compressed as they would be for a browser.
 *
 * - Each program is bundled by Bun, which is brought by `bun.ts`; modules and
 *   functions that it does not use do not count.
 * - A program that is larger than its limit fails the run.
 * - `--modules` shows what each module adds, the heaviest first; `--keep DIR`
 *   leaves programs and bundles there.
 *
 * A kB is 1000 bytes, by gzip at its highest level. The limits hold for this
 * version of Bun alone: other minifiers differ by about a percent.
 */
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program whose size is looked at. */
interface Program {
  readonly name: string;
  /** What it imports: names by file. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** What it does with that. */
  readonly code: string;
  /** Bytes that it may have, compressed; any number unless given. */
  readonly most?: number;
  /** Bytes that are aimed at: `most` goes down to it, as far as it can. */
  readonly wanted?: number;
}

const METRICS = "src/metrics/mod.ts";
const ENCODE = "src/encode/mod.ts";
const HTTP = "src/http/mod.ts";

/** One of each instrument, with a label. */
function recording(maker: string): string {
  return `
    const registry = ${maker}();
    const labels = ["a"];
    registry.counter({ name: "a_total", help: "A.", labels }).at("1").inc();
    registry.gauge({ name: "b", help: "B.", labels }).at("1").set(1);
    registry.histogram({ name: "c", help: "C.", labels }).at("1").observe(1);
    export { registry };
  `;
}

const CORE = recording("createCoreRegistry");
const WHOLE = recording("createRegistry");
const HANDLER = "export default { fetch: metricsHandler(registry) };";

const PROGRAMS: readonly Program[] = [
  {
    name: "core registry",
    imports: { [METRICS]: ["createCoreRegistry"] },
    code: CORE,
    most: 10_040,
    wanted: 8000,
  },
  {
    name: "core registry, text format",
    imports: {
      [METRICS]: ["createCoreRegistry"],
      [ENCODE]: ["expose", "prometheusText"],
    },
    code: `${CORE} export const text = expose(registry, prometheusText);`,
  },
  {
    name: "core registry, text, formatHandler()",
    imports: {
      [METRICS]: ["createCoreRegistry"],
      [ENCODE]: ["prometheusText"],
      [HTTP]: ["formatHandler"],
    },
    code: CORE +
      "export default { fetch: formatHandler(registry, [prometheusText]) };",
    most: 21_870,
    wanted: 14_000,
  },
  {
    name: "registry",
    imports: { [METRICS]: ["createRegistry"] },
    code: WHOLE,
  },
  {
    name: "registry, metricsHandler()",
    imports: { [METRICS]: ["createRegistry"], [HTTP]: ["metricsHandler"] },
    code: WHOLE + HANDLER,
  },
  {
    name: "mod.ts: counter(), metricsHandler()",
    imports: { "mod.ts": ["counter", "metricsHandler"] },
    code: `
      counter({ name: "a_total", help: "A." }).inc();
      export default { fetch: metricsHandler() };
    `,
  },
  {
    name: "mod.ts: all of it",
    imports: {},
    code: `export * from ${JSON.stringify(`${ROOT}mod.ts`)};`,
  },
];

/** A program as a bundler has left it. */
interface Bundle {
  readonly minified: Uint8Array;
  readonly gzipped: number;
  /** Bytes of each module in `minified`, the heaviest first. */
  readonly modules: readonly (readonly [path: string, bytes: number])[];
}

/** What Bun writes with `--metafile`, as far as it is read here. */
interface Meta {
  readonly outputs: Readonly<
    Record<string, {
      readonly inputs: Readonly<
        Record<string, { readonly bytesInOutput: number }>
      >;
    }>
  >;
}

function sourceOf({ imports, code }: Program): string {
  const lines = Object.entries(imports).map(([file, names]) =>
    `import { ${names.join(", ")} } from ${JSON.stringify(ROOT + file)};`
  );
  return `${lines.join("\n")}\n${code}\n`;
}

async function bundle(program: Program, folder: string): Promise<Bundle> {
  const [entry, out, meta] = ["ts", "min.js", "json"].map((ending) =>
    `${folder}/${program.name.match(/\w+/g)!.join("_")}.${ending}`
  ) as [string, string, string];
  await Deno.writeTextFile(entry, sourceOf(program));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", `${ROOT}deno.json`, `${ROOT}tools/bun.ts`],
      ...["build", entry, "--minify", "--target=browser", "--external=node:*"],
      ...[`--outfile=${out}`, `--metafile=${meta}`],
    ],
    cwd: ROOT,
  }).output();
  if (!success) {
    const said = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    throw new Error(`Cannot bundle "${program.name}":\n${said.join("")}`);
  }
  const minified = await Deno.readFile(out);
  const { outputs } = JSON.parse(await Deno.readTextFile(meta)) as Meta;
  const modules = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([path, { bytesInOutput }]) =>
      [path.replace(/^.*?(?=src\/|mod\.ts$)/, ""), bytesInOutput] as const
    )
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  const gzipped = gzipSync(minified, { level: 9 }).length;
  return { minified, gzipped, modules };
}

function row(name: string, ...cells: readonly unknown[]): string {
  return name.padEnd(36) +
    cells.map((cell) => `${cell ?? ""}`.padStart(9)).join("");
}

/** A share of the compressed bytes: nobody can tell what a module costs. */
function about(bytes: number, { minified, gzipped }: Bundle): string {
  return `~${Math.round(bytes * gzipped / minified.length)}`;
}

const keep = Deno.args.indexOf("--keep");
const folder = keep < 0
  ? await Deno.makeTempDir({ prefix: "barograph-size-" })
  : Deno.args[keep + 1] ?? "bundles";
const tooLarge: string[] = [];
try {
  await Deno.mkdir(folder, { recursive: true });
  console.log(row("bytes", "minified", "gzipped", "at most", "wanted"));
  for (const program of PROGRAMS) {
    const { name, most, wanted } = program;
    const made = await bundle(program, folder);
    const { minified, gzipped, modules } = made;
    console.log(row(name, minified.length, gzipped, most, wanted));
    if (most !== undefined && gzipped > most) tooLarge.push(name);
    if (!Deno.args.includes("--modules")) continue;
    for (const [path, bytes] of modules) {
      console.log(row(`  ${path}`, bytes, about(bytes, made)));
    }
  }
} finally {
  if (keep < 0) await Deno.remove(folder, { recursive: true });
}
for (const name of tooLarge) console.error(`Too large: ${name}`);
if (tooLarge.length > 0) Deno.exit(1);
