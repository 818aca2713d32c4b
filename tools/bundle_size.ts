/**
 * Prints the sizes of small programs, bundled, minified and compressed as for a
 * browser.
 *
 * - esbuild bundles, `gzip -9` compresses; 1 kB is 1000 bytes. Modules and
 *   functions that a program does not use do not count, nor do modules that it
 *   loads on demand, such as those of fleets: bundlers put these into separate
 *   files if they are told to split.
 * - Each program has a target, which is what to work towards, and a limit, above
 *   which the run fails. A limit leaves room for small changes; it follows the
 *   size down. Other bundlers and versions of esbuild differ by a percent or two.
 * - `--modules` prints what each module adds, the heaviest first; `--write`
 *   puts the table into `docs/performance.md`.
 */
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build, type Plugin, stop, version } from "esbuild";
import { writeSection } from "./pages.ts";

const TOOLS = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program to measure. */
interface Program {
  readonly name: string;
  /** Imported names, by file or package. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  readonly code: string;
  /** Intended size in compressed kB; undefined for other libraries. */
  readonly target?: number;
  /** Maximum size in compressed kB; undefined for other libraries. */
  readonly limit?: number;
}

const COUNTER = 'counter({ name: "a_total", help: "A." }).inc();';
const HISTOGRAM = 'histogram({ name: "b", help: "B." }).observe(1);';

/** Returns a program that pushes a counter by the function `name` of `./push`. */
function pushing(name: string, address: string, limit: number): Program {
  return {
    name: `counter, ${name}`,
    imports: {
      "mod.ts": ["counter", "defaultRegistry"],
      "src/push/mod.ts": [name],
    },
    code: `
      ${COUNTER}
      ${name}(defaultRegistry(), { ${address}: "http://a", job: "a" });
    `,
    limit,
  };
}

const PROGRAMS: readonly Program[] = [
  {
    name: "counter",
    imports: { "mod.ts": ["counter"] },
    code: COUNTER,
    target: 11.5,
    limit: 13.7,
  },
  {
    name: "counter, classic histogram, two text formats",
    imports: {
      "mod.ts": ["counter"],
      "src/metrics/mod.ts": ["classicHistograms", "createBareRegistry"],
      "src/encode/mod.ts": ["openMetrics", "prometheusText"],
      "src/http/mod.ts": ["formatHandler"],
    },
    code: `
      const registry = createBareRegistry();
      counter({ name: "a_total", help: "A." }, registry).inc();
      registry.declare(classicHistograms, { name: "b", help: "B." }).observe(1);
      const formats = [openMetrics, prometheusText];
      export default { fetch: formatHandler(registry, formats) };
    `,
    target: 24,
    limit: 37.8,
  },
  {
    name: "counter, histogram, metricsHandler",
    imports: { "mod.ts": ["counter", "histogram", "metricsHandler"] },
    code: `
      ${COUNTER}
      ${HISTOGRAM}
      export default { fetch: metricsHandler() };
    `,
    target: 29,
    limit: 40.9,
  },
  {
    name: "observe",
    imports: { "mod.ts": ["observe"] },
    code: 'export default { fetch: observe(() => new Response("hello")) };',
    target: 43.5,
    limit: 71,
  },
  {
    name: "observe, dashboard; its page is loaded on demand",
    imports: {
      "mod.ts": ["observe"],
      "src/dashboard/mod.ts": ["dashboard"],
    },
    code: `
      const page = dashboard("/_barograph");
      const options = { dashboard: page };
      export default { fetch: observe(() => new Response("hello"), options) };
    `,
    limit: 105,
  },
  {
    name: "createTelemetry, observe",
    imports: { "mod.ts": ["createTelemetry"] },
    code: `
      const telemetry = createTelemetry({ service: "shop" });
      export default { fetch: telemetry.observe(() => new Response("hello")) };
    `,
    target: 80,
    limit: 103,
  },
  {
    name: "meters of OpenTelemetry, metricsHandler",
    imports: {
      "src/otel/mod.ts": ["asMeterProvider"],
      "mod.ts": ["metricsHandler"],
    },
    code: `
      asMeterProvider().getMeter("a").createCounter("a").add(1);
      export default { fetch: metricsHandler() };
    `,
    target: 46,
    limit: 58.4,
  },
  {
    name: "counter, what all pushers of metrics share",
    imports: {
      "mod.ts": ["counter", "defaultRegistry"],
      "src/base/mod.ts": ["ByteWriter"],
      "src/base/internal.ts": ["FullProtoWriter", "readOptions"],
      "src/push/address.ts": ["addressOf"],
      "src/push/exporter_options.ts": [
        "pushRules",
        "requestHeaders",
        "warnOnce",
      ],
      "src/push/post.ts": ["post"],
      "src/push/push_source.ts": ["checkSource"],
      "src/push/pusher.ts": ["Pusher"],
    },
    code: `
      ${COUNTER}
      export default [
        defaultRegistry, ByteWriter, FullProtoWriter, readOptions, addressOf,
        pushRules, requestHeaders, warnOnce, post, checkSource, Pusher,
      ];
    `,
  },
  {
    name: "the same, and spanExporter",
    imports: {
      "mod.ts": ["counter", "defaultRegistry"],
      "src/push/exporter_options.ts": ["pushRules"],
      "src/push/mod.ts": ["spanExporter"],
      "src/push/push_source.ts": ["checkSource"],
      "src/push/pusher.ts": ["Pusher"],
    },
    code: `
      ${COUNTER}
      spanExporter({ endpoint: "a" });
      export default [defaultRegistry, pushRules, checkSource, Pusher];
    `,
  },
  {
    name: "the same, spanExporter and otlpMetrics",
    imports: {
      "mod.ts": ["counter", "defaultRegistry"],
      "src/push/mod.ts": ["otlpMetrics", "spanExporter"],
    },
    code: `
      ${COUNTER}
      spanExporter({ endpoint: "a" });
      otlpMetrics(defaultRegistry(), { endpoint: "a" });
    `,
  },
  pushing("otlpMetrics", "endpoint", 41.6),
  pushing("remoteWrite", "url", 39.9),
  pushing("pushgateway", "url", 39.6),
  pushing("victoriaMetrics", "url", 37.3),
  {
    name: "every export of mod.ts",
    imports: {},
    code: `export * from ${JSON.stringify(`${ROOT}mod.ts`)};`,
  },
  {
    name: "@prometheus-io/client 0.16: counter, text",
    imports: { "@prometheus-io/client": ["Counter", "register"] },
    code: `
      new Counter({ name: "a_total", help: "A." }).inc();
      export const text = () => register.metrics();
    `,
  },
  {
    name: "OpenTelemetry 3: counter, Prometheus exporter",
    imports: {
      "@opentelemetry/sdk-metrics": ["MeterProvider"],
      "@opentelemetry/exporter-prometheus": ["PrometheusExporter"],
    },
    code: `
      const reader = new PrometheusExporter({ preventServerStart: true });
      const provider = new MeterProvider({ readers: [reader] });
      provider.getMeter("a").createCounter("a_total").add(1);
      export default { fetch: reader };
    `,
  },
];

