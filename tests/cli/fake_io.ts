/** The input and output of commands, in memory. */
import type { CliIo, TerminalSize } from "../../src/cli/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";

/** Turns of the event loop after which `until` gives up. */
const MAX_TURNS = 1000;

/** An answer of a target: a body, a response, or an error. */
export type Answer = string | Response | Error;

/** Inputs of the commands in a test. */
export interface FakeIoOptions {
  readonly size?: TerminalSize;
  readonly files?: Readonly<Record<string, string>>;
  readonly modules?: Readonly<Record<string, () => unknown>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Answers the n-th request, counted from 0. */
  readonly answer?: (n: number, url: URL) => Answer;
}

export class FakeIo implements CliIo {
  readonly #fake: FakeTimers = new FakeTimers();
  readonly clock: FakeTimers["clock"] = this.#fake.clock;
  /** The seconds of the timers that wait. */
  readonly #waiting: number[] = [];
  readonly timers: CliIo["timers"] = {
    after: (seconds, work, options) => {
      this.#waiting.push(seconds);
      let isOpen = true;
      const end = () => {
        if (isOpen) this.#waiting.splice(this.#waiting.indexOf(seconds), 1);
        isOpen = false;
      };
      const cancel = this.#fake.after(seconds, () => {
        end();
        work();
      }, options);
      return () => {
        end();
        cancel();
      };
    },
    every: (...args) => this.#fake.every(...args),
  };
  readonly requests: { url: URL; headers: Record<string, string> }[] = [];
  readonly writtenFiles = new Map<string, string>();
  out = "";
  errors = "";
  terminal: TerminalSize | undefined;
  readonly #options: FakeIoOptions;
  readonly #resized = new Set<() => void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: FakeIoOptions = {}) {
    this.#options = options;
    this.terminal = options.size;
  }

  write(text: string): Promise<void> {
    this.out += text;
    return Promise.resolve();
  }

  writeError(text: string): Promise<void> {
    this.errors += text;
    return Promise.resolve();
  }

  size(): TerminalSize | undefined {
    return this.terminal;
  }

  onResize(listener: () => void): () => void {
    this.#resized.add(listener);
    return () => this.#resized.delete(listener);
  }

  /** The number of listeners for a new size. */
  get listeners(): number {
    return this.#resized.size;
  }

  resize(size: TerminalSize): void {
    this.terminal = size;
    for (const listener of this.#resized) listener();
  }

  readText(path: string): string {
    const text = this.#options.files?.[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  }

  writeText(path: string, text: string): void {
    if (path.startsWith("/read-only/")) throw new Error("permission denied");
    this.writtenFiles.set(path, text);
  }

  async load(module: string): Promise<Readonly<Record<string, unknown>>> {
    const load = this.#options.modules?.[module];
    if (load === undefined) throw new Error(`no such module: ${module}`);
    return await load() as Record<string, unknown>;
  }

  variable(name: string): string | undefined {
    return this.#options.variables?.[name];
  }

  endRequested(): Promise<void> {
    return this.#ended.promise;
  }

  /** Ends the program, as Ctrl+C does. */
  end(): void {
    this.#ended.resolve();
  }

  fetch(
    url: URL,
    init: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<Response> {
    const n = this.requests.length;
    this.requests.push({ url, headers: init.headers });
    const answer = this.#options.answer?.(n, url) ?? new Error("refused");
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(
      typeof answer === "string"
        ? new Response(answer, { headers: { "content-type": "text/plain" } })
        : answer,
    );
  }

  /** Waits until `condition` holds; throws if that needs too many turns. */
  async until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      if (condition()) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Error(`it never holds; the output is ${this.out}`);
  }

  /** Waits for a timer of that many seconds, and lets them pass. */
  async pass(seconds: number): Promise<void> {
    await this.until(() => this.#waiting.includes(seconds));
    this.#fake.advance(seconds);
  }
}

/** An exposition with counters that have `n` times their rates. */
export function exposition(n: number): string {
  return `# HELP shop_orders_total Orders.
# TYPE shop_orders_total counter
shop_orders_total{payment="card"} ${10 * n}
shop_orders_total{payment="cash"} ${4 * n}
# HELP http_seconds Time.
# TYPE http_seconds histogram
http_seconds_bucket{le="0.1"} ${8 * n}
http_seconds_bucket{le="1.0"} ${10 * n}
http_seconds_bucket{le="+Inf"} ${10 * n}
http_seconds_sum ${2 * n}
http_seconds_count ${10 * n}
# HELP carts Open carts.
# TYPE carts gauge
carts ${n}
# HELP process_start_time_seconds Start.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 0
`;
}
