/** The interfaces of `withTelemetry`, without types of Cloudflare. */
import type {
  CollectorOptions,
  ObserveOptions,
  Telemetry,
  TelemetryOptions,
} from "../telemetry/mod.ts";
import type { AsyncStorageClass } from "../trace/mod.ts";

/** The third argument of an event handler. */
export interface WorkerContext {
  /** Lets the work of an event last beyond its end. */
  waitUntil(work: Promise<unknown>): void;
}

/** A run of a cron trigger. */
export interface ScheduledEvent {
  /** The expression of the trigger. */
  readonly cron: string;
  /** The time of the run, in unix milliseconds. */
  readonly scheduledTime: number;
}

/** A batch of messages of one queue. */
export interface MessageBatch {
  /** The name of the queue. */
  readonly queue: string;
  /** The messages of the batch. */
  readonly messages: readonly unknown[];
}

/** The event handlers that are observed; a Worker may have others as well. */
export interface WorkerHandler<Env = unknown> {
  /** Answers a request. */
  fetch?(
    request: Request,
    env: Env,
    context: WorkerContext,
  ): Response | Promise<Response>;
  /** Runs at the times of a cron trigger. */
  scheduled?(event: ScheduledEvent, env: Env, context: WorkerContext): unknown;
  /** Consumes messages of a queue. */
  queue?(batch: MessageBatch, env: Env, context: WorkerContext): unknown;
}

/**
 * The handlers of `H`. Those of observed events take all three arguments, for
 * callers that are classes.
 */
export type ObservedHandler<Env, H> =
  & H
  & Required<
    Pick<WorkerHandler<Env>, Extract<keyof H, keyof WorkerHandler<Env>>>
  >;

/** Options of `collector` in a Worker, which sends spans only during events. */
export type WorkerCollectorOptions = Omit<
  CollectorOptions,
  "batch" | "interval" | "signals" | "random" | "timers" | "send" | "metrics"
>;

/** Options of `withTelemetry`. */
export interface WorkerOptions
  extends
    Omit<TelemetryOptions, "collector" | "origins" | "redact">,
    Omit<ObserveOptions, "events" | "dashboard"> {
  /**
   * A telemetry that the Worker has created, for example to start its own
   * spans. It must have no collector. Excludes the options that would create
   * another one, except for `service` and `version`, which describe the spans
   * that are sent. Default: one is created.
   */
  readonly telemetry?: Telemetry | undefined;
  /**
   * The OTLP/HTTP collector that receives the spans: its address, or options. An
   * empty address: spans are not exported. Default: that of the environment
   * variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
   */
  readonly collector?: string | WorkerCollectorOptions | undefined;
  /**
   * The minimum number of seconds between two flushes of one isolate. A flush
   * begins after the response to a request and never delays it. Above 30, spans of
   * the last requests may stay in the isolate. Default: 10.
   */
  readonly flushInterval?: number | undefined;
  /**
   * Called at each flush, to send something else, such as the metrics. `env` is
   * that of the event which has caused the flush. Its exceptions and rejections are
   * ignored.
   */
  readonly onFlush?:
    | ((telemetry: Telemetry, env: unknown) => unknown)
    | undefined;
  /** Lets spans follow `await`: see `useAsyncLocalStorage`. */
  readonly AsyncLocalStorage?: AsyncStorageClass | undefined;
}