/** A bundled program. */
interface Bundle {
  readonly minified: number;
  readonly gzipped: number;
  /** Bytes of each module in the bundle, the heaviest first. */
  readonly modules: readonly (readonly [path: string, bytes: number])[];
}

function sourceOf({ imports, code }: Program): string {
  const lines = Object.entries(imports).map(([from, names]) => {
    const path = from.endsWith(".ts") ? ROOT + from : from;
    return `import { ${names.join(", ")} } from ${JSON.stringify(path)};`;
  });
  return `${lines.join("\n")}\n${code}\n`;
}

/** Leaves out modules that a program loads on demand, such as those of fleets. */
const onDemand: Plugin = {
  name: "on-demand",
  setup(build) {
    build.onResolve(
      { filter: /./ },
      ({ kind, path }) =>
        kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

async function bundle(program: Program): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: sourceOf(program), resolveDir: TOOLS, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    plugins: [onDemand],
    platform: "node", // modules of Node are external
    mainFields: ["module", "main"], // the form that can be tree-shaken
    logLevel: "error",
  });
  const { contents } = outputFiles[0]!;
  const modules = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([path, { bytesInOutput }]) =>
      [path.replace(/^.*(?:node_modules|\.\.)\//, ""), bytesInOutput] as const
    )
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  const gzipped = gzipSync(contents, { level: 9 }).length;
  return { minified: contents.length, gzipped, modules };
}

function row(name: string, ...cells: readonly unknown[]): string {
  return name.padEnd(46) +
    cells.map((cell) => `${cell ?? ""}`.padStart(8)).join("");
}

function kB(bytes: number): string {
  return (bytes / 1000).toFixed(2);
}

/** Estimates the compressed size of a module by its share of minified bytes. */
function estimated(bytes: number, { minified, gzipped }: Bundle): string {
  return `~${kB(bytes * gzipped / minified)}`;
}

const tooLarge: string[] = [];
const table = ["| program | kB |", "| --- | --- |"];
console.log(
  row(
    `kB (esbuild ${version}, gzip -9)`,
    "minified",
    "gzip",
    "target",
    "limit",
  ),
);
for (const program of PROGRAMS) {
  const { name, target, limit } = program;
  const bundled = await bundle(program);
  const { minified, gzipped, modules } = bundled;
  console.log(row(name, kB(minified), kB(gzipped), target, limit));
  table.push(`| ${name} | ${(gzipped / 1000).toFixed(1)} |`);
  if (gzipped > (limit ?? Infinity) * 1000) tooLarge.push(name);
  if (!Deno.args.includes("--modules")) continue;
  for (const [path, bytes] of modules) {
    console.log(row(`  ${path}`, kB(bytes), estimated(bytes, bundled)));
  }
}
await stop();
if (Deno.args.includes("--write")) {
  writeSection("docs/performance.md", "sizes", table.join("\n"));
}
for (const name of tooLarge) console.error(`Too large: ${name}`);
if (tooLarge.length > 0) Deno.exit(1);
