/**
 * Runs the code blocks of one page, one after the other, on this runtime.
 *
 *     deno run -A tests/docs/run_page.ts folder
 *
 * Reads `page.json` (`PageToRun`) in the folder and writes `results.json`
 * (`BlockResult[]`). The program is a process by itself, so that the metrics, hooks
 * and exporters of one page do not meet those of another.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import type { Block } from "./pages.ts";

const ROOT = new URL("../..", import.meta.url);

/** A page whose blocks are to be run. */
export interface PageToRun {
  readonly file: string;
  readonly blocks: readonly Block[];
}

/** How a block has ended. */
export interface BlockResult {
  readonly line: number;
  /** The error, with its stack. Absent: the block runs. */
  readonly error?: string;
}

interface Server {
  /** The server, if it is one of `node:http`. */
  readonly listener?: http.Server;
  /** The port of a server of Bun. */
  readonly port?: number;
  stop?(force: boolean): Promise<void>;
  shutdown?(): Promise<void>;
}

interface Serving {
  serve: (options: object, ...rest: unknown[]) => Server;
}

interface Runtimes {
  readonly Deno?: Serving;
  readonly Bun?: Serving;
}

const { Deno, Bun } = globalThis as unknown as Runtimes;

const EXPORTS = (JSON.parse(
  readFileSync(new URL("deno.json", ROOT), "utf8"),
) as { exports: Record<string, string> }).exports;

/** Replaces imports of the package with paths of its exports. */
function rewritten(code: string, folder: string): string {
  const dir = JSON.stringify(folder);
  return code.replace(
    /from "@barograph\/barograph(\/[\w\/-]+)?"/g,
    (whole, path: string | undefined) => {
      const target = EXPORTS[path === undefined ? "." : `.${path}`];
      assert.ok(target !== undefined, `${whole} is not exported`);
      return `from "${new URL(target, ROOT)}"`;
    },
  )
    // Fleets of other test runs have the same name.
    .replace("fleet: true", `fleet: { dir: ${dir} }`)
    .replace("joinFleet(registry, {", `joinFleet(registry, { dir: ${dir},`)
    // Packages that users must install are dependencies of the tests.
    .replace(
      /from "((?!node:|file:|npm:|jsr:)[@a-z][\w@./-]*)"/g,
      (_whole, name: string) => `from "${import.meta.resolve(name)}"`,
    );
}

/** The default export of a block. */
interface App {
  fetch(request: Request, env?: object): Response | Promise<Response>;
}

/** The bindings of the Workers of docs/workers.md. */
const ENV = {
  OTLP: "http://127.0.0.1:9",
  TOKEN: "t0k3n",
  PUSHGATEWAY: "http://127.0.0.1:9",
};

async function answerOf(app: App, path: string): Promise<Response> {
  return await app.fetch(new Request(`http://localhost${path}`), ENV);
}

async function textOf(app: App, path: string): Promise<string> {
  return await (await answerOf(app, path)).text();
}

/** Tests that an app of docs/frameworks.md counts its requests by route. */
async function countsRoutes(app: App, code: string): Promise<void> {
  const [path, route] = code.includes("@trpc")
    ? ["/trpc/hello", "/trpc/hello"]
    : code.includes("graphql")
    ? ["/graphql?query=query+User{user}&operationName=User", "/graphql User"]
    : ["/users/7", "/users/:id"];
  const count = async () => {
    const metrics = await textOf(app, "/metrics");
    const start = `http_requests_total{method="GET",route="${route}"`;
    return Number(metrics.split(start)[1]?.split(/[ \n]/)[1] ?? 0);
  };
  const before = await count();
  assert.match(await textOf(app, path), /user 7|Ada|world/);
  assert.equal(await count(), before + 1);
}

/** Tests that the app of a shop counts an order per request. */
async function countsOrders(app: App): Promise<void> {
  const orders = async () => {
    const line = /^shop_orders_total\{payment="card"\} (\d+)$/m;
    return Number(line.exec(await textOf(app, "/metrics"))?.[1] ?? 0);
  };
  const before = await orders(); // of other blocks
  assert.equal(await textOf(app, "/"), "thank you");
  assert.equal(await orders(), before + 1);
}

/** Tests that an app works. */
async function works(app: App): Promise<void> {
  for (const path of ["/", "/metrics"]) {
    const response = await answerOf(app, path);
    const text = await response.text();
    assert.ok(response.status < 500, `${path}: ${response.status} ${text}`);
  }
}

