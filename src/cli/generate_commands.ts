/** The commands `dashboards` and `rules`: files generated from an application. */
import {
  grafanaDashboard,
  type Objective,
  prometheusRules,
  ruleTests,
  toYaml,
} from "../generate/mod.ts";
import {
  APPLICATION_FLAGS,
  APPLICATION_HELP,
  loadApplication,
} from "./application.ts";
import { type Arguments, readArguments, UsageError } from "./arguments.ts";
import type { CliIo } from "./io.ts";

const ESCAPING_HELP =
  "  --escaping NAME  names that are not classic: allow-utf-8 (default),\n" +
  "                   underscores for Prometheus 2, dots, values";

/** The output of `barograph dashboards --help`. */
export const DASHBOARDS_HELP =
  `Writes a Grafana dashboard of all metrics that an application declares.

  barograph dashboards app.ts --out dashboards

  --out FOLDER     the folder of the file (.)
  --title TEXT     the title (the name of the module)
  --uid ID         the identifier by which an import replaces it (of the title)
  --job NAME       the job that is selected at first (all jobs)
${ESCAPING_HELP}
${APPLICATION_HELP}
  --help           print this text

The module is run. Its exported registry or telemetry is read, or else the
default registry. Then the program ends, whatever the module has started.`;

/** The output of `barograph rules --help`. */
export const RULES_HELP =
  `Writes alerts for Prometheus, and tests that prove them with promtool.

  barograph rules app.ts --out rules --job shop --availability 0.999

  --out FOLDER     the folder of the files (.)
  --job NAME       the job of the service: alerts if it is gone
  --availability SHARE
                   the share of requests without a server error: 0.999
  --latency SHARE@SECONDS
                   the share of requests that take at most so long: 0.99@0.25
${ESCAPING_HELP}
${APPLICATION_HELP}
  --help           print this text

Objectives of other metrics, limits, labels and annotations are options of
prometheusRules() of the module "@barograph/barograph/dashboard/generate".`;

const COMMON = ["out=", "job=", "escaping=", ...APPLICATION_FLAGS];

/** Writes a file into the folder of `--out`, and prints its path. */
async function writeOut(
  args: Arguments,
  io: CliIo,
  name: string,
  text: string,
): Promise<void> {
  const folder = args.value("out") ?? ".";
  const path = `${folder.replace(/\/+$/, "") || "/"}/${name}`
    .replace(/^\/\//, "/");
  try {
    io.writeText(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
  await io.write(`${path}\n`);
}

/** Returns options without those that are not given. */
function given(options: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
}

/** Runs `work`; its errors are those of the arguments. */
function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Runs `barograph dashboards`. Returns the exit code. */
export async function dashboards(
  words: readonly string[],
  io: CliIo,
): Promise<number> {
  const args = readArguments("dashboards", words, [
    ...COMMON,
    "title=",
    "uid=",
  ]);
  const { name, registry } = await loadApplication(args, "dashboards", io);
  const dashboard = checked(() =>
    grafanaDashboard(
      registry,
      given({
        title: args.value("title") ?? name,
        uid: args.value("uid"),
        job: args.value("job"),
        escaping: args.value("escaping"),
      }),
    )
  );
  const text = `${JSON.stringify(dashboard, undefined, 2)}\n`;
  await writeOut(args, io, `${name}.json`, text);
  return 0;
}

/** Runs `barograph rules`. Returns the exit code. */
export async function rules(
  words: readonly string[],
  io: CliIo,
): Promise<number> {
  const args = readArguments("rules", words, [
    ...COMMON,
    "availability=",
    "latency=",
  ]);
  const objectives = objectivesOf(args);
  const { name, registry } = await loadApplication(args, "rules", io);
  const ruleFile = `${name}.rules.yml`;
  const options = given({
    name,
    job: args.value("job"),
    escaping: args.value("escaping"),
    objectives,
  });
  const files = checked(() =>
    [
      [ruleFile, prometheusRules(registry, options)],
      [
        `${name}.rules_test.yml`,
        ruleTests(registry, { ...options, ruleFile }),
      ],
    ] as const
  );
  for (const [name, content] of files) {
    await writeOut(args, io, name, toYaml(content));
  }
  return 0;
}

function objectivesOf(args: Arguments): Objective[] {
  const share = (flag: string, text: string, example: string): number => {
    const value = Number(text);
    if (text !== "" && value > 0 && value < 1) return value;
    throw new UsageError(`--${flag} is "${text}"; give ${example}`);
  };
  const availability = args.value("availability");
  const latency = args.value("latency");
  const [target = "", below = ""] = (latency ?? "").split("@");
  const example = "a share and seconds, such as 0.99@0.25";
  if (latency !== undefined && !(Number(below) > 0)) {
    throw new UsageError(`--latency is "${latency}"; give ${example}`);
  }
  return [
    ...availability === undefined ? [] : [{
      name: "availability",
      target: share("availability", availability, "a share, such as 0.999"),
    }],
    ...latency === undefined ? [] : [{
      name: "latency",
      target: share("latency", target, example),
      below: Number(below),
    }],
  ];
}
