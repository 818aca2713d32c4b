/** Targets of text with a fake receiver, fake timers and recorded errors. */
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import {
  type GatewayPusher,
  type MetricPusher,
  type PostFetch,
  pushgateway,
  type PushgatewayOptions,
  victoriaMetrics,
  type VictoriaMetricsOptions,
} from "../../../src/push/mod.ts";
import { PushTimers } from "../fixtures.ts";

/** A request, decoded. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
}

/** An answer of a receiver; `hang` never comes. */
export type ReceiverAnswer = number | Response | Error | "hang";

/** Returns the parts that both targets need. */
function world(answer: (nth: number, received: Received) => ReceiverAnswer) {
  const timers = new PushTimers();
  const received: Received[] = [];
  const errors: string[] = [];
  const fetch: PostFetch = async (url, init) => {
    const headers = new Headers(init.headers);
    const sent = new Response(init.body ?? null).body;
    const plain = headers.get("content-encoding") === "gzip"
      ? sent!.pipeThrough(new DecompressionStream("gzip"))
      : sent;
    const text = await new Response(plain).text();
    const type = headers.get("content-type");
    const method = init.method!;
    const request = { method, url, type, headers, text };
    const nth = received.push(request);
    const how = answer(nth, request);
    if (how instanceof Error) throw how;
    if (typeof how === "number") return new Response(null, { status: how });
    if (typeof how !== "string") return how;
    timers.hung++;
    return await new Promise((_, reject) =>
      init.signal!.addEventListener("abort", () => {
        timers.hung--;
        reject(init.signal!.reason);
      }, { once: true })
    );
  };
  const registry = createRegistry({ selfMetrics: false, clock: timers.clock });
  const options = {
    fetch,
    timers,
    clock: timers.clock,
    random: () => 0.5,
    signals: false,
    onError: (error: Error) => void errors.push(error.message),
  };
  return { timers, received, errors, registry, options };
}

/** The surroundings of a target. */
export interface World<P extends MetricPusher> {
  readonly pusher: P;
  readonly registry: Registry;
  readonly timers: PushTimers;
  readonly received: readonly Received[];
  readonly errors: readonly string[];
}

/** Returns a pusher to a gateway that answers 200, or as `answer` says. */
export function gatewayWorld(
  options: Partial<PushgatewayOptions> = {},
  answer: (nth: number, received: Received) => ReceiverAnswer = () => 200,
): World<GatewayPusher> {
  const { options: common, ...rest } = world(answer);
  const pusher = pushgateway(rest.registry, {
    url: "http://gateway:9091",
    job: "backup",
    ...common,
    ...options,
  });
  return { ...rest, pusher };
}

/** Returns a pusher to a VictoriaMetrics that answers 204, or as `answer` says. */
export function victoriaWorld(
  options: Partial<VictoriaMetricsOptions> = {},
  answer: (nth: number, received: Received) => ReceiverAnswer = () => 204,
): World<MetricPusher> {
  const { options: common, ...rest } = world(answer);
  const pusher = victoriaMetrics(rest.registry, {
    url: "http://victoria:8428",
    ...common,
    ...options,
  });
  return { ...rest, pusher };
}
