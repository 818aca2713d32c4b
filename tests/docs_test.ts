/**
 * Runs every code block of the README and the docs, on this runtime.
 *
 * `deno test --doc` type-checks and runs the blocks that stand alone. These
 * tests also run whole programs, with imports as a user writes them.
 */
import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { context, trace } from "@opentelemetry/api";

const ROOT = new URL("..", import.meta.url);

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

interface Block {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

function blocksOf(file: string): Block[] {
  const text = readFileSync(new URL(file, ROOT), "utf8");
  return [...text.matchAll(/^```ts[^\n]*\n([^]*?)^```$/gm)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    code: match[1]!,
  }));
}

/** Replaces imports of the package with paths of its exports. */
function rewritten(code: string): string {
  const { exports } = JSON.parse(
    readFileSync(new URL("deno.json", ROOT), "utf8"),
  ) as { exports: Record<string, string> };
  return code.replace(
    /from "@barograph\/barograph(\/[\w\/-]+)?"/g,
    (whole, path: string | undefined) => {
      const target = exports[path === undefined ? "." : `.${path}`];
      assert.ok(target !== undefined, `${whole} is not exported`);
      return `from "${new URL(target, ROOT)}"`;
    },
  ).replace(
    // Fleets of other test runs have the same name.
    "fleet: true",
    `fleet: { dir: ${JSON.stringify(folder)} }`,
  ).replace(
    "joinFleet(registry, {",
    `joinFleet(registry, { dir: ${JSON.stringify(folder)},`,
  ).replace(
    // Packages that users must install are dependencies of the tests.
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

async function textOf(app: App, path: string, env?: object): Promise<string> {
  const request = new Request(`http://localhost${path}`);
  const response = env === undefined
    ? await app.fetch(request)
    : await app.fetch(request, env);
  return await response.text();
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

/** Runs `work` with every server on a free port, and stops the servers. */
async function withServers(
  work: (servers: readonly Server[]) => Promise<void>,
): Promise<void> {
  const servers: Server[] = [];
  const restore = withFreePorts(servers);
  try {
    await work(servers);
  } finally {
    restore();
    for (const server of servers) {
      await (server.stop?.(true) ?? server.shutdown?.());
    }
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

const docs = readdirSync(new URL("docs/", ROOT))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const blocks = ["README.md", ...docs].flatMap(blocksOf);
const folder = mkdtempSync(join(tmpdir(), "barograph-docs-"));

/** Returns whether code names what this runtime lacks. */
function isForeign(code: string): boolean {
  const names = ["Deno", "Bun", "URLPattern"]
    .filter((name) => !(name in globalThis));
  return new RegExp(`\\b(?:${names.join("|")})\\b[.(]`).test(code);
}

/** The globals that all copies of the module share, such as its registry. */
const globals = () =>
  Object.getOwnPropertySymbols(globalThis)
    .filter(({ description = "" }) => description.startsWith("barograph."));
const globalsBefore = new Set(globals());

test("README.md and docs/ have code blocks", () =>
  assert.ok(blocks.length > 8));

for (const { file, line, code } of blocks) {
  if (isForeign(code)) continue;
  test(`the code block at ${file}:${line} runs`, async () => {
    const path = join(folder, `${file.replace(/\W/g, "_")}_${line}.ts`);
    writeFileSync(path, rewritten(code));
    const { log } = console;
    console.log = () => {};
    try {
      await withServers(async (servers) => {
        const module = await import(pathToFileURL(path).href) as {
          default?: App;
        };
        const isFramework = file === "docs/frameworks.md";
        const app = module.default ??
          (isFramework ? await listeningApp(servers) : undefined);
        assert.ok(app !== undefined || !isFramework, "the block serves no app");
        if (app === undefined) return;
        if (isFramework) return await countsRoutes(app, code);
        const env = file === "docs/workers.md" ? ENV : undefined;
        const orders = async () => {
          const metrics = await textOf(app, "/metrics", env);
          const line = /^shop_orders_total\{payment="card"\} (\d+)$/m;
          return Number(line.exec(metrics)?.[1] ?? 0);
        };
        const before = await orders(); // of other blocks
        assert.equal(await textOf(app, "/", env), "thank you");
        assert.equal(await orders(), before + 1);
      });
    } finally {
      console.log = log;
    }
  });
}

test("links between the docs have existing targets", () => {
  for (const file of ["README.md", "CONTRIBUTING.md", ...docs]) {
    const from = new URL(file, ROOT);
    const text = readFileSync(from, "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const path = fileURLToPath(new URL(target!, from));
      assert.doesNotThrow(() => readdirOrRead(path), `${file}: ${target}`);
    }
  }
});

function readdirOrRead(path: string): void {
  try {
    readdirSync(path);
  } catch {
    readFileSync(path);
  }
}

test("the files and globals of the code blocks are removed", () => {
  rmSync(folder, { recursive: true });
  trace.disable();
  context.disable();
  for (const key of globals()) {
    if (!globalsBefore.has(key)) Reflect.deleteProperty(globalThis, key);
  }
});
