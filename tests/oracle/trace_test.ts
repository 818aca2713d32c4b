/**
 * One request through two services, checked in three places: at a collector, in
 * the feeds of both services, and in the exemplars of a real Prometheus.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry, type Telemetry } from "../../mod.ts";
import {
  type AppHandler,
  type RunningServer,
  RUNTIME,
  serve,
} from "../runtimes/server.ts";
import { needs, PROMETHEUS } from "./programs.ts";
import { configOf, Prometheus } from "./prometheus.ts";

/** A span in the JSON of a collector. */
interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface ReceivedSpans {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** Starts a trace collector; returns it and the spans that it receives, by service. */
function collector(): {
  server: RunningServer;
  spans: Map<string, ReceivedSpan[]>;
} {
  const spans = new Map<string, ReceivedSpan[]>();
  const server = serve(async (request) => {
    const body = request.headers.get("content-encoding") === "gzip"
      ? request.body!.pipeThrough(new DecompressionStream("gzip"))
      : request.body;
    const sent = await new Response(body).json() as ReceivedSpans;
    for (const { resource, scopeSpans } of sent.resourceSpans) {
      const service = resource.attributes.find(({ key }) =>
        key === "service.name"
      )!.value.stringValue!;
      const received = spans.get(service) ?? [];
      spans.set(service, received);
      for (const scope of scopeSpans) received.push(...scope.spans);
    }
    return Response.json({});
  });
  return { server, spans };
}

interface Service extends AsyncDisposable {
  readonly telemetry: Telemetry;
  readonly url: string;
  readonly port: number;
}

function service(
  name: string,
  endpoint: string,
  route: string,
  answer: (telemetry: Telemetry) => AppHandler,
): Service {
  const telemetry = createTelemetry({
    service: name,
    registry: createRegistry(),
    collector: { endpoint, protocol: "json" },
  });
  const app = telemetry.observe(answer(telemetry), {
    route,
    events: "/events",
  });
  const server = serve(app);
  return {
    telemetry,
    url: server.url,
    port: server.port,
    async [Symbol.asyncDispose]() {
      await telemetry.close();
      await server.stop();
    },
  };
}

/** Reads the first `count` events of a feed. */
async function readEvents(
  url: string,
  count: number,
): Promise<Record<string, string>[]> {
  const events: Record<string, string>[] = [];
  const stop = new AbortController();
  const response = await fetch(`${url}/events?since=0`, stop);
  let text = "";
  const lines = response.body!.pipeThrough(new TextDecoderStream());
  for await (const chunk of lines) {
    text += chunk;
    const parts = text.split("\n");
    text = parts.pop()!;
    for (const line of parts) {
      if (line.startsWith("data: ")) events.push(JSON.parse(line.slice(6)));
    }
    if (events.length >= count) break;
  }
  stop.abort();
  return events;
}

test(
  `one request through two services of ${RUNTIME} is one trace everywhere`,
  { ...needs("PROMETHEUS"), timeout: 120_000 },
  async () => {
    const { server: receiver, spans } = collector();
    try {
      await using stock = service(
        "stock",
        receiver.url,
        "/items/:id",
        () => () => Response.json({ left: 3 }),
      );
      await using shop = service(
        "shop",
        receiver.url,
        "/buy",
        (telemetry) => {
          const call = telemetry.fetch({ peer: "stock" });
          return async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            return await call(`${stock.url}/items/7`);
          };
        },
      );
      const response = await fetch(`${shop.url}/buy`);
      assert.deepEqual(await response.json(), { left: 3 });

      // In the feeds.
      const inShop = await readEvents(shop.url, 3);
      const inStock = await readEvents(stock.url, 2);
      assert.deepEqual(inShop.map(({ kind }) => kind), [
        "request.start",
        "downstream",
        "request.end",
      ]);
      assert.deepEqual(inStock.map(({ kind }) => kind), [
        "request.start",
        "request.end",
      ]);
      const traceId = inShop[0]!["traceId"]!;
      for (const event of [...inShop, ...inStock]) {
        assert.equal(event["traceId"], traceId);
      }
      assert.equal(inShop[1]!["parentId"], inShop[0]!["spanId"]);
      assert.equal(inStock[0]!["parentId"], inShop[1]!["spanId"]);

      // As exemplars.
      const config = configOf([
        { job: "shop", port: shop.port, path: "metrics" },
        { job: "stock", port: stock.port, path: "metrics" },
      ]);
      await using prometheus = await Prometheus.start(PROMETHEUS!, [], config);
      for (const job of ["shop", "stock"]) {
        await prometheus.untilUp(`up{job="${job}"}`);
        const query = `http_requests_total{job="${job}",route!="unknown"}`;
        assert.deepEqual(await prometheus.exemplars(query), [`${traceId}=1`]);
      }

      // At the collector.
      assert.equal(await shop.telemetry.close(), true);
      assert.equal(await stock.telemetry.close(), true);
      const [called, buy] = spans.get("shop")!;
      const [served] = spans.get("stock")!;
      const tree = [buy!, called!, served!];
      for (const span of tree) assert.equal(span.traceId, traceId);
      assert.deepEqual(tree.map(({ name, kind }) => [name, kind]), [
        ["GET /buy", 2],
        ["GET stock", 3],
        ["GET /items/:id", 2],
      ]);
      assert.equal(buy!.parentSpanId ?? "", "");
      assert.equal(called!.parentSpanId, buy!.spanId);
      assert.equal(served!.parentSpanId, called!.spanId);
      for (const [outer, inner] of [[buy!, called!], [called!, served!]]) {
        // Each service starts at a whole millisecond of the machine's clock.
        const inside = (a: string, b: string) =>
          BigInt(a) <= BigInt(b) + 1_000_000n;
        assert.ok(inside(outer!.startTimeUnixNano, inner!.endTimeUnixNano));
        assert.ok(inside(inner!.startTimeUnixNano, outer!.endTimeUnixNano));
      }
    } finally {
      await receiver.stop();
    }
  },
);
