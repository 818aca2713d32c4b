/**
 * Counts the files and functions that one step of a program calls.
 *
 * - Each journey runs in a separate process, so that none warms up another.
 * - V8's precise coverage starts after all imports and the set-up, and is read
 *   after the step. A function counts if it was called at least once; the top
 *   level of a module does not count.
 * - Arguments select journeys by name. `--list` prints the functions by file.
 *   `--root DIR` measures another tree with the same public API.
 * - `--write` puts the table into `CONTRIBUTING.md`.
 *
 * Runs on Deno only: Bun has no V8.
 */
import { Session } from "node:inspector";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CONTRIBUTING, writeSection } from "./pages.ts";

const ROOT = resolve(import.meta.dirname!, "..");

/** The public modules of the tree that is measured. */
interface Doors {
  readonly barograph: typeof import("../mod.ts");
  readonly bus: typeof import("../src/bus/mod.ts");
  readonly http: typeof import("../src/http/mod.ts");
  readonly push: typeof import("../src/push/mod.ts");
  readonly trace: typeof import("../src/trace/mod.ts");
}

/** The files of the public modules. */
const DOORS: Readonly<Record<keyof Doors, string>> = {
  barograph: "mod.ts",
  bus: "src/bus/mod.ts",
  http: "src/http/mod.ts",
  push: "src/push/mod.ts",
  trace: "src/trace/mod.ts",
};

/** A journey: `setUp` is not measured; the step that it returns is. */
interface Journey {
  readonly title: string;
  setUp(doors: Doors): Promise<Step> | Step;
}

type Step = () => Promise<void> | void;

const HELP = "Help.";
const URL_METRICS = "http://localhost/metrics";
const SERIES = 100;

const JOURNEYS: Readonly<Record<string, Journey>> = {
  inc: {
    title: "`inc()` of a counter",
    setUp({ barograph }) {
      const jobs = barograph.counter({ name: "jobs_total", help: HELP });
      jobs.inc();
      return () => jobs.inc();
    },
  },
  declare: {
    title: "`counter()` in an existing registry",
    setUp({ barograph }) {
      barograph.counter({ name: "jobs_total", help: HELP });
      return () => {
        barograph.counter({ name: "mails_total", help: HELP });
      };
    },
  },
  observe: {
    title: "`with({ … }).observe()` of one of several series",
    setUp({ barograph }) {
      const wait = barograph.histogram({
        name: "wait_seconds",
        help: HELP,
        labels: ["kind", "host"],
      });
      const kinds = ["mail", "fax", "text"];
      for (const kind of kinds) wait.with({ kind, host: "a" }).observe(0.3);
      return () => wait.with({ kind: "fax", host: "a" }).observe(0.3);
    },
  },
  scrape: {
    title: `the first scrape of ${SERIES} series`,
    setUp({ barograph }) {
      const registry = barograph.createRegistry();
      const jobs = registry.counter({
        name: "jobs_total",
        help: HELP,
        labels: ["kind"],
      });
      for (let n = 0; n < SERIES; n++) jobs.with({ kind: `${n}` }).inc();
      const handler = barograph.metricsHandler(registry, { prepare: false });
      return async () => {
        const response = await handler(new Request(URL_METRICS));
        await response.text();
      };
    },
  },
  event: {
    title: "an event to an SSE client",
    async setUp({ bus: { createBus }, http }) {
      const bus = createBus<{ job: number }>();
      const handler = http.eventsHandler(bus);
      const response = await handler(new Request("http://localhost/events"));
      const reader = response.body!.getReader();
      return async () => {
        bus.publish("job", 1);
        await reader.read();
      };
    },
  },
  span: {
    title: "a request span to an OTLP collector",
    setUp({ barograph, push, trace }) {
      const exporter = push.spanExporter({
        endpoint: "http://localhost:4318",
        fetch: () => Promise.resolve(new Response("{}")),
      });
      const tracer = trace.createTracer();
      tracer.onEnd(exporter.export);
      const handler = barograph.instrumentHandler(
        () => new Response("thank you"),
        { registry: barograph.createRegistry(), tracer },
      );
      return async () => {
        const response = await handler(new Request("http://localhost/"));
        await response.text();
        await exporter.flush();
      };
    },
  },
};

/** Names of the functions of src/ that a step ran, by file. */
type Trail = Readonly<Record<string, readonly string[]>>;

/** The part of V8's coverage of a script that `trailOf` reads. */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly count: number;
    }[];
  }[];
}

async function importDoors(root: string): Promise<Doors> {
  const doors: Record<string, unknown> = {};
  for (const [name, path] of Object.entries(DOORS)) {
    doors[name] = await import(pathToFileURL(resolve(root, path)).href);
  }
  return doors as unknown as Doors;
}

/** Runs one journey in this process. */
async function measure(journey: Journey, root: string): Promise<Trail> {
  const session = new Session();
  session.connect();
  const post = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) =>
      session.post(
        method,
        params,
        (error, result) => error ? reject(error) : resolve(result as T),
      )
    );
  const step = await journey.setUp(await importDoors(root));
  await post("Profiler.enable");
  await post("Profiler.startPreciseCoverage", { callCount: true });
  await step();
  const { result } = await post<{ result: readonly ScriptCoverage[] }>(
    "Profiler.takePreciseCoverage",
  );
  return trailOf(result, pathToFileURL(`${resolve(root, "src")}/`).href);
}

function trailOf(scripts: readonly ScriptCoverage[], src: string): Trail {
  const trail: Record<string, string[]> = {};
  for (const { url, functions } of scripts) {
    if (!url.startsWith(src)) continue;
    const names = functions
      .filter(({ ranges: [whole] }) => whole!.count > 0 && !isModule(whole!))
      .map(({ functionName }) => functionName || "(anonymous)");
    if (names.length > 0) trail[url.slice(src.length)] = names;
  }
  return trail;
}

/** Returns whether a range is the top level of a module, which starts at 0. */
function isModule({ startOffset }: { readonly startOffset: number }): boolean {
  return startOffset === 0;
}

/** Runs one journey in a new process: this program with `--step`. */
async function measureApart(name: string, root: string): Promise<Trail> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--config", `${ROOT}/deno.json`],
      ...[import.meta.filename!, "--step", name, "--root", root],
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot measure "${name}": its run failed`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Trail;
}

function valueOf(option: string): string | undefined {
  const at = Deno.args.indexOf(option);
  return at < 0 ? undefined : Deno.args[at + 1];
}

const root = valueOf("--root") ?? ROOT;
const step = valueOf("--step");
if (step !== undefined) {
  console.log(JSON.stringify(await measure(JOURNEYS[step]!, root)));
  Deno.exit(); // timers of the set-up may still be pending
}
const named = Deno.args.filter((name) => name in JOURNEYS);
const rows = [`${"journey".padEnd(52)}  files  functions`];
for (const name of named.length > 0 ? named : Object.keys(JOURNEYS)) {
  const trail = await measureApart(name, root);
  const files = Object.entries(trail).sort(([a], [b]) => a < b ? -1 : 1);
  const functions = files.flatMap(([, names]) => names);
  rows.push(
    JOURNEYS[name]!.title.padEnd(52) + `${files.length}`.padStart(7) +
      `${functions.length}`.padStart(11),
  );
  if (!Deno.args.includes("--list")) continue;
  for (const [file, names] of files) {
    rows.push(`  ${file} (${names.length}): ${names.join(", ")}`);
  }
}
const table = rows.join("\n");
console.log(table);
if (Deno.args.includes("--write")) {
  writeSection(CONTRIBUTING, "journeys", `\`\`\`\n${table}\n\`\`\``);
}
