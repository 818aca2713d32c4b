/** Reads an exposition from a target or a file. */
import { errorMessage } from "../base/internal.ts";
import {
  type Dialect,
  type ParsedFamily,
  parseExposition,
} from "../testing/mod.ts";
import { UsageError } from "./arguments.ts";
import type { CliIo } from "./io.ts";

/** An exposition as it was received. */
export interface Exposition {
  readonly text: string;
  readonly dialect: Dialect;
}

/** OpenMetrics first: only it has the units. */
const ACCEPT = "application/openmetrics-text;version=1.0.0," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/** The largest body that is read, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/** A target that gives no metrics. */
export class TargetError extends UsageError {
  /** The fault without the address: `is down: connection refused`. */
  readonly fault: string;

  constructor(url: URL, fault: string) {
    super(`${url.href} ${fault}`);
    this.fault = fault;
  }
}

/** Seconds after which a target counts as down. */
const TIMEOUT = 10;

/**
 * Returns the URL of a target: `localhost:9090` is that of its metrics.
 *
 * @throws {UsageError} If it is no URL.
 */
export function targetUrl(text: string): URL {
  const full = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined) {
    throw new UsageError(
      `"${text}" is no URL; give one, such as http://localhost:9090/metrics`,
    );
  }
  if (url.pathname === "/" && url.search === "") url.pathname = "/metrics";
  return url;
}

/** Returns the headers of a scrape; a token stands in the environment. */
function scrapeHeaders(io: CliIo): Record<string, string> {
  const token = io.variable("BAROGRAPH_TOKEN");
  return {
    accept: ACCEPT,
    ...token ? { authorization: `Bearer ${token}` } : {},
  };
}

/**
 * Scrapes a target.
 *
 * @throws {TargetError} If it does not answer with metrics.
 */
export async function scrape(url: URL, io: CliIo): Promise<Exposition> {
  const controller = new AbortController();
  const cancel = io.timers.after(
    TIMEOUT,
    () => controller.abort(new Error(`no answer within ${TIMEOUT} s`)),
    { holds: true },
  );
  try {
    const { signal } = controller;
    const headers = scrapeHeaders(io);
    const response = await io.fetch(url, { headers, signal });
    const text = await limitedText(response);
    if (!response.ok) {
      const hint = response.status === 401 || response.status === 403
        ? "; set BAROGRAPH_TOKEN to its bearer token"
        : "";
      throw new TargetError(
        url,
        `answers with status ${response.status}${hint}`,
      );
    }
    const type = response.headers.get("content-type") ?? "";
    if (/^text\/html/i.test(type)) {
      const advice = "answers with HTML; give the path of its metrics";
      throw new TargetError(url, advice);
    }
    return { text, dialect: dialectOf(type) };
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError(url, `is down: ${causeOf(error)}`);
  } finally {
    cancel();
  }
}

async function limitedText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done = true, value } = await reader?.read() ?? {};
    if (done) return text + decoder.decode();
    size += value!.length;
    if (size > MAX_BYTES) {
      reader!.cancel().catch(() => {});
      throw new Error("its answer has more than 256 MiB");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Returns the innermost message: runtimes say "fetch failed" around it. */
function causeOf(error: unknown): string {
  const cause = (error as { readonly cause?: unknown } | undefined)?.cause;
  const text = errorMessage(cause ?? error) ||
    String((cause as { readonly code?: unknown })?.code ?? error);
  return text.split("\n")[0]!;
}

function dialectOf(contentType: string): Dialect {
  if (/^application\/openmetrics-text/i.test(contentType)) {
    return "openmetrics-1.0.0";
  }
  return /version=1\.0\.0/.test(contentType) ? "text-1.0.0" : "text-0.0.4";
}

/**
 * Reads a file with an exposition; OpenMetrics ends with `# EOF`.
 *
 * @throws {UsageError} If it cannot be read.
 */
export function readFile(path: string, io: CliIo): Exposition {
  try {
    const text = io.readText(path);
    const isOpen = /(?:^|\n)# EOF\n?$/.test(text);
    return { text, dialect: isOpen ? "openmetrics-1.0.0" : "text-0.0.4" };
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${errorMessage(error)}`);
  }
}

/**
 * Parses an exposition as a server does.
 *
 * @throws {ExpositionError} If a server would refuse it.
 */
export function familiesIn(
  { text, dialect }: Exposition,
): readonly ParsedFamily[] {
  return parseExposition(text, dialect, { lenient: true });
}
