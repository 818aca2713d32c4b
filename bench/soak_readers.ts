/**
 * The readers of the soak, in a separate process. Its arguments are a port and a
 * seed.
 *
 * - Some readers read at full speed, some slowly, and some disconnect midway.
 *   They read every format, with and without gzip, and parse complete bodies
 *   strictly.
 * - Problems are written to standard output, one per line. When standard input
 *   closes, the counts by kind of reader and format follow.
 */
import { get, type IncomingMessage } from "node:http";
import { argv, exit, stdin } from "node:process";
import { gunzipSync } from "node:zlib";
import { allFormats, negotiate } from "../src/encode/mod.ts";
import { read } from "../tests/support/readers.ts";
import { type Random, randomOf } from "./soak_world.ts";

/** A message of the readers, one line of JSON. */
export type ReaderMessage =
  | { readonly problem: string }
  | { readonly counts: Readonly<Record<string, number>> };

type Manner = "at once" | "slow" | "leaves";

const OPEN = "application/openmetrics-text";
const PROTO = "application/vnd.google.protobuf;" +
  "proto=io.prometheus.client.MetricFamily;encoding=delimited";

const ACCEPTED = [
  "text/plain;version=0.0.4",
  "text/plain;version=1.0.0;escaping=allow-utf-8",
  `${OPEN};version=1.0.0`,
  `${OPEN};version=1.0.0;escaping=values`,
  `${OPEN};version=0.0.1`,
  `${OPEN};version=2.0.0`,
  PROTO,
];

/** Number of concurrent readers by manner. */
const READERS: Readonly<Record<Manner, number>> = {
  "at once": 3,
  "slow": 2,
  "leaves": 2,
};

const counts: Record<string, number> = {};
let isOver = false;

function report(message: ReaderMessage): void {
  console.log(JSON.stringify(message));
}

function count(name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface Answer {
  readonly response: IncomingMessage;
  /** Closes the connection. */
  readonly leave: () => void;
}

function ask(port: number, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", headers, agent: false as const };
    const request = get(options, (response) => {
      resolve({ response, leave: () => request.destroy() });
    });
    request.on("error", reject);
  });
}

/** Returns the complete body; undefined if the reader disconnected. */
async function bodyOf(
  { response, leave }: Answer,
  manner: Manner,
  random: Random,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  const last = manner === "leaves" ? Math.floor(random() * 6) : Infinity;
  if (last === 0) {
    response.on("error", () => {}); // the body is not read
    leave();
    return undefined;
  }
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    if (chunks.length >= last) {
      leave();
      return undefined;
    }
    if (manner === "slow" && chunks.length % 8 === 0) await wait(random() * 60);
  }
  if (!response.complete) throw new Error("the body was cut off");
  return new Uint8Array(Buffer.concat(chunks));
}

async function readOnce(
  port: number,
  manner: Manner,
  random: Random,
): Promise<void> {
  const accept = ACCEPTED[Math.floor(random() * ACCEPTED.length)]!;
  const coding = random() < 0.5 ? "gzip" : "identity";
  const title = `${accept}, ${coding}, ${manner}`;
  try {
    const answer = await ask(port, { accept, "accept-encoding": coding });
    const { response } = answer;
    const body = await bodyOf(answer, manner, random);
    if (body === undefined) return count(manner);
    if (response.statusCode === 503) return count("refused");
    if (response.statusCode !== 200) {
      throw new Error(`status ${response.statusCode}`);
    }
    const used = response.headers["content-encoding"] ?? "identity";
    if (used !== coding) throw new Error(`coding ${used}`);
    const plain = used === "gzip" ? gunzipSync(body) : body;
    const format = negotiate(accept, allFormats());
    const families = read(new Uint8Array(plain), format);
    if (families.length < 10) throw new Error(`${families.length} families`);
    count(manner);
    count(format.id);
    if (used === "gzip") count("gzip");
  } catch (error) {
    if (manner === "leaves") return count(manner); // it has disconnected
    report({ problem: `${title}: ${error}`.slice(0, 500) });
  }
}

async function keepReading(
  port: number,
  manner: Manner,
  random: Random,
): Promise<void> {
  while (!isOver) {
    await readOnce(port, manner, random);
    await wait(random() * 60);
  }
}

if (import.meta.main) {
  const [port, seed] = argv.slice(2).map(Number) as [number, number];
  stdin.on("end", () => isOver = true);
  stdin.resume();
  const manners = (Object.keys(READERS) as Manner[])
    .flatMap((manner) => new Array<Manner>(READERS[manner]).fill(manner));
  await Promise.all(
    manners.map((manner, i) =>
      keepReading(port, manner, randomOf(seed * 1000 + i))
    ),
  );
  report({ counts });
  exit(0);
}
