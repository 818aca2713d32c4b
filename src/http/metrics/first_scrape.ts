/**
 * Prepares the first scrape of a process.
 *
 * Engines compile a function when it is first called, which makes the first
 * scrape some ten times slower than the second one. So the same code scrapes a
 * small registry before, in a turn of the event loop that would be idle.
 */
import type { Timers } from "../../base/mod.ts";
import { createBareRegistry } from "../../metrics/mod.ts";
import { Labels, type Source } from "../../model/mod.ts";
import { descFrom } from "../../model/internal.ts";
import { turnsPerPoll } from "../../platform/internal.ts";

/** The second one finds a cache, as later scrapes do. */
const SCRAPES = 2;

/** The headers that Prometheus sends. */
const HEADERS = {
  "accept": "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;" +
    "q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  "accept-encoding": "gzip",
  "x-prometheus-scrape-timeout-seconds": "10",
};

/** Returns a histogram, which an empty registry does not have. */
function histogramSource(): Source {
  const desc = descFrom({ name: "prepared", type: "histogram", help: "" });
  const view = {
    bounds: Float64Array.of(1),
    counts: Float64Array.of(1, 0),
    count: 1,
    sum: 1,
    exemplars: [],
  };
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, view, 0);
    },
  };
}

/**
 * Scrapes a small registry through a handler that `make` returns, in the next turn
 * of the event loop. Does nothing where the runtime has no turns. Errors are
 * ignored: nobody waits for the result.
 */
export function prepareFirstScrape(
  make: (source: Source) => (request: Request) => Promise<Response>,
  timers: Timers,
): void {
  if (timers.turn === undefined || turnsPerPoll() === undefined) return;
  const prepare = async (): Promise<void> => {
    const registry = createBareRegistry();
    registry.add(histogramSource());
    const handler = make(registry);
    for (let i = 0; i < SCRAPES; i++) {
      const request = new Request("http://localhost/metrics", {
        headers: HEADERS,
      });
      await (await handler(request)).arrayBuffer();
    }
  };
  try {
    timers.turn(() => void prepare().catch(() => {}));
  } catch {
    // Some runtimes refuse to wait while modules are loaded.
  }
}
