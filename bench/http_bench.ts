/**
 * The cost of observing requests of a real server under load, in processor time
 * of the server, compared with a bare handler. Rounds of all servers alternate.
 */
import {
  type ChildProcessWithoutNullStreams,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { execPath, stderr } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median, type Result, resultOf } from "./harness.ts";
import { load } from "./http_load.ts";

const ROUNDS = 7;
const SECONDS = 1.5;

/** A server in a separate process. */
class Server {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  port = 0;
  readonly costs: number[] = [];
  readonly throughputs: number[] = [];
  readonly tails: number[] = [];

  constructor(command: string, ...args: readonly string[]) {
    this.#child = spawn(command, args);
    this.#child.stderr.pipe(stderr);
    const lines = createInterface({ input: this.#child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async #line(): Promise<number> {
    return Number((await this.#lines.next()).value);
  }

  async start(): Promise<void> {
    this.port = await this.#line();
  }

  /** Returns the processor time so far, in nanoseconds. */
  async #cpu(): Promise<number> {
    this.#child.stdin.write("\n");
    return await this.#line() * 1000;
  }

  async round(counts: boolean): Promise<void> {
    const before = await this.#cpu();
    const { requests, throughput, p99 } = await load(this.port, SECONDS);
    const cost = (await this.#cpu() - before) / requests;
    if (!counts) return;
    this.costs.push(cost);
    this.throughputs.push(throughput);
    this.tails.push(p99 * 1e6);
  }

  async stop(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill();
    await closed;
  }
}

/** Measures servers in turn; the first round is a warm-up. */
async function compare<M extends string>(
  modes: readonly M[],
  commandOf: (mode: M) => readonly [string, ...string[]],
): Promise<Readonly<Record<M, Server>>> {
  const servers = modes.map((mode) => new Server(...commandOf(mode)));
  try {
    for (const server of servers) await server.start();
    for (let round = 0; round <= ROUNDS; round++) {
      for (const server of servers) await server.round(round > 0);
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return Object.fromEntries(
    modes.map((mode, at) => [mode, servers[at]!]),
  ) as Record<M, Server>;
}

const OURS = fileURLToPath(new URL("http_server.ts", import.meta.url));
const THEIRS = fileURLToPath(new URL("otel_node_server.mjs", import.meta.url));

/** Titles of the modes in tables. */
const TITLES = {
  everything: "everything on",
  unsampled: "nothing sampled",
  metrics: "metrics alone",
  floor: "two headers, two clock readings, one context",
  bare: "the bare handler",
} as const;

type Mode = keyof typeof TITLES;

/** Prints the path of Node, if it is recent enough for OpenTelemetry's SDK 3. */
const PRINT_NODE = `
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || major === 22 && minor >= 15) console.log(process.execPath);
`;

/**
 * Returns the path of a Node that runs OpenTelemetry: the one on the PATH or, if
 * that is absent or too old, Node 24 from npm. Undefined if there is neither.
 */
function findNode(): string | undefined {
  for (const [command, ...args] of [["node"], ["npx", "-y", "node@24"]]) {
    const { stdout } = spawnSync(command!, [...args, "-e", PRINT_NODE]);
    const path = stdout?.toString().trim();
    if (path) return path;
  }
  return undefined;
}

export async function httpResults(): Promise<Result[]> {
  const run = "Bun" in globalThis ? ["run"] : ["run", "-A", "--no-check"];
  const ours = await compare(
    ["bare", "floor", "metrics", "unsampled", "everything"] as const,
    (mode) => [execPath, ...run, OURS, mode],
  );
  const results = [
    whole(ours, "processor time of the server", ({ costs }) => costs),
    whole(ours, "p99 of the latency", ({ tails }) => tails),
  ];
  const node = findNode();
  if (node === undefined) {
    console.warn("OpenTelemetry's instrumentation is not measured: no Node");
    return results;
  }
  const theirs = await compare(
    ["bare", "unsampled", "everything"] as const,
    (mode) => [node, THEIRS, mode],
  );
  const added = (mode: "unsampled" | "everything") =>
    resultOf(
      `cost added to a request, ${TITLES[mode]}`,
      "ns",
      [
        { name: "barograph", role: "barograph" },
        { name: "@opentelemetry/instrumentation-http", role: "rival" },
      ],
      [ours, theirs].map((
        servers: Readonly<Record<typeof mode | "bare", Server>>,
      ) => median(servers[mode].costs) - median(servers.bare.costs)),
    );
  return [...results, added("unsampled"), added("everything")];
}

/** Returns the cost of a request in each mode, and the relative throughput. */
function whole(
  servers: Readonly<Record<Mode, Server>>,
  quantity: string,
  figuresOf: (server: Server) => number[],
): Result {
  const modes = Object.keys(TITLES) as Mode[];
  const share = (mode: Mode) => {
    const ratios = servers[mode].throughputs
      .map((figure, at) => figure / servers.bare.throughputs[at]!);
    return Math.round(median(ratios) * 100);
  };
  return resultOf(
    `a request through \`observe\`: ${quantity}`,
    "ns",
    modes.map((mode) => ({
      name: `${TITLES[mode]} (${share(mode)} % of the throughput)`,
      role: mode === "everything" ? "barograph" : "reference",
    })),
    modes.map((mode) => median(figuresOf(servers[mode]))),
  );
}
