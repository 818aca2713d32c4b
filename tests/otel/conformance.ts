/**
 * The page that compares OpenTelemetry's Prometheus exporter with ours: the same
 * calls, what each of them serves, and what promtool says about it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Context,
  type Meter,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import {
  AggregationType,
  MeterProvider,
  type ViewOptions,
} from "@opentelemetry/sdk-metrics";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { asMeterProvider } from "../../src/otel/mod.ts";
import type { MeterProviderOptions } from "../../src/otel/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { PROMTOOL, run } from "../oracle/programs.ts";

/** The exporter whose answers the page shows. */
const THEIRS = "@opentelemetry/exporter-prometheus 0.301.0";

/** One fault of the exporter. */
interface Fault {
  readonly title: string;
  /** What the exporter makes of it, in the table at the top. */
  readonly theirs: string;
  /** What this module makes of it, in the same table. */
  readonly ours: string;
  /** What a server or a reader makes of it. */
  readonly effect: string;
  /** The calls, as the page shows them. */
  readonly code: string;
  calls(meter: Meter, context: Context): void;
  /** The header `accept` of the request. Default: that of a browser. */
  readonly accept?: string;
  readonly encoding?: string;
  readonly views?: readonly ViewOptions[];
  readonly options?: MeterProviderOptions;
  /** Whether the page shows the headers in place of the body. */
  readonly showsHead?: true;
}

const OPEN_METRICS =
  "application/openmetrics-text; version=1.0.0; charset=utf-8";
const OPEN_METRICS_2 = "application/openmetrics-text; version=2.0.0";

const FAULTS: readonly Fault[] = [
  {
    title: "Attributes that become the same label",
    theirs: "whole scrape lost",
    ours: "values joined by `;`",
    effect: "A label is written twice, and Prometheus drops the whole scrape.",
    code:
      `meter.createCounter("hits").add(1, { "http.route": "/a", http_route: "/b" });`,
    calls: (meter) =>
      meter.createCounter("hits").add(1, {
        "http.route": "/a",
        http_route: "/b",
      }),
  },
  {
    title: "An attribute that begins with a digit",
    theirs: "whole scrape lost",
    ours: "label `key_1x`",
    effect: "The label is illegal, and Prometheus drops the whole scrape.",
    code: `meter.createCounter("hits").add(1, { "1x": true });`,
    calls: (meter) => meter.createCounter("hits").add(1, { "1x": true }),
  },
  {
    title: "Units",
    theirs: "name without unit",
    ours: "unit in the name",
    effect:
      "The name lacks its unit. The line UNIT has one that OpenMetrics forbids.",
    code: `meter.createCounter("data.sent", { unit: "By" }).add(1);`,
    calls: (meter) => meter.createCounter("data.sent", { unit: "By" }).add(1),
  },
  {
    title: "Exponential histograms",
    theirs: "distribution lost",
    ours: "native histogram",
    effect: "The distribution is lost: a header without any sample.",
    code: `// aggregation: exponential, or native: true
meter.createHistogram("latency").record(3);`,
    calls: (meter) => meter.createHistogram("latency").record(3),
    accept: OPEN_METRICS_2,
    views: [{
      instrumentName: "*",
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    }],
    options: { instruments: () => ({ native: true }) },
  },
  {
    title: "Negotiation",
    theirs: "ignored",
    ours: "format, version, gzip",
    effect: "The request is ignored: the format, its version, and compression.",
    code: `meter.createCounter("hits").add(1);
// accept: application/openmetrics-text; version=1.0.0, accept-encoding: gzip`,
    calls: (meter) => {
      const counter = meter.createCounter("hits");
      for (let i = 0; i < 100; i++) counter.add(1, { i });
    },
    accept: OPEN_METRICS,
    encoding: "gzip",
    showsHead: true,
  },
  {
    title: "Exemplars",
    theirs: "none",
    ours: "trace and span",
    effect: "Nothing leads from a metric to its traces.",
    code: `meter.createCounter("hits").add(1, {}, contextOfASampledSpan);`,
    calls: (meter, context) => meter.createCounter("hits").add(1, {}, context),
    accept: OPEN_METRICS,
  },
  {
    title: "NaN",
    theirs: "total lost for ever",
    ours: "dropped and counted",
    effect: "One wrong value, and the total is not a number for ever.",
    code: `const counter = meter.createCounter("hits");
counter.add(5);
counter.add(NaN);
counter.add(1);`,
    calls: (meter) => {
      const counter = meter.createCounter("hits");
      for (const value of [5, NaN, 1]) counter.add(value);
    },
  },
  {
    title: "No metrics yet",
    theirs: "body refused",
    ours: "empty body",
    effect: "The body ends within a line, which readers refuse.",
    code: "// no call",
    calls: () => {},
  },
  {
    title: "null in place of attributes",
    theirs: "throws into the caller",
    ours: "recorded",
    effect: "The metric throws into the code that it measures.",
    code: `meter.createCounter("hits").add(1, null);`,
    calls: (meter) => meter.createCounter("hits").add(1, null as never),
  },
  {
    title: "Names in UTF-8",
    theirs: "never",
    ours: "as asked for",
    effect: "A reader that asks for dotted names never gets them.",
    code: `meter.createCounter("shop.orders").add(1, { "shop.country": "de" });
// accept: text/plain; version=1.0.0; escaping=allow-utf-8`,
    calls: (meter) =>
      meter.createCounter("shop.orders").add(1, { "shop.country": "de" }),
    accept: "text/plain; version=1.0.0; escaping=allow-utf-8",
    options: { translation: "NoTranslation" },
  },
];

