/**
 * A small app of Express for Node, which runs it directly as it is JavaScript:
 * bare, observed by the built package of Barograph, or by `express-prom-bundle`.
 * It prints its port. Each line of input is a percentage of its own counters to
 * increment, answered by a line.
 */
import { createRequire } from "node:module";
import { argv, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import compression from "compression";
import express from "express";
import promBundle from "express-prom-bundle";
import promClient from "prom-client";

const { mode, counters, encoding } = JSON.parse(argv[2]);

/** Series of each family of the app's own counters. */
const SERIES = 10;

const families = Array.from({ length: counters / SERIES }, (_, at) => ({
  name: `app_events_${at}_total`,
  help: "Events of the app",
}));
const labelSets = Array.from({ length: SERIES }, (_, at) => ({
  kind: at % 2 === 0 ? "order" : "return",
  region: `region-${at}`,
}));

/** Observes `app`; returns functions that increment counters. */
const OBSERVERS = {
  bare: () => [],
  tracing: (app) => withBarograph(app, "alwaysOn"),
  barograph: (app) => withBarograph(app, "alwaysOff"),
  rival: (app) => {
    // The bundle alone does not compress.
    if (encoding === "gzip") app.use("/metrics", compression());
    app.use(promBundle({
      includeMethod: true,
      includePath: true,
      includeStatusCode: true,
      normalizePath: ({ baseUrl, route }) =>
        route === undefined ? "unknown" : baseUrl + route.path,
      promClient: { collectDefaultMetrics: {} },
    }));
    return families.flatMap((family) => {
      const labelNames = ["kind", "region"];
      const counter = new promClient.Counter({ ...family, labelNames });
      return labelSets.map((labels) => () => counter.inc(labels));
    });
  },
};

/** The name of the sampler is that of the public function. */
function withBarograph(app, sampler) {
  const built = new URL("../dist/npm/package.json", import.meta.url);
  const require = createRequire(built);
  const barograph = require("@barograph/barograph");
  const { nodeMiddleware } = require("@barograph/barograph/frameworks");
  const { [sampler]: decide } = require("@barograph/barograph/trace");
  const telemetry = barograph.createTelemetry({
    service: "shop",
    sampler: decide,
  });
  app.use(nodeMiddleware(telemetry));
  return families.flatMap((family) => {
    const labels = ["kind", "region"];
    const counter = barograph.counter({ ...family, labels });
    return labelSets.map((labels) => () => counter.with(labels).inc());
  });
}

const items = Array.from({ length: 18 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  price: id * 1.5,
}));

const app = express();
const increments = OBSERVERS[mode](app);
const shop = express.Router();
shop.get("/products/:sku", ({ params }, response) => {
  response.json({ sku: params.sku, price: 12.5 });
});
app.get("/items", (_request, response) => {
  response.json({ items });
});
app.get("/users/:id", ({ params }, response) => {
  response.json({ id: params.id, name: "Ada" });
});
app.get("/users/:id/orders/:order", ({ params }, response) => {
  response.json({ user: params.id, order: params.order, items: [] });
});
app.use("/shop", shop);
app.use((_request, response) => {
  response.status(404).json({ error: "not found" });
});
for (const increment of increments) increment();

const server = app.listen(0, "127.0.0.1", () => {
  console.log(server.address().port);
});

let next = 0;
createInterface({ input: stdin }).on("line", (percentage) => {
  const times = Math.round(increments.length * Number(percentage) / 100);
  for (let i = 0; i < times; i++) {
    increments[next++ % increments.length]();
  }
  console.log("null");
}).on("close", () => exit());
