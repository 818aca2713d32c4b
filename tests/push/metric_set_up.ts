/** Exporters of metrics with fake timers, a fake collector and recorded errors. */
import type { Source } from "../../src/model/mod.ts";
import {
  type MetricPusher,
  otlpMetrics,
  type OtlpMetricsOptions,
  type PostFetch,
} from "../../src/push/mod.ts";
import { PushTimers } from "./fixtures.ts";

/** A request to a collector. */
export interface Posted {
  readonly url: string;
  readonly headers: Headers;
  /** The body without its compression. */
  readonly body: Uint8Array<ArrayBuffer>;
}

async function postedBy(url: string, init: RequestInit): Promise<Posted> {
  const headers = new Headers(init.headers);
  const body = new Response(init.body ?? null).body!;
  const plain = headers.get("content-encoding") === "gzip"
    ? body.pipeThrough(new DecompressionStream("gzip"))
    : body;
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  return { url, headers, body: bytes };
}

/** A world of one exporter. */
export interface MetricWorld {
  readonly pusher: MetricPusher;
  readonly timers: PushTimers;
  readonly posted: Posted[];
  readonly errors: string[];
}

/**
 * `answer` returns the response of the collector. Default: status 200. `wrap`
 * returns the `fetch` of the exporter.
 */
export function exporting(
  source: Source,
  options: Partial<OtlpMetricsOptions> = {},
  answer: (
    posted: Posted,
    nth: number,
  ) => Response | Promise<Response> = () => new Response(),
  timers = new PushTimers(),
  wrap: (fetch: PostFetch) => PostFetch = (fetch) => fetch,
): MetricWorld {
  const posted: Posted[] = [];
  const errors: string[] = [];
  const pusher = otlpMetrics(source, {
    endpoint: "http://collector",
    interval: 0,
    timers,
    clock: timers.clock,
    random: () => 0.5,
    onError: ({ message }) => void errors.push(message),
    fetch: wrap(async (url, init) => {
      const request = await postedBy(url, init);
      posted.push(request);
      return await answer(request, posted.length);
    }),
    ...options,
  });
  return { pusher, timers, posted, errors };
}

/** Returns the only request that a push of `source` sends. */
export async function pushed(
  source: Source,
  options: Partial<OtlpMetricsOptions> = {},
): Promise<Posted> {
  const { pusher, posted } = exporting(source, options);
  await pusher.push();
  if (posted.length !== 1) throw new Error(`${posted.length} requests`);
  return posted[0]!;
}
