/**
 * A recorder for a print shop: the same functions record into metrics and into
 * totals at once, into nothing, and into a list of calls in a test.
 *
 *     deno run examples/recorders.ts
 *     bun examples/recorders.ts
 *     node examples/recorders.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";
import { defineRecorder } from "../src/recorders/mod.ts";

const printShop = defineRecorder({
  title: "a print shop",
  namespace: "print",
  instruments: {
    pages: {
      type: "counter",
      name: "pages_total",
      help: "Pages printed.",
      labels: ["paper"],
    },
    queue: { type: "gauge", name: "queue_length", help: "Jobs that wait." },
  },
  records: ({ pages, queue }) => ({
    jobAdded: () => queue.inc(),
    jobPrinted(paper: "a4" | "a3", count: number): void {
      queue.dec();
      pages.at(paper).inc(count);
    },
  }),
});

/** Code of the program. It knows no names, no labels and no registry. */
function print(shop: ReturnType<typeof printShop.noop>, count: number): void {
  shop.jobAdded();
  shop.jobPrinted("a4", count);
}

const registry = createRegistry({ selfMetrics: false });
const stats = printShop.stats();
const shop = printShop.tee(printShop.on(registry), stats);
print(shop, 12);
print(shop, 3);
console.log(await new Response(expose(registry, prometheusText)).text());
console.log(stats.read()); // the totals: 15 pages, no job waits

const test = printShop.recording();
print(test, 1);
console.log(test.calls); // jobAdded, then jobPrinted with "a4" and 1
