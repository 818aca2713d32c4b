/** The command `top`: the metrics of any target, live in the terminal. */
import { errorMessage } from "../base/internal.ts";
import { numberOf, onlyArgument, readArguments } from "./arguments.ts";
import type { TerminalSize } from "../platform/mod.ts";
import type { CliIo } from "./io.ts";
import { familiesIn, scrape, TargetError, targetUrl } from "./target.ts";
import { type Figures, figuresOf, type Scrape } from "./top/figures.ts";
import { MOST_SPARKLINE, screen, type View } from "./top/screen.ts";
import { styles } from "./top/text.ts";

/** The output of `barograph top --help`. */
export const TOP_HELP =
  `Shows the metrics of any Prometheus target in the terminal.

  barograph top http://localhost:9090/metrics

  --interval SECONDS  time between two scrapes (2)
  --once              scrape twice, print everything, and end; for pipes
  --help              print this text

Rates, quantiles and levels are those of the last interval; bars show the last
minute. Ctrl+C ends it. Without a terminal, it works as with --once. NO_COLOR
turns colours off. If BAROGRAPH_TOKEN is set, it is sent as a bearer token.`;

/** The screen of output that is no terminal. */
const PIPE: TerminalSize = { columns: 80, rows: Infinity };

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** Scrapes a target and keeps what its screen needs. */
class Watch {
  readonly #url: URL;
  readonly #io: CliIo;
  readonly #interval: number;
  #last: Scrape | undefined;
  #figures: Figures | undefined;
  #down: string | undefined;
  #downSince = 0;
  #facts = { bytes: 0, seconds: 0 };
  readonly #history = new Map<string, (number | undefined)[]>();

  constructor(url: URL, interval: number, io: CliIo) {
    this.#url = url;
    this.#interval = interval;
    this.#io = io;
  }

  /**
   * Scrapes once more.
   *
   * @throws {TargetError} If the target is down; the figures stay.
   */
  async scrape(): Promise<void> {
    const { clock } = this.#io;
    const start = clock.mono();
    try {
      const exposition = await scrape(this.#url, this.#io);
      const families = parsed(this.#url, () => familiesIn(exposition));
      const now = { time: clock.mono(), families };
      const bytes = new TextEncoder().encode(exposition.text).length;
      this.#facts = { bytes, seconds: now.time - start };
      this.#figures = figuresOf(now, this.#last);
      this.#last = now;
      this.#down = undefined;
      this.#keep(this.#figures);
    } catch (error) {
      if (this.#down === undefined) this.#downSince = clock.unix();
      this.#down = (error as TargetError).fault;
      this.#keep(undefined);
      throw error;
    }
  }

  /** Adds a value of each family, or a gap. */
  #keep(figures: Figures | undefined): void {
    const values = new Map<string, number>();
    for (const { name, value } of figures?.rates ?? []) values.set(name, value);
    for (const { name, rate } of figures?.distributions ?? []) {
      values.set(name, rate);
    }
    for (const { name, value } of figures?.levels ?? []) {
      values.set(name, value);
    }
    for (const name of values.keys()) {
      if (!this.#history.has(name)) this.#history.set(name, []);
    }
    for (const [name, past] of this.#history) {
      const value = values.get(name);
      past.push(Number.isFinite(value) ? value : undefined);
      if (past.length > MOST_SPARKLINE) past.shift();
      // A family that has been away for a whole screen is gone.
      if (
        past.every((one) => one === undefined) && past.length === MOST_SPARKLINE
      ) {
        this.#history.delete(name);
      }
    }
  }

  /** Returns what the screen shows. */
  view(): View {
    const now = this.#io.clock.unix();
    const since = Math.round(now - this.#downSince);
    return {
      target: this.#url.href,
      clock: new Date(1000 * now).toTimeString().slice(0, 8),
      now,
      interval: this.#interval,
      down: this.#down &&
        `The target ${this.#down} (for ${since} s; trying again)`,
      figures: this.#figures,
      scrape: this.#facts,
      history: (name) => this.#history.get(name) ?? [],
    };
  }
}

function parsed<T>(url: URL, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new TargetError(
      url,
      `answers with no metrics: ${errorMessage(error)}`,
    );
  }
}

/** Runs `barograph top`. Returns the exit code. */
export async function top(
  words: readonly string[],
  io: CliIo,
): Promise<number> {
  const args = readArguments("top", words, ["interval=", "once"]);
  const url = targetUrl(
    onlyArgument(args, "top", "a URL, such as http://localhost:9090/metrics"),
  );
  const interval = numberOf(args, "interval", 2, [0.1, 3600]);
  const watch = new Watch(url, interval, io);
  if (args.has("once") || io.size() === undefined) {
    await watch.scrape();
    await wait(interval, io);
    await watch.scrape();
    const { columns } = io.size() ?? PIPE;
    const view = { ...watch.view(), history: () => [] };
    const lines = screen(view, { ...PIPE, columns }, styles(false));
    await io.write(`${lines.map((line) => line.trimEnd()).join("\n")}\n`);
    return 0;
  }
  await live(watch, interval, io);
  return 0;
}

function wait(seconds: number, io: CliIo): Promise<void> {
  return new Promise((resolve) => {
    io.timers.after(seconds, resolve, { holds: true });
  });
}

/** Draws until the user ends the program, and restores the terminal. */
async function live(watch: Watch, interval: number, io: CliIo): Promise<void> {
  const style = styles(!io.variable("NO_COLOR"));
  const draw = () => {
    const lines = screen(watch.view(), io.size() ?? PIPE, style);
    // Each line clears its rest, and the last one everything below: no flicker.
    return io.write(`\x1b[H${lines.join("\x1b[K\r\n")}\x1b[K\x1b[J`);
  };
  let isEnded = false;
  const ended = io.endRequested().then(() => {
    isEnded = true;
  });
  const unlisten = io.onResize(() => void draw());
  await io.write(ENTER);
  try {
    await draw();
    while (!isEnded) {
      // A target that is down is on the screen.
      await Promise.race([watch.scrape().catch(() => {}), ended]);
      if (isEnded) break;
      await draw();
      await Promise.race([wait(interval, io), ended]);
    }
  } finally {
    unlisten();
    await io.write(LEAVE);
  }
}
