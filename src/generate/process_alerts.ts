/** Alerts on the target, its process and runtime, and jobs that must succeed. */
import { boundText } from "../base/internal.ts";
import {
  type AlertInit,
  labelIn,
  PERCENTAGE,
  plain,
  type TestTarget,
  type TestWorld,
} from "./alert.ts";
import { quantile, type QueriedFamily } from "./families.ts";
import { by, literal, type PromQL } from "./promql.ts";
import { LOOP_DELAY, MAX_FILES, OPEN_FILES } from "./runtime_row.ts";
import { isLastSuccess } from "./timestamps.ts";

/** Limits of a process. */
export interface ProcessThresholds {
  readonly eventLoopDelay: number;
  readonly fileDescriptors: number;
  readonly heapBytes: number | undefined;
  readonly lastSuccess: number;
}

const PROCESS = ["job", "instance"];
const WHERE = "{{ $labels.instance }} of {{ $labels.job }}";

/** Returns the alerts on a target that is gone; none without the name of a job. */
export function targetAlerts(
  world: TestWorld,
  job: string | undefined,
): AlertInit[] {
  if (job === undefined) return [];
  const up = `up{job=${literal(job)}}`;
  const state = (value: number) => [world.series("up", {}, value)];
  return [
    {
      alert: "TargetAbsent",
      severity: "page",
      expr: `absent(${up})`,
      holds: 5,
      summary: `Prometheus has no target of ${plain(job)}`,
      description: "No instance is configured or discovered.",
      firing: [], // no other test may run beside this one
      quiet: state(1),
    },
    {
      alert: "TargetDown",
      severity: "page",
      expr: `${up} == 0`,
      holds: 5,
      summary: `${WHERE} is down`,
      description: "Prometheus could not scrape it for 5 minutes.",
      firing: state(0),
      quiet: state(1),
    },
  ];
}

/** Returns the alerts on the process and its runtime. */
export function processAlerts(
  promql: PromQL,
  world: TestWorld,
  families: readonly QueriedFamily[],
  { eventLoopDelay, fileDescriptors, heapBytes, lastSuccess }:
    ProcessThresholds,
): AlertInit[] {
  return [
    ...families.filter(({ name, type }) =>
      type === "histogram" && LOOP_DELAY.test(name)
    ).map((family) => loopAlert(promql, world, family, eventLoopDelay)),
    ...fileAlerts(promql, world, families, fileDescriptors),
    ...heapBytes === undefined
      ? []
      : families.filter(({ name, type }) =>
        type === "gauge" && /_heap_size_used_bytes$/.test(name)
      ).map((family) => heapAlert(promql, world, family, heapBytes)),
    ...families.filter(isLastSuccess)
      .map((family) => staleAlert(promql, world, family, lastSuccess)),
  ];
}

function loopAlert(
  promql: PromQL,
  world: TestWorld,
  family: QueriedFamily,
  limit: number,
): AlertInit {
  const delays = (above: number) =>
    world.histogram(family, {}, 6000, limit, above, boundText);
  return {
    alert: "EventLoopDelayed",
    severity: "ticket",
    labels: { runtime: LOOP_DELAY.exec(family.name)![1]! },
    expr: `${quantile(promql, family, 0.99, PROCESS)} > ${limit}`,
    holds: 10,
    summary: `The event loop of ${WHERE} is late`,
    description: "The 99th percentile of its delay is " +
      `{{ $value | humanizeDuration }}; the limit is ${limit} s.`,
    firing: delays(0.5),
    quiet: delays(0),
  };
}

function fileAlerts(
  promql: PromQL,
  world: TestWorld,
  families: readonly QueriedFamily[],
  limit: number,
): AlertInit[] {
  const named = (name: string) =>
    families.some((family) => family.name === name);
  const open = OPEN_FILES.find(named);
  if (open === undefined || !named(MAX_FILES)) return [];
  const max = (name: string) => by("max", PROCESS, promql.select(name));
  const files = (share: number) => [
    world.series(open, {}, 1000 * share),
    world.series(MAX_FILES, {}, 1000),
  ];
  return [{
    alert: "FileDescriptorsLow",
    severity: "ticket",
    expr: `${max(open)} / ${max(MAX_FILES)} > ${limit}`,
    holds: 5,
    summary: `${WHERE} runs out of file descriptors`,
    description: `${PERCENTAGE} are in use; the limit is ` +
      `${+(100 * limit).toPrecision(6)} %.`,
    firing: files((1 + limit) / 2),
    quiet: files(limit / 2),
  }];
}

function heapAlert(
  promql: PromQL,
  world: TestWorld,
  { name }: QueriedFamily,
  limit: number,
): AlertInit {
  return {
    alert: "HeapLarge",
    severity: "ticket",
    expr: `${by("max", PROCESS, promql.select(name))} > ${limit}`,
    holds: 10,
    summary: `The heap of ${WHERE} is large`,
    description: "{{ $value | humanize1024 }}B are in use; " +
      `the limit is ${limit} bytes.`,
    firing: [world.series(name, {}, 2 * limit)],
    quiet: [world.series(name, {}, limit / 2)],
  };
}

function staleAlert(
  promql: PromQL,
  world: TestWorld,
  { name, labelNames }: QueriedFamily,
  limit: number,
): AlertInit {
  const labels = ["job", ...labelNames.map((label) => promql.label(label))];
  const names = labelNames.map((label) => labelIn(promql.labelName(label)));
  const whose = ["{{ $labels.job }}", ...names].join(" ");
  return {
    alert: "LastSuccessStale",
    severity: "ticket",
    labels: { metric: promql.metricName(name) },
    expr: `time() - ${by("max", labels, promql.select(name))} > ${limit}`,
    holds: 5,
    summary: `${whose} has not succeeded in time`,
    description: "The last success was {{ $value | humanizeDuration }} ago; " +
      `the limit is ${limit} s.`,
    // Tests begin at the epoch.
    firing: [world.series(name, {}, -2 * limit)],
    quiet: [world.series(name, {}, 0, 60)],
  };
}

/** The target of all tests. */
export function testTarget(job: string | undefined): TestTarget {
  return { job: job ?? "test", instance: "127.0.0.1:9090" };
}