const SPAN = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: TraceFlags.SAMPLED,
});

/** An answer to a scrape. */
interface Answer {
  readonly head: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the calls threw. */
  readonly thrown: string | undefined;
}

function thrownBy(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

async function theirAnswer({ calls, views = [] }: Fault): Promise<Answer> {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader], views: [...views] });
  const thrown = thrownBy(() =>
    calls(provider.getMeter("shop") as Meter, SPAN)
  );
  const head: Record<string, string> = {};
  const body = await new Promise<string>((resolve) => {
    const response = {
      setHeader: (name: string, value: string) => void (head[name] = value),
      end: resolve,
    };
    reader.getMetricsRequestHandler(
      {} as IncomingMessage,
      response as unknown as ServerResponse,
    );
  });
  await provider.shutdown();
  return { head, body, thrown };
}

async function ourAnswer(fault: Fault): Promise<Answer> {
  const { calls, options, accept = "*/*", encoding = "" } = fault;
  const registry = createRegistry({
    clock: new FakeClock(),
    selfMetrics: false,
  });
  const provider = asMeterProvider(registry, options);
  const thrown = thrownBy(() => calls(provider.getMeter("shop"), SPAN));
  const response = await metricsHandler(registry)(
    new Request("http://localhost/metrics", {
      headers: { accept, "accept-encoding": encoding },
    }),
  );
  const head: Record<string, string> = {};
  for (const name of ["content-type", "content-encoding"]) {
    const value = response.headers.get(name);
    if (value !== null) head[name] = value;
  }
  const body = encoding === "" ? await response.text() : "";
  return { head, body, thrown };
}

/** Returns the first complaint of promtool about a body in the text format. */
async function verdictOn({ head, body }: Answer): Promise<string | undefined> {
  const type = head["content-type"] ?? "";
  if (/openmetrics|version=1/.test(type)) return undefined;
  const { code, stderr } = await run(PROMTOOL!, ["check", "metrics"], body);
  const [first = ""] = stderr.trim().split("\n");
  return code === 0 ? "no complaint" : first;
}

/** Returns an answer as a block of the page, without what depends on the host. */
async function blockOf(
  { showsHead }: Fault,
  answer: Answer,
): Promise<string> {
  const { head, body, thrown } = answer;
  const verdict = showsHead ? undefined : await verdictOn(answer);
  const lines = showsHead
    ? Object.entries(head).map(([name, value]) => `${name}: ${value}`)
    : body.split("\n").filter((line) => !/target_info|"target"/.test(line));
  if (thrown !== undefined) lines.unshift(`(the caller gets a ${thrown})`);
  const text = lines.join("\n");
  const isCut = !showsHead && text !== "" && !text.endsWith("\n");
  if (isCut) lines.push("(there is no end of the line)");
  const shown = text === "" ? "(an empty body)" : lines.join("\n").trimEnd();
  const blocks = verdict === undefined
    ? [shown]
    : [shown, `promtool: ${verdict}`];
  return blocks.map((text) => `\`\`\`text\n${text}\n\`\`\``).join("\n\n");
}

/** Returns the table of all faults, aligned as `deno fmt` wants it. */
function table(): string {
  const rows = [
    ["case", "the exporter", "Barograph"],
    ...FAULTS.map(({ title, theirs, ours }, at) => [
      `[${title}](#${anchorOf(`${at + 1}. ${title}`)})`,
      theirs,
      ours,
    ]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  const lines = rows.map((row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Returns the anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
}

/** Returns the page. Needs promtool. */
export async function conformancePage(): Promise<string> {
  const sections: string[] = [];
  for (const [at, fault] of FAULTS.entries()) {
    sections.push(`## ${at + 1}. ${fault.title}

${fault.effect}

\`\`\`text
${fault.code}
\`\`\`

The exporter:

${await blockOf(fault, await theirAnswer(fault))}

Barograph:

${await blockOf(fault, await ourAnswer(fault))}`);
  }
  return `# Conformance of OpenTelemetry metrics

The same calls of OpenTelemetry's API, as the package
\`${THEIRS}\` serves them, and as
\`asMeterProvider\` with \`metricsHandler\` does. Where both serve the same, nothing
is shown;
[names and bounds](opentelemetry-migration.md#prometheusexporter-and-views)
differ as well, by choice.

${table()}

promtool judges bodies in the text format 0.0.4: it lints names and syntax, so
\`no complaint\` does not say that the values are right. Lines of \`target_info\`,
which depend on the host, are left out. \`deno task conformance\` writes this
page, and a test fails while it is out of date.

${sections.join("\n\n")}
`;
}
