/** Each program of the recipes counts as one, whichever member answers. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { execPath } from "node:process";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { ROOT, runArgs } from "../../support/programs.ts";
import { freePorts, order, Recipe } from "./recipe.ts";

const timeout = 120_000;

/** How a program is started. */
interface Program {
  readonly runtimes: readonly (typeof RUNTIME)[];
  /** The number of processes to start. Default: one, which starts the others. */
  readonly processes?: number;
  readonly members: number;
  /** What the whole fleet counts without requests. */
  readonly jobs?: number;
  /** The arguments on Deno, for a directory and a port; the file follows. */
  readonly deno?: (dir: string, port: number) => readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** How each process ends after SIGTERM. */
  readonly end: number | string;
}

/** The permissions that the programs name in their comments. */
const permissions = (dir: string): string[] => [
  "--allow-net",
  "--allow-env=FLEET_DIR,PORT",
  `--allow-write=${dir}`,
];

/** Serves what others count. */
const METRICS = "fleet_metrics.ts";

const NODE: Program = {
  runtimes: ["deno", "bun", "node"],
  members: 1,
  deno: (dir) => ["run", ...permissions(dir), `--allow-read=${dir}`],
  end: 0,
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  "fleet_cluster.ts": {
    runtimes: ["bun", "node"],
    members: availableParallelism(),
    end: 0,
  },
  "fleet_node.ts": NODE,
  "fleet_reuse_port.ts": {
    runtimes: ["deno", "bun"],
    processes: 2,
    members: 2,
    deno: (dir) => [
      ...["run", "--unstable-net", ...permissions(dir)],
      `--allow-read=${dir}`,
    ],
    end: 0,
  },
  "fleet_serve.ts": {
    runtimes: ["deno"],
    members: 2,
    variables: { DENO_JOBS: "2" },
    deno: (dir, port) => [
      ...["serve", "--parallel", "--port", String(port)],
      ...[...permissions(dir), `--allow-read=${dir}`],
    ],
    end: 0,
  },
  "fleet_workers.ts": {
    runtimes: ["deno", "bun", "node"],
    members: 3,
    jobs: 6,
    deno: (dir) => ["run", ...permissions(dir), "--allow-read"],
    end: "SIGTERM",
  },
};

/** Returns the arguments of this runtime that start a program. */
function argsOf(
  file: string,
  { deno }: Program,
  dir: string,
  port: number,
): readonly string[] {
  if (RUNTIME !== "deno") return runArgs(file);
  const [verb, ...rest] = deno!(dir, port);
  return [verb!, "--no-check", ...rest, file];
}

test("every program of the recipes is tested", () => {
  const files = readdirSync(`${ROOT}examples`)
    .filter((name) => name.startsWith("fleet_"));
  assert.deepEqual(files.sort(), [...Object.keys(PROGRAMS), METRICS].sort());
});

test(`examples/${METRICS} serves the sum of other processes`, {
  timeout,
}, async () => {
  await using recipe = new Recipe();
  const port = await freePorts(2);
  const start = (name: string, port: number): void => {
    const args = argsOf(`examples/${name}`, NODE, recipe.dir, port);
    recipe.start([execPath, ...args], { PORT: String(port) });
  };
  start("fleet_node.ts", port);
  start(METRICS, port + 1);
  await recipe.untilMembers(2, [port, port + 1]);
  await order([port], 7);
  await recipe.untilSample(port + 1, "shop_orders_total", 7);
  assert.deepEqual(await recipe.end(), [0, "SIGTERM"]);
});

for (const [name, program] of Object.entries(PROGRAMS)) {
  const { runtimes, processes = 1, members, jobs } = program;
  if (!runtimes.includes(RUNTIME)) continue;
  test(`examples/${name} counts as one`, { timeout }, async () => {
    await using recipe = new Recipe();
    const port = await freePorts(1);
    const args = argsOf(`examples/${name}`, program, recipe.dir, port);
    for (let count = 0; count < processes; count++) {
      recipe.start([execPath, ...args], {
        ...program.variables,
        PORT: String(port),
      });
    }
    await recipe.untilMembers(members, [port]);
    if (jobs === undefined) await order([port], 7);
    const counter = jobs === undefined
      ? "shop_orders_total"
      : "shop_jobs_total";
    await recipe.untilSample(port, counter, jobs ?? 7);
    const ends = await recipe.end();
    assert.deepEqual(ends, Array(processes).fill(program.end));
  });
}
