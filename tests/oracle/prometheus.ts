/** A real Prometheus, started with a configuration and queried over its API. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";

const DEADLINE = 60_000;

/** Polls until `ask` returns a value; throws after a minute. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error("Prometheus has no answer in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Returns a port of the loopback interface that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Returns a configuration with one job for each path of a server. */
export function configFor(port: number, ...paths: readonly string[]): string {
  return configOf(paths.map((path) => ({ job: path, port, path })));
}

/** Returns a configuration with these jobs. */
export function configOf(
  jobs: readonly {
    readonly job: string;
    readonly port: number;
    readonly path: string;
  }[],
): string {
  const configs = jobs.map(({ job, port, path }) => `
  - job_name: ${job}
    metrics_path: /${path}
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`);
  return `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:${configs.join("")}
`;
}

/** The answer to a query. */
export interface Vector {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value?: readonly [number, string];
    readonly values: readonly (readonly [number, string])[];
    readonly histogram?: readonly [number, StoredHistogram];
    readonly histograms?: readonly (readonly [number, StoredHistogram])[];
  }[];
}

/** A native histogram as a server reports it. */
export interface StoredHistogram {
  readonly count: string;
  readonly sum: string;
  /** Non-empty buckets: which bounds are inclusive, lower and upper bound, count. */
  readonly buckets: readonly (readonly [number, string, string, string])[];
}

/** The metadata of a family on a server. */
export interface Metadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** A Prometheus server that runs until it is disposed. */
export class Prometheus implements AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  readonly #stop: () => Promise<void>;
  readonly #log: { text: string };
  /** The time of queries. Default: now. */
  readonly #time: string | undefined;

  private constructor(
    url: string,
    log: { text: string },
    stop: () => Promise<void>,
    time?: string,
  ) {
    this.url = url;
    this.#log = log;
    this.#stop = stop;
    this.#time = time;
  }

  /**
   * Starts `program` with these features, this configuration, these flags and
   * these environment variables.
   */
  static async start(
    program: string,
    features: readonly string[],
    config: string,
    flags: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "barograph-"));
    const file = join(folder, "prometheus.yml");
    await writeFile(file, config);
    const port = await freePort();
    const child = spawn(program, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--enable-feature=${["exemplar-storage", ...features].join(",")}`,
      "--log.level=warn",
      ...flags,
    ], {
      env: { ...env, ...variables },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const log = { text: "" };
    child.stderr.setEncoding("utf8").on("data", (text) => log.text += text);
    const ended = new Promise((resolve) => child.on("close", resolve));
    return new Prometheus(`http://127.0.0.1:${port}`, log, async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** The logged warnings about scrapes and stored samples. */
  get warnings(): readonly string[] {
    return this.#log.text.split("\n").filter((line) =>
      /scrape|append|exemplar|histogram/i.test(line) &&
      !/experimental|feature/i.test(line)
    );
  }

  async get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const parameters = new URLSearchParams(query);
    const isTimed = path === "query" && this.#time !== undefined;
    if (isTimed) parameters.set("time", this.#time);
    const url = `${this.url}/api/v1/${path}?${parameters}`;
    const { data } = await (await fetch(url)).json() as { data: T };
    return data;
  }

  /** Returns the only value of `query` as text; undefined if there is none. */
  async value(query: string): Promise<string | undefined> {
    const { result } = await this.get<Vector>("query", { query });
    return result.length === 1 ? result[0]!.value?.[1] : undefined;
  }

  /** Returns the only native histogram of `query`; undefined if there is none. */
  async histogram(query: string): Promise<StoredHistogram | undefined> {
    const { result } = await this.get<Vector>("query", { query });
    return result.length === 1 ? result[0]!.histogram?.[1] : undefined;
  }

  /** Returns the native histograms of the only series of a range, by time. */
  async histograms(
    query: string,
  ): Promise<readonly (readonly [number, StoredHistogram])[]> {
    const { result } = await this.get<Vector>("query", { query });
    return result.length === 1 ? result[0]!.histograms ?? [] : [];
  }

  /** Returns the metadata of each family by name. */
  metadata(): Promise<Readonly<Record<string, readonly Metadata[]>>> {
    return this.get("metadata");
  }

  /** Waits for a successful scrape, as `untilStored` does. */
  untilUp(query = "up"): Promise<Prometheus> {
    return this.untilStored(query, 1);
  }

  /**
   * Waits for a scrape that stores this value of a series. Returns the server at
   * the time of that scrape: a later one that is too slow makes all series stale.
   */
  async untilStored(series: string, value: number): Promise<Prometheus> {
    const scrapedAt = `timestamp(${series}) and ${series} == ${value}`;
    const time = await until(() => this.value(scrapedAt));
    return new Prometheus(this.url, this.#log, this.#stop, time);
  }

  /** Returns the samples of the only series of a range: time and value. */
  async samples(
    query: string,
  ): Promise<readonly (readonly [number, string])[]> {
    const { result } = await this.get<Vector>("query", { query });
    return result.length === 1 ? result[0]!.values : [];
  }

  /** Returns `trace_id=value` for all exemplars of the series of `query`. */
  async exemplars(query: string): Promise<readonly string[]> {
    const found = await this.get<
      readonly {
        exemplars: readonly { labels: { trace_id: string }; value: string }[];
      }[]
    >("query_exemplars", {
      query,
      start: String(Date.now() / 1000 - 3600 * 24 * 365 * 10),
      end: String(Date.now() / 1000 + 3600),
    });
    return found.flatMap((series) =>
      series.exemplars.map(({ labels, value }) => `${labels.trace_id}=${value}`)
    );
  }

  /** Returns health and last error of each target. */
  async targets(): Promise<readonly (readonly [string, string])[]> {
    const { activeTargets } = await this.get<
      { activeTargets: readonly { lastError: string; health: string }[] }
    >("targets");
    return activeTargets.map(({ health, lastError }) => [health, lastError]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