/** Lets every server take a free port, and collects the servers. */
function withFreePorts(servers: Server[]): () => void {
  const restoreNode = withFreePortsOfNode(servers);
  const runtime = Bun ?? Deno;
  if (runtime === undefined) return restoreNode;
  const { serve } = runtime;
  runtime.serve = (options, ...rest) => {
    const server = serve.call(runtime, { ...options, port: 0 }, ...rest);
    servers.push(server);
    return server;
  };
  return () => {
    runtime.serve = serve;
    restoreNode();
  };
}

/** The same for `node:http`, whose options are `(port)` or `({ port })`. */
function withFreePortsOfNode(servers: Server[]): () => void {
  const prototype = http.Server.prototype as unknown as {
    listen(this: http.Server, where: unknown, ...rest: unknown[]): http.Server;
  };
  const { listen } = prototype;
  prototype.listen = function (where, ...rest) {
    servers.push({
      listener: this,
      stop: () =>
        new Promise((done) => {
          this.close(() => done());
          this.closeAllConnections();
        }),
    });
    const free = typeof where === "number"
      ? 0
      : { ...where as object, port: 0 };
    return listen.call(this, free, ...rest);
  };
  return () => prototype.listen = listen;
}

/** Returns the app that a block serves by `node:http` or Bun, if it serves one. */
async function listeningApp(
  [server]: readonly Server[],
): Promise<App | undefined> {
  if (server === undefined) return undefined;
  const port = await portOf(server);
  return {
    fetch({ url }) {
      const { pathname, search } = new URL(url);
      return fetch(`http://localhost:${port}${pathname}${search}`);
    },
  };
}

/** Returns the port of a server of `node:http` or Bun. */
async function portOf({ listener, port }: Server): Promise<number | undefined> {
  if (listener === undefined) return port;
  if (!listener.listening) await once(listener, "listening");
  return (listener.address() as { port: number }).port;
}

/** Returns whether code names what this runtime lacks. */
function isForeign(code: string): boolean {
  const names = ["Deno", "Bun", "URLPattern"]
    .filter((name) => !(name in globalThis));
  return names.length > 0 &&
    new RegExp(`\\b(?:${names.join("|")})\\b[.(]`).test(code);
}

/** Comments that are the output of the call before them. */
const OUTPUT =
  /^ *console\.log\(.*\/\/ (?:prints (.+)|((?:[\d[{"'-]|https?:|(?:true|false|undefined)\b).*))$/gm;

/**
 * Compares what a block prints with the comments that follow its calls:
 *
 *     console.log(response.status); // 401: the data needs the key
 *     console.log(await response.text()); // prints hello
 *
 * The word "prints" is needed if the output does not look like a value. `…` stands
 * for any text. An explanation may follow after a colon. A call inside of another
 * statement is not compared.
 */
function printsAsWritten(code: string, printed: readonly string[]): void {
  for (const [, text, value] of code.matchAll(OUTPUT)) {
    const wanted = (text ?? value)!.trim();
    const parts = wanted.split("…").map((part) =>
      part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    );
    const pattern = new RegExp(`^${parts.join("[^]*")}$`);
    assert.ok(
      printed.some((text) =>
        pattern.test(text) || wanted.startsWith(`${text}: `)
      ),
      `expected output: ${wanted}\nprinted: ${printed.join("\n")}`,
    );
  }
}

/** Runs a block. */
async function run(file: string, code: string, path: string): Promise<void> {
  const servers: Server[] = [];
  const printed: string[] = [];
  const restore = withFreePorts(servers);
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(format(...values));
  try {
    const module = await import(pathToFileURL(path).href) as { default?: App };
    printsAsWritten(code, printed);
    const isFramework = file === "docs/frameworks.md";
    const app = module.default ??
      (isFramework ? await listeningApp(servers) : undefined);
    assert.ok(app !== undefined || !isFramework, "the block serves no app");
    if (app === undefined) return;
    if (isFramework) await countsRoutes(app, code);
    else if (code.includes("thank you")) await countsOrders(app);
    else await works(app);
  } finally {
    console.log = log;
    restore();
    for (const server of servers) {
      await (server.stop?.(true) ?? server.shutdown?.());
    }
  }
}

const folder = argv[2]!;
const { file, blocks } = JSON.parse(
  readFileSync(join(folder, "page.json"), "utf8"),
) as PageToRun;
const results: BlockResult[] = [];
for (const { line, code } of blocks) {
  if (isForeign(code)) continue;
  const path = join(folder, `line_${line}.ts`);
  writeFileSync(path, rewritten(code, folder));
  try {
    await run(file, code, path);
    results.push({ line });
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    results.push({ line, error: `${error}\n${stack ?? ""}` });
  }
}
writeFileSync(join(folder, "results.json"), JSON.stringify(results));
exit(0);
