/** Runs the command that the arguments name. */
import { VERSION } from "../base/internal.ts";
import { UsageError } from "./arguments.ts";
import {
  dashboards,
  DASHBOARDS_HELP,
  rules,
  RULES_HELP,
} from "./generate_commands.ts";
import type { CliIo } from "./io.ts";
import { LINT_HELP, lintCommand } from "./lint_command.ts";
import { top, TOP_HELP } from "./top_command.ts";

/** A command with its help. */
interface Command {
  readonly help: string;
  run(words: readonly string[], io: CliIo): Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  top: { help: TOP_HELP, run: top },
  lint: { help: LINT_HELP, run: lintCommand },
  dashboards: { help: DASHBOARDS_HELP, run: dashboards },
  rules: { help: RULES_HELP, run: rules },
};

const HELP = `Barograph ${VERSION}: looks at metrics.

  barograph top URL            the metrics of any target, live in the terminal
  barograph lint URL-or-FILE   names, units, labels and help texts
  barograph dashboards app.ts  a Grafana dashboard of an application
  barograph rules app.ts       alerts for Prometheus, and their tests

Each command has --help.`;

/** The exit code of wrong arguments, and of a target that is down. */
const FAILED = 2;

const isHelp = (word: string): boolean => word === "--help" || word === "-h";

/**
 * Runs `barograph` with arguments. Resolves to the exit code: 0; 1 if `lint` has
 * findings; 2 if an argument is wrong, or something cannot be read or written.
 */
export async function main(
  args: readonly string[],
  io: CliIo,
): Promise<number> {
  const [name = "--help", ...words] = args;
  if (isHelp(name) || name === "help") {
    await io.write(`${HELP}\n`);
    return 0;
  }
  if (name === "--version") {
    await io.write(`${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) {
      throw new UsageError(
        `there is no command "${name}"; ` +
          `give one of ${Object.keys(COMMANDS).join(", ")}, or --help`,
      );
    }
    if (words.some(isHelp)) {
      await io.write(`${command.help}\n`);
      return 0;
    }
    return await command.run(words, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    await io.writeError(`barograph: ${error.message}\n`);
    return FAILED;
  }
}
