/** A receiver in a registry, and requests to it. */
import assert from "node:assert/strict";
import { expose, openMetrics, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  type OtlpReceiver,
  otlpReceiver,
  type OtlpReceiverOptions,
} from "../../src/receiver/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { jsonOf } from "./encodings.ts";

/** A receiver whose time a test moves. */
export interface World {
  readonly registry: Registry;
  readonly receive: OtlpReceiver;
  readonly clock: FakeClock;
  /** Sends a request in JSON; returns the answer. */
  send(request: object): Promise<Answer>;
  /** Returns the lines of the families whose names match. */
  lines(names: RegExp): string[];
}

/** The answer to a request in JSON. */
export interface Answer {
  readonly partialSuccess?: {
    readonly rejectedDataPoints: string;
    readonly errorMessage: string;
  };
}

export const URL_METRICS = "http://127.0.0.1:4318/v1/metrics";

/** Returns a request to the receiver. */
export function post(
  body: BodyInit,
  type = "application/json",
  headers: Record<string, string> = {},
): Request {
  return new Request(URL_METRICS, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body,
  });
}

export function createWorld(options: OtlpReceiverOptions = {}): World {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const receive = otlpReceiver(registry, { clock, ...options });
  return {
    registry,
    receive,
    clock,
    async send(request) {
      const response = await receive(post(jsonOf(request)));
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return JSON.parse(text);
    },
    lines: (names) => linesOf(registry, names),
  };
}

/** Returns the samples and metadata of the families whose names match. */
export function linesOf(registry: Registry, names: RegExp): string[] {
  const text = new TextDecoder().decode(expose(registry, openMetrics));
  return text.split("\n").filter((line) =>
    names.test(line.replace(/^# (?:TYPE|HELP|UNIT) /, ""))
  );
}

/** The text format 0.0.4 of a registry. */
export function textOf(registry: Registry): string {
  return new TextDecoder().decode(expose(registry, prometheusText));
}

/** Returns attributes whose values are text. */
export function attributesOf(texts: Record<string, string>) {
  return Object.entries(texts).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
}

/** Returns a request with metrics of one sender and, unless `""`, one scope. */
export function requestOf(
  metrics: readonly object[],
  resource: Record<string, string> = { "service.name": "shop" },
  scope = "",
): object {
  return {
    resourceMetrics: [{
      resource: { attributes: attributesOf(resource) },
      scopeMetrics: [{ scope: { name: scope }, metrics }],
    }],
  };
}

/** Nanoseconds of a second of the tests' timeline. */
export function nanos(second: number): number {
  return (1_700_000_000 + second) * 1e9;
}

/** Returns a point of a number, at seconds of the tests' timeline. */
export function point(
  asDouble: number,
  time = 1,
  start = 0,
  attributes: Record<string, string> = {},
): object {
  return {
    attributes: attributesOf(attributes),
    startTimeUnixNano: nanos(start),
    timeUnixNano: nanos(time),
    asDouble,
  };
}

export const DELTA = 1;
export const CUMULATIVE = 2;

/** Returns a monotonic sum. */
export function sumOf(
  name: string,
  dataPoints: readonly object[],
  aggregationTemporality = CUMULATIVE,
  isMonotonic = true,
): object {
  return { name, sum: { dataPoints, aggregationTemporality, isMonotonic } };
}

/** Returns a gauge. */
export function gaugeOf(name: string, ...dataPoints: object[]): object {
  return { name, gauge: { dataPoints } };
}
