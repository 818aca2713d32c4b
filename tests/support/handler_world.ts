/**
 * Endpoints over fixed data, which `handler_contract.ts` describes. They run on
 * every runtime, so they use no module of Node.
 */
import { createBus } from "../../src/bus/mod.ts";
import {
  type Authorize,
  bearer,
  eventsHandler,
  healthHandler,
  metricsHandler,
  readyHandler,
} from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { CASES, registryOf as goldenRegistry } from "../golden/cases.ts";
import {
  brokenSource,
  composed,
  gaugeSource,
  help,
  noise,
  registryOf,
} from "../http/fixtures.ts";

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** A source that needs `seconds` to refresh. */
function slowSource(name: string, seconds: number): Source {
  const { descs, collect } = gaugeSource(name, () => 7);
  return {
    descs,
    collect,
    refresh: () => wait(seconds),
  };
}

/** The number of series of `/large`, whose body is a stream. */
export const LARGE = 10_000;

function largeRegistry(): Source {
  const registry = createRegistry({ selfMetrics: false });
  const gauge = registry.gauge({
    name: "large",
    help,
    labels: ["a"],
    maxSeries: LARGE,
  });
  for (let i = 0; i < LARGE; i++) gauge.with({ a: noise(i) }).set(i);
  return registry;
}

/** Creates all endpoints, by path. Nothing else happens until a request. */
export function handlerWorld(): (request: Request) => Promise<Response> {
  let count = 0;
  const unicode = createRegistry();
  unicode.gauge({ name: "x", help: "Größe 🌡" }).set(1);
  const failing: Authorize = () => Promise.reject(new Error("secret"));
  const forbidden: Authorize = () =>
    new Response("not here", { status: 403, headers: { "x-a": "1" } });
  const bus = createBus<{ joined: { room: string } }>();
  bus.publish("joined", { room: "lobby" });
  const endpoints: Record<string, (request: Request) => Promise<Response>> = {
    "/one": metricsHandler(registryOf()),
    "/many": metricsHandler(registryOf(200)),
    "/large": metricsHandler(largeRegistry()),
    "/unicode": metricsHandler(unicode),
    "/created": metricsHandler(registryOf(), { created: true }),
    "/counting": metricsHandler(gaugeSource("x", () => ++count)),
    "/broken": metricsHandler(composed(brokenSource("bad"), registryOf())),
    "/all-broken": metricsHandler(brokenSource("bad")),
    "/slow": metricsHandler(composed(slowSource("slow", 0.02), registryOf())),
    "/late": metricsHandler(composed(slowSource("late", 60), registryOf()), {
      timeout: 0.05,
    }),
    "/bearer": metricsHandler(registryOf(), { authorize: bearer("a", "b") }),
    "/failing": metricsHandler(registryOf(), { authorize: failing }),
    "/forbidden": metricsHandler(registryOf(), { authorize: forbidden }),
    "/hosts": metricsHandler(registryOf(), { hosts: ["shop.example"] }),
    "/health": healthHandler(),
    "/ready": readyHandler({ checks: { a: () => wait(0.02) } }),
    "/unready": readyHandler({ checks: { a: () => false, b: () => true } }),
    "/events": eventsHandler(bus),
  };
  for (const name of Object.keys(CASES)) {
    endpoints[`/golden/${name}`] = metricsHandler(goldenRegistry(name), {
      created: true,
    });
  }
  return async (request) => {
    const { pathname } = new URL(request.url);
    const endpoint = endpoints[pathname];
    return await endpoint?.(request) ?? new Response(null, { status: 404 });
  };
}
