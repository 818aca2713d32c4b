/** A Worker with handlers of several events, observed. */
import { activeSpan, counter, createTelemetry } from "../../../mod.ts";
import { withTelemetry } from "../../../src/workers/mod.ts";

/** The bindings of the Worker. */
export interface Env {
  /** The address of the collector. */
  readonly OTLP: string;
  /** Seconds between two flushes. */
  readonly INTERVAL: number;
}

const telemetry = createTelemetry({ service: "shop" });
const orders = counter({ name: "orders_total", help: "Orders." });

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const handler = {
  title: "a property of the handler",
  async fetch(request: Request, _env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/fail") throw new Error("no such page");
    const before = activeSpan()?.context.spanId;
    await wait(2);
    await telemetry.tracer.run("work", () => wait(1));
    orders.inc();
    const after = activeSpan()?.context.spanId;
    return Response.json({ before, after, title: this.title });
  },
  async scheduled({ cron }: { readonly cron: string }): Promise<void> {
    await wait(1);
    if (cron === "0 0 * * *") throw new Error("no backup");
  },
  async queue(
    { queue, messages }: {
      readonly queue: string;
      readonly messages: readonly unknown[];
    },
  ): Promise<void> {
    await wait(1);
    if (queue === "broken") throw new Error(`${messages.length} are lost`);
  },
  email(): string {
    return this.title;
  },
};

export default withTelemetry(handler, (env: Env) => ({
  telemetry,
  service: "shop",
  version: "1.2.0",
  collector: {
    endpoint: env.OTLP,
    protocol: "json",
    headers: { authorization: "Bearer abc" },
    onError: () => {},
  },
  flushInterval: env.INTERVAL,
  route: (request: Request) => new URL(request.url).pathname,
}));
