/**
 * Services on a message bus: metrics that all of them share, and metrics that
 * one service owns.
 *
 *     deno run examples/service_platform.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";
import {
  createRegistrar,
  type MetricsRegistrar,
  OwnerConflictError,
} from "../src/recorders/mod.ts";
import { servicePlatform } from "../src/recorders/presets/service_platform.ts";

const registry = createRegistry({ selfMetrics: false });
const platform = servicePlatform.on(registry, { seconds: true });

/** Takes the registrar as an argument, so that a test can pass a mock. */
function mailer(registrar: MetricsRegistrar): () => void {
  const mails = registrar.counter("mailer", {
    name: "mails_sent_total",
    help: "Mails sent.",
  });
  platform.serviceStatus("mailer", "running");
  platform.healthStatus("mailer", true);
  return () => {
    platform.messageReceived("mailer", "order.accepted");
    mails.inc();
    platform.messageProcessed("mailer", "order.accepted", "success");
    platform.processingDuration("mailer", "send", 0.03);
  };
}

const registrar = createRegistrar(registry);
const sendMail = mailer(registrar);
sendMail();
platform.natsStatus(true);
platform.natsRtt(0.0004);

try {
  registrar.counter("billing", { name: "mails_sent_total", help: "Mine!" });
} catch (error) {
  if (error instanceof OwnerConflictError) console.log(error.message);
}
console.log(new TextDecoder().decode(expose(registry, prometheusText)));
