/** The flags of the demo. */

/** What the demo is to do. */
export interface DemoOptions {
  readonly port: number;
  /** After which it ends by itself; `Infinity` for never. */
  readonly seconds: number;
  /** Serve, scrape itself, print the exposition, end. */
  readonly once: boolean;
}

export const USAGE = `Barograph demo: a small shop that counts.

  --port N      listen on port N (8000 unless given)
  --seconds N   end after N seconds
  --once        serve, scrape itself, print the exposition, end
  --help        print this`;

/**
 * Reads the flags.
 *
 * @throws {RangeError} With one line that says what to type.
 */
export function demoOptions(args: readonly string[]): DemoOptions | "help" {
  let port = 8000;
  let seconds = Infinity;
  let once = false;
  const rest = args.flatMap((arg) => arg.split("=", 2));
  for (let i = 0; i < rest.length; i++) {
    const flag = rest[i];
    if (flag === "--help" || flag === "-h") return "help";
    else if (flag === "--once") once = true;
    else if (flag === "--port") port = number(flag, rest[++i], 0, 65535);
    else if (flag === "--seconds") seconds = number(flag, rest[++i], 0, 1e6);
    else throw new RangeError(`there is no flag "${flag}"; try --help`);
  }
  return { port, seconds, once };
}

function number(
  flag: string,
  text: string | undefined,
  least: number,
  most: number,
): number {
  const value = Number(text);
  if (text !== undefined && /^[0-9]+$/.test(text)) {
    if (value >= least && value <= most) return value;
  }
  throw new RangeError(
    `${flag} is "${text ?? ""}"; give a whole number from ${least} to ${most}`,
  );
}
