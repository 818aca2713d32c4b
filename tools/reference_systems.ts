/**
 * Runs the checks of the reference systems on Deno and on Bun, and writes the
 * results to `docs/reference-systems.md`: `deno run -A
 * tools/reference_systems.ts`.
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = `${ROOT}tests/contract/`;
const PAGE = `${ROOT}docs/reference-systems.md`;

const SYSTEMS: Readonly<Record<string, string>> = {
  "000": "A server-driven user interface: events and their traces",
  "001": "A platform of apps in workers behind a proxy",
  "002": "A messaging gateway: pluggable collectors",
  "003": "A platform of services: registry, core metrics, server",
  "004": "Request events: ring buffer and feeds",
};

/** Runs the tests with `args`; returns whether each passed, by its full name. */
async function passed(args: readonly string[]): Promise<Map<string, boolean>> {
  const report = await Deno.makeTempFile();
  const files = [...Deno.readDirSync(FOLDER)]
    .filter(({ name }) => name.startsWith("reference_"))
    .map(({ name }) => `./tests/contract/${name}`);
  await new Deno.Command(Deno.execPath(), {
    args: [...args.map((arg) => arg.replace("REPORT", report)), ...files],
    cwd: ROOT,
    stdout: "null",
    stderr: "null",
  }).output();
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  const found = new Map<string, boolean>();
  for (
    const [, attributes, body = ""] of xml.matchAll(
      /<testcase\s([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g,
    )
  ) {
    const name = /\bname="([^"]*)"/.exec(attributes!)?.[1] ?? "";
    found.set(unescapeXml(name), !/<(?:failure|error|skipped)\b/.test(body));
  }
  return found;
}

function unescapeXml(xml: string): string {
  const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return xml.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: keyof typeof entities) => entities[name],
  ).replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

const deno = await passed([
  "test",
  "-A",
  "--no-check",
  "--config",
  "tests/deno.json",
  "--junit-path=REPORT",
]);
const bun = await passed([
  "run",
  "-A",
  "--config",
  "deno.json",
  "tools/bun.ts",
  "test",
  "--reporter=junit",
  "--reporter-outfile=REPORT",
]);

const order = (name: string) => {
  const [, system, check] = /^(\d{3})\.(\d+) /.exec(name)!;
  return Number(system) * 1000 + Number(check);
};
const names = [...deno.keys()].filter((name) => /^\d{3}\.\d+ /.test(name))
  .sort((a, b) => order(a) - order(b));
const mark = (runs: Map<string, boolean>, name: string) =>
  runs.get(name) === true ? "passes" : "FAILS";
const sections = Object.entries(SYSTEMS).map(([system, title]) => {
  const rows = names.filter((name) => name.startsWith(system)).map((name) => {
    const [, check, what] = /^(\S+) (.*)$/.exec(name)!;
    return `| ${check} | ${what} | ${mark(deno, name)} | ${mark(bun, name)} |`;
  });
  return [
    `## ${system}: ${title}`,
    "",
    "| check | behaviour | Deno | Bun |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
});
const page = await Deno.readTextFile(PAGE);
const [begin, end] = ["<!-- results -->\n", "\n<!-- end of results -->"];
const [head, tail] = [page.split(begin)[0], page.split(end)[1]];
if (head === page || tail === undefined) {
  throw new Error(`Cannot write ${PAGE}: the marks of the results are missing`);
}
await Deno.writeTextFile(
  PAGE,
  `${head}${begin}\n${sections.join("\n\n")}\n${end}${tail}`,
);
await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", PAGE] }).output();
if (names.some((name) => !deno.get(name) || !bun.get(name))) Deno.exit(1);
