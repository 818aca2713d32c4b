/**
 * Prepares the first scrape of a process.
 *
 * Engines compile a function when it is first called, which makes the first
 * scrape some ten times slower than the second one. So the same code scrapes a
 * small registry before, in a turn of the event loop that would be idle.
 */
import type { Timers } from "../../base/mod.ts";
import { emptySource } from "../../metrics/internal.ts";
import { Labels, type Source } from "../../model/mod.ts";
import {
  descFrom,
  type ObservedSource,
  OBSERVER,
} from "../../model/internal.ts";
import { turnsPerPoll } from "../../platform/internal.ts";

/** The first one writes everything; the third one rewrites values alone. */
const SCRAPES = 3;

/** Buckets that make the body large enough to be compressed. */
const BUCKETS = 40;

/** The headers that Prometheus sends. */
const HEADERS = {
  "accept": "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;" +
    "q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  "accept-encoding": "gzip",
  "x-prometheus-scrape-timeout-seconds": "10",
};

const HELP = "Of the preparation.";

/** Returns a histogram, which an empty registry does not have. */
function histogramSource(): Source {
  const desc = descFrom({ name: "prepared", type: "histogram", help: HELP });
  const bounds = Float64Array.from({ length: BUCKETS }, (_, i) => i);
  const counts = new Float64Array(BUCKETS + 1);
  const view = { bounds, counts, count: 0, sum: 0, exemplars: [] };
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, view, 0);
    },
  };
}

type MakeHandler = (source: Source) => (request: Request) => Promise<Response>;

/** Scrapes a small registry through the handler that `make` returns for it. */
export async function scrapeSmallRegistry(make: MakeHandler): Promise<void> {
  const { parts, [OBSERVER]: observer } = emptySource();
  const small: ObservedSource = {
    descs: [],
    parts: [histogramSource(), ...parts],
    collect: () => {},
    [OBSERVER]: observer,
  };
  const handler = make(small);
  for (let i = 0; i < SCRAPES; i++) {
    const request = new Request("http://localhost/metrics", {
      headers: HEADERS,
    });
    await (await handler(request)).arrayBuffer();
  }
}

/**
 * Scrapes a small registry in the next turn of the event loop. Does nothing where
 * the runtime has no turns. Errors are ignored: nobody waits for the result.
 */
export function prepareFirstScrape(make: MakeHandler, timers: Timers): void {
  if (timers.turn === undefined || turnsPerPoll() === undefined) return;
  try {
    timers.turn(() => void scrapeSmallRegistry(make).catch(() => {}));
  } catch {
    // Some runtimes refuse to wait while modules are loaded.
  }
}
