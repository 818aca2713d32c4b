/** A pusher with fake timers and a fake receiver that reads its requests. */
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import {
  type MetricPusher,
  type PostFetch,
  remoteWrite,
  type RemoteWriteOptions,
} from "../../../src/push/mod.ts";
import {
  readRemoteWrite,
  type SeenRequest,
} from "../../support/remote_write_reader.ts";
import { PushTimers } from "../fixtures.ts";

/** A request to a receiver, decoded. */
export interface Sent extends SeenRequest {
  readonly url: string;
  readonly headers: Headers;
  /** The time of all its points, in milliseconds. */
  readonly time: number;
}

/** Decodes a request as a receiver does. */
export async function sentBy(url: string, init: RequestInit): Promise<Sent> {
  const headers = new Headers(init.headers);
  const body = new Uint8Array(await new Response(init.body).arrayBuffer());
  const isSecond = headers.get("content-type")!.includes("v2.Request");
  const request = readRemoteWrite(body, isSecond ? "2.0" : "1.0");
  return { ...request, url, headers, time: request.series[0]!.time };
}

/** Returns the number of samples and of histograms in a request. */
export function countsOf({ series }: SeenRequest): [number, number] {
  const samples = series.filter(({ value }) => value !== undefined).length;
  return [samples, series.length - samples];
}

/** Returns the response of a receiver of 2.0 that has stored that many points. */
export function confirming(
  samples: number,
  histograms = 0,
  status = 204,
  words?: string,
): Response {
  return new Response(words ?? null, {
    status,
    headers: {
      "x-prometheus-remote-write-samples-written": `${samples}`,
      "x-prometheus-remote-write-histograms-written": `${histograms}`,
      "x-prometheus-remote-write-exemplars-written": "0",
    },
  });
}

/** Stores each request of 2.0. */
export function storing(sent: Sent): Response {
  return confirming(...countsOf(sent));
}

export type Answer = (
  sent: Sent,
  nth: number,
) => Response | Promise<Response>;

export interface World {
  readonly registry: Registry;
  readonly pusher: MetricPusher;
  readonly timers: PushTimers;
  readonly sent: Sent[];
  readonly errors: string[];
}

/** Default of `answer`: a receiver that stores each request of 2.0. */
export function setUp(
  options: Partial<RemoteWriteOptions> = {},
  answer: Answer = storing,
): World {
  const timers = new PushTimers();
  const registry = createRegistry({ clock: timers.clock, selfMetrics: false });
  const sent: Sent[] = [];
  const errors: string[] = [];
  const fetch: PostFetch = async (url, init) => {
    const request = await sentBy(url, init);
    sent.push(request);
    return await answer(request, sent.length);
  };
  const pusher = remoteWrite(registry, {
    url: "http://receiver/api/v1/write",
    job: "shop",
    instance: "a:1",
    interval: 0,
    fetch,
    timers,
    clock: timers.clock,
    random: () => 0.5,
    signals: false,
    onError: ({ message }) => void errors.push(message),
    ...options,
  });
  return { registry, pusher, timers, sent, errors };
}

/** Returns the values of a request by series. */
export function valuesOf({ series }: SeenRequest): Record<string, unknown> {
  return Object.fromEntries(
    series.map(({ id, value, histogram }) => [id, value ?? histogram?.sum]),
  );
}

/** Returns the counts of pushes, then those of points, as `stats` has them. */
export function statsOf({ pusher }: World) {
  const { queued, exported, lost, rejected, points } = pusher.stats();
  return [
    [queued, exported, lost, rejected],
    [points.queued, points.exported, points.lost, points.rejected],
  ];
}
