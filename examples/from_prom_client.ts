/**
 * Each metric type of prom-client: the old line stands above the new one. Prints the exposition. Runs on Deno, Bun and Node.
 *
 *     deno run examples/from_prom_client.ts
 */
import { createRegistry, metricsHandler } from "../mod.ts";

// const registry = new Registry();
const registry = createRegistry({ selfMetrics: false });

// new Counter({ name, help, labelNames: ["outcome"], registers: [registry] })
const mails = registry.counter({
  name: "mails_sent_total",
  help: "Mails sent, by outcome.",
  labels: ["outcome"],
});
// mails.inc({ outcome: "sent" }, 2); mails.labels("failed").inc();
mails.with({ outcome: "sent" }).inc(2);
mails.at("failed").inc();

// new Gauge({ name, help, collect() { this.set(queue.length); } })
const queue = ["a@example.org", "b@example.org"];
registry.callbackGauge({
  name: "mails_waiting",
  help: "Mails in the queue.",
  read: (report) => report(queue.length),
});

// new Histogram({ name, help, buckets: [0.1, 1, 10] })
const sending = registry.histogram({
  name: "mail_duration_seconds",
  help: "Time to send a mail.",
  unit: "seconds",
  buckets: [0.1, 1, 10],
});
// const end = sending.startTimer(); await send(); end();
await sending.time(() => Promise.resolve("sent"));

// new Summary({ name, help, percentiles: [0.5, 0.99], maxAgeSeconds: 60 })
const sizes = registry.summary({
  name: "mail_size_bytes",
  help: "Size of the mails sent.",
  unit: "bytes",
  quantiles: [0.5, 0.99],
  maxAge: 60,
});
sizes.observe(1200); // the same

// response.set("Content-Type", register.contentType);
// response.end(await register.metrics());
const metrics = metricsHandler(registry);
const answer = await metrics(new Request("http://localhost/metrics"));
console.log(await answer.text());
