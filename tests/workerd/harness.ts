/** Runs Workers in workerd, on loopback, and asks them over the network. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The date of the runtime's behaviour. */
const COMPATIBILITY_DATE = "2026-07-01";

/** The compatibility flags of a Worker. */
export type Flags = readonly ("nodejs_compat" | "nodejs_als")[];

/** Causes events of a Worker; resolves when they have ended, even by an error. */
export interface WorkerEvents {
  scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown>;
  queue(
    name: string,
    messages: readonly {
      readonly id: string;
      readonly timestamp: Date;
      readonly attempts: number;
      readonly body: unknown;
    }[],
  ): Promise<unknown>;
}

/** A Worker that runs. */
export interface RunningWorker extends AsyncDisposable {
  /** Causes events other than requests. */
  readonly events: WorkerEvents;
  /** The origin of the Worker, on loopback. */
  readonly address: string;
  /** What the Worker has logged so far. */
  readonly logged: readonly string[];
  /** Asks the Worker; the answer has the body as it was sent. */
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
    signal?: AbortSignal,
  ): Promise<Response>;
}

/** Code of a Worker that imports the package by its name. */
export interface WorkerCode {
  readonly code: string;
}

/** Finds the package by its name. */
const byName: Plugin = {
  name: "package",
  setup({ onResolve }) {
    const { name, exports } = JSON.parse(
      readFileSync(`${ROOT}deno.json`, "utf8"),
    );
    onResolve({ filter: new RegExp(`^${name}(?:/|$)`) }, ({ path }) => {
      const file = exports[path.replace(name, ".")];
      return file === undefined ? undefined : { path: ROOT + file.slice(2) };
    });
  },
};

const bundles = new Map<string, Promise<string>>();

/** Bundles a Worker once as the tools of the platform do. */
function bundleOf(worker: string | WorkerCode): Promise<string> {
  const key = JSON.stringify(worker);
  const bundle = bundles.get(key) ?? newBundle(worker);
  bundles.set(key, bundle);
  return bundle;
}

async function newBundle(worker: string | WorkerCode): Promise<string> {
  const { outputFiles } = await build({
    ...typeof worker === "string"
      ? { entryPoints: [`${ROOT}tests/workerd/workers/${worker}`] }
      : { stdin: { contents: worker.code, loader: "ts", resolveDir: ROOT } },
    plugins: [byName],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

/** Runs a Worker: a file of `workers/`, or code. */
export async function runWorker(
  worker: string | WorkerCode,
  flags: Flags = [],
  options: Partial<MiniflareOptions> = {},
): Promise<RunningWorker> {
  const contents = await bundleOf(worker);
  const logged: string[] = [];
  const miniflare = new Miniflare({
    cf: false, // else it asks the platform where it is
    modules: [{
      type: "ESModule",
      path: "worker.mjs",
      contents,
    }],
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: [...flags],
    host: "127.0.0.1",
    port: 0,
    handleRuntimeStdio(
      stdout: NodeJS.ReadableStream,
      stderr: NodeJS.ReadableStream,
    ) {
      for (const stream of [stdout, stderr]) {
        stream.on("data", (bytes) => logged.push(String(bytes)));
      }
    },
    ...options,
  } as MiniflareOptions);
  const { port } = await miniflare.ready;
  return {
    events: await miniflare.getWorker() as unknown as WorkerEvents,
    address: `http://127.0.0.1:${port}`,
    logged,
    ask: (path, headers = {}, method = "GET", signal) =>
      ask(Number(port), path, headers, method, signal),
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}

async function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  method: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const sent = request({
    host: "127.0.0.1",
    port,
    path,
    headers,
    method,
    signal,
  });
  sent.end();
  const [answer] = await once(sent, "response", { signal });
  const body = await buffer(answer);
  const { statusCode, headersDistinct } = answer;
  const pairs = Object.entries(headersDistinct as Record<string, string[]>)
    .flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value])
    );
  return new Response(statusCode === 204 ? null : body, {
    status: statusCode,
    headers: pairs,
  });
}

/** A collector of spans, which reads OTLP/JSON. */
export interface Collector extends AsyncDisposable {
  readonly address: string;
  /** The paths of all requests so far. */
  readonly paths: readonly string[];
  /** The requests in OTLP/JSON so far. */
  readonly requests: readonly CollectedRequest[];
  /** Answers each request; may be replaced. Default: 200 at once. */
  answer: () => number | Promise<number>;
}

/** A request to a collector. */
export interface CollectedRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  /** The attributes of the resource. */
  readonly resource: ReadonlyMap<string, unknown>;
  readonly spans: readonly CollectedSpan[];
}

/** A span, as far as the tests read it. */
export interface CollectedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** Starts a collector on loopback. */
export async function startCollector(): Promise<Collector> {
  const requests: CollectedRequest[] = [];
  const paths: string[] = [];
  const collector = {
    address: "",
    requests,
    paths,
    answer: (): number | Promise<number> => 200,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer(async (incoming, outgoing) => {
    const bytes = await buffer(incoming).catch(() => undefined);
    if (bytes === undefined) return; // the Worker has ended
    paths.push(incoming.url!);
    if (incoming.headers["content-type"] !== "application/json") {
      return void outgoing.end();
    }
    const isCoded = incoming.headers["content-encoding"] === "gzip";
    const text = String(isCoded ? gunzipSync(bytes) : bytes);
    const { resourceSpans: [first] } = JSON.parse(text);
    requests.push({
      headers: incoming.headers,
      resource: attributesOf(first.resource.attributes),
      spans: first.scopeSpans.flatMap(({ spans }: { spans: RawSpan[] }) =>
        spans
      )
        .map((span: RawSpan) => ({
          ...span,
          attributes: attributesOf(span.attributes ?? []),
        })),
    });
    outgoing.writeHead(await collector.answer());
    outgoing.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  collector.address = `http://127.0.0.1:${port}`;
  return collector;
}

interface RawAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type RawSpan = Omit<CollectedSpan, "attributes"> & {
  readonly attributes?: readonly RawAttribute[];
};

function attributesOf(
  pairs: readonly RawAttribute[],
): ReadonlyMap<string, unknown> {
  return new Map(
    pairs.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
}

/** Waits until `isTrue`, for at most ten seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (!isTrue()) throw new Error("not within ten seconds");
}
