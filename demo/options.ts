/** The command-line flags of the demo. */

/** The parsed flags. */
export interface DemoOptions {
  readonly port: number;
  /** Seconds until the demo stops; `Infinity` for never. */
  readonly seconds: number;
  /** Seconds that were simulated when the shop opens. */
  readonly past: number;
  /** Whether to scrape once, print the exposition and stop. */
  readonly once: boolean;
}

export const USAGE = `Barograph demo: an instrumented shop.

  --port N      listen on port N (default: 8000)
  --seconds N   stop after N seconds
  --past N      begin N seconds ago (default: 900), 0 for no past
  --once        serve, scrape once, print the exposition, stop
  --help        print this`;

/**
 * Parses the flags.
 *
 * @throws {RangeError} With one line that says what to type.
 */
export function demoOptions(args: readonly string[]): DemoOptions | "help" {
  let port = 8000;
  let seconds = Infinity;
  let past = 900;
  let once = false;
  const rest = args.flatMap((arg) => arg.split("=", 2));
  for (let i = 0; i < rest.length; i++) {
    const flag = rest[i];
    if (flag === "--help" || flag === "-h") return "help";
    else if (flag === "--once") once = true;
    else if (flag === "--port") port = number(flag, rest[++i], 0, 65535);
    else if (flag === "--seconds") seconds = number(flag, rest[++i], 0, 1e6);
    else if (flag === "--past") past = number(flag, rest[++i], 0, 3600);
    else throw new RangeError(`there is no flag "${flag}"; try --help`);
  }
  return { port, seconds, past, once };
}

function number(
  flag: string,
  text: string | undefined,
  min: number,
  max: number,
): number {
  const value = Number(text);
  if (text !== undefined && /^[0-9]+$/.test(text)) {
    if (value >= min && value <= max) return value;
  }
  throw new RangeError(
    `${flag} is "${text ?? ""}"; give a whole number from ${min} to ${max}`,
  );
}
