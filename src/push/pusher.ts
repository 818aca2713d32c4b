/**
 * The seam of all targets that metrics are pushed to.
 *
 * - A push refreshes the parts of the source, reads the clock once, writes all
 *   parts in one synchronous pass and sends the result.
 * - One request at a time, with retries by `Delivery`.
 * - Each push, and each of its points, ends as exported, rejected or lost.
 */
import { callSafely, errorMessage, ignoreRejection } from "../base/internal.ts";
import type { ScrapeObserver, Source } from "../model/mod.ts";
import { nameOf } from "../model/internal.ts";
import { beforeSignal, isRequestBound } from "../platform/internal.ts";
import { Delivery } from "./delivery.ts";
import type { ItemEnd, SendOutcome } from "./send_outcome.ts";
import { hold, holdProcess, mayPush, warnAboutTimers } from "./lifetime.ts";
import { leftOutReporter, type ReadPushOptions } from "./exporter_options.ts";
import { asError, joinedErrors } from "./fault.ts";
import type { MetricPusher, PushStats } from "./metric_pusher.ts";
import { passOver, refreshWithin } from "./push_source.ts";
import {
  exportedOf,
  pointsOf,
  type PushRequest,
  type PushTarget,
  type RequestOutcome,
} from "./push_target.ts";
import { withTimeout } from "./with_timeout.ts";

/** A push that waits or is sent. */
interface Push<R, J> {
  readonly job: J;
  /** The parts that could not be refreshed. */
  absent: ReadonlySet<Source>;
  /** The requests that are not sent yet; undefined until it is collected. */
  requests: readonly R[] | undefined;
  /** The time, of the clock `mono`, at which it was collected. */
  collected: number;
  tries: number;
  /** Whether a request was refused. */
  isRefused: boolean;
  /** Resolves once it waits in the queue. */
  ready: Promise<void>;
  readonly ended: Promise<boolean>;
  readonly end: (isExported: boolean) => void;
}

/** Settings of a `Pusher`. */
export interface PusherSettings<R extends PushRequest, J> {
  readonly source: Source;
  readonly target: PushTarget<R, J>;
  /** The job of pushes by interval, by `push` and by `shutdown`. */
  readonly job: J;
  /** The job that follows the last push, before the process ends. Default: none. */
  readonly lastJob?: J | undefined;
  /** A job after which the end pushes nothing: its result is to stay. Default: none. */
  readonly finalJob?: J | undefined;
  readonly options: Omit<ReadPushOptions, "headers" | "fetch">;
  /** The option of that name, or its default for requests. */
  readonly onError: (error: Error) => void;
  /**
   * Called with the reason why a part or a family is left out of a push. Default:
   * the option `onError`, or else the first reason is logged.
   */
  readonly onLeftOut?: ((error: Error) => void) | undefined;
}

/** Passes in a row that a receiver can request, in another form each time. */
const MAX_FORMS = 16;

/** Pushes the state of a source to one target. */
export class Pusher<R extends PushRequest, J> implements MetricPusher {
  readonly #settings: PusherSettings<R, J>;
  readonly #delivery: Delivery<Push<R, J>>;
  readonly #onLeftOut: (error: Error) => void;
  /** The newest push, until it is collected. */
  #open: Push<R, J> | undefined;
  #newest: Push<R, J> | undefined;
  /** Pushes whose parts are being refreshed, and what aborts that. */
  readonly #refreshing = new Map<Push<R, J>, AbortController>();
  #isStopped = false;
  /** Points of waiting pushes. */
  #queued = 0;
  #exported = 0;
  #lost = 0;
  #rejected = 0;
  #shutdown: Promise<boolean> | undefined;
  readonly #undo: (() => void)[] = [];
  /** Held until the shutdown, because `beforeSignal` holds it weakly. */
  readonly #finishing = {
    finish: (seconds: number): Promise<boolean> => this.#finish(seconds),
  };

  constructor(settings: PusherSettings<R, J>) {
    this.#settings = settings;
    const { target, options, onError } = settings;
    this.#onLeftOut = settings.onLeftOut ?? leftOutReporter(options.onError);
    const { interval, timers, random, signals } = options;
    this.#delivery = new Delivery<Push<R, J>>({
      // Even a single waiting push is complete: a batch is one push.
      batch: 1,
      capacity: target.capacity,
      interval: 0,
      timeout: undefined, // a push can have several requests
      timers,
      random,
      onError,
      send: ([push], signal) => this.#send(push!, signal),
      onEnd: (push, end) => this.#end(push, end),
    });
    if (signals && !isRequestBound()) {
      this.#undo.push(hold(this.#finishing), beforeSignal(this.#finishing));
    }
    if (interval === 0) return;
    const work = (): void => void this.#start(settings.job);
    if (isRequestBound()) warnAboutTimers();
    else this.#undo.push(timers.every(interval, work));
  }

  push(signal?: AbortSignal): Promise<boolean> {
    return this.send(this.#settings.job, signal);
  }

  /** Pushes as `push` does, with another job. */
  send(job: J, signal?: AbortSignal): Promise<boolean> {
    return signal?.aborted || !mayPush(this.#delivery.isSending)
      ? Promise.resolve(false)
      : this.#ended(this.#start(job), signal);
  }

  /** Sends a push at once. Resolves to whether the receiver has accepted it. */
  #ended(push: Push<R, J>, signal?: AbortSignal): Promise<boolean> {
    ignoreRejection(push.ready.then(() => this.#delivery.flush(signal)));
    const release = holdProcess(this.#settings.options.timers);
    return new Promise((resolve) => {
      const finish = (isExported: boolean): void => {
        release();
        signal?.removeEventListener("abort", abort);
        resolve(isExported);
      };
      const abort = (): void => finish(false);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      void push.ended.then(finish);
    });
  }

  shutdown(seconds = 5): Promise<boolean> {
    return this.#shutdown ??= this.#close(seconds);
  }

  stats(): PushStats {
    const { queued, ...counts } = this.#delivery.stats();
    return {
      ...counts,
      queued: queued + this.#refreshing.size,
      points: {
        queued: this.#queued,
        exported: this.#exported,
        lost: this.#lost,
        rejected: this.#rejected,
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Pushes the last state, followed by the job that ends the series. */
  async #last(signal: AbortSignal): Promise<boolean> {
    const { job, lastJob, finalJob } = this.#settings;
    const newest = this.#newest;
    if (finalJob !== undefined && newest?.job === finalJob) {
      return await this.#ended(newest, signal);
    }
    const isExported = await this.#ended(this.#start(job), signal);
    if (lastJob === undefined) return isExported;
    return !signal.aborted &&
      await this.#ended(this.#start(lastJob), signal) && isExported;
  }

  async #close(seconds: number): Promise<boolean> {
    for (const undo of this.#undo) undo();
    const isExported = await this.#finish(seconds);
    this.#isStopped = true;
    this.#delivery.stop();
    await this.#endRefreshes("the exporter is shut down");
    return isExported;
  }

  /**
   * Does what is to be done before the end, for at most `seconds`. Refreshing may
   * take half of them: a part that hangs must not cost the push of all others.
   */
  async #finish(seconds: number): Promise<boolean> {
    const deadline = new AbortController();
    const { timers } = this.#settings.options;
    const cancels = [
      timers.after(seconds, () => deadline.abort(), { holds: true }),
      timers.after(seconds / 2, () => {
        const text = `refreshing takes longer than ${seconds / 2} seconds`;
        void this.#endRefreshes(text);
      }),
    ];
    const isExported = await this.#last(deadline.signal);
    for (const cancel of cancels) cancel();
    return isExported;
  }

  /** Ends all refreshes; resolves once their pushes are no longer among them. */
  async #endRefreshes(reason: string): Promise<void> {
    const pushes = [...this.#refreshing].map(([{ ready }, refresh]) => {
      refresh.abort(new DOMException(reason, "TimeoutError"));
      return ready;
    });
    await Promise.all(pushes);
  }

  /** Makes a push, or joins the one that is not collected yet. */
  #start(job: J): Push<R, J> {
    const open = this.#open;
    if (open !== undefined && open.job === job) return open;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const push: Push<R, J> = {
      job,
      absent: NOTHING,
      requests: undefined,
      collected: Infinity,
      tries: 0,
      isRefused: false,
      ready: Promise.resolve(),
      ended: promise,
      end: resolve,
    };
    const previous = this.#newest?.ready;
    this.#open = this.#newest = push;
    push.ready = this.#enqueue(push, previous);
    return push;
  }

  /** Adds a push to the queue, after the one before it. */
  async #enqueue(
    push: Push<R, J>,
    previous: Promise<void> | undefined,
  ): Promise<void> {
    const { source, options, target } = this.#settings;
    if (!this.#isStopped && target.reads?.(push.job) !== false) {
      const refresh = new AbortController();
      this.#refreshing.set(push, refresh);
      push.absent = await refreshWithin(
        source,
        options.timeout,
        options.timers,
        refresh,
        this.#observer,
      );
      this.#refreshing.delete(push);
    }
    await previous;
    const isKept = target.capacity > 1 && !this.#isStopped;
    if (isKept) this.#collect(push);
    this.#delivery.add(push);
  }

  /** Reports the parts that are left out of a push. */
  readonly #observer: ScrapeObserver = {
    failed: (part, error) =>
      callSafely(
        this.#onLeftOut,
        new Error(`"${nameOf(part)}" is left out: ${errorMessage(error)}`, {
          cause: error,
        }),
      ),
  };

  #report(error: Error): void {
    callSafely(this.#settings.onError, error);
  }

  /**
   * Encodes the current state into the requests of a push. If it cannot be
   * collected or encoded at all, the push is refused.
   */
  #collect(push: Push<R, J>): readonly R[] {
    if (this.#open === push) this.#open = undefined;
    this.#queued -= pointsOf(push.requests);
    const { source, target, options: { clock } } = this.#settings;
    let hasFailed = push.absent.size > 0;
    const observer: ScrapeObserver = {
      failed: (part, error) => {
        hasFailed = true;
        this.#observer.failed?.(part, error);
      },
    };
    const pass = passOver(source, push.absent, clock.unix(), observer);
    push.collected = clock.mono();
    push.requests = [];
    try {
      push.requests = target.encode(pass, push.job);
    } catch (thrown) {
      hasFailed = true;
      this.#report(asError(thrown));
    }
    if (hasFailed && push.requests.length === 0) push.isRefused = true;
    this.#queued += pointsOf(push.requests);
    return push.requests;
  }

  /** Sends the requests of a push that are left. */
  async #send(push: Push<R, J>, signal: AbortSignal): Promise<SendOutcome> {
    const { target, options: { clock, timers, timeout } } = this.#settings;
    if (clock.mono() - push.collected > target.maxAge) {
      const error = new Error(`a push is older than ${target.maxAge} seconds`);
      return { state: "expired", error };
    }
    push.tries++;
    const errors: Error[] = [];
    let forms = 0;
    let requests = push.requests;
    try {
      requests ??= this.#collect(push);
      while (requests.length > 0) {
        const [request, ...rest] = requests as [R, ...R[]];
        const outcome = await withTimeout(
          timers,
          timeout,
          signal,
          (limited) => target.send(request, limited),
        );
        if (this.#isStopped) break; // it has ended as lost
        if (outcome.state === "retry") {
          for (const error of errors) this.#report(error);
          return this.#retry(push, outcome);
        }
        if (outcome.state === "again" && forms++ < MAX_FORMS) {
          requests = this.#collect(push);
          continue;
        }
        push.requests = requests = rest;
        this.#count(push, request, outcome);
        if (outcome.error !== undefined) errors.push(outcome.error);
      }
    } catch (thrown) {
      push.isRefused = true;
      errors.push(asError(thrown));
    }
    const error = joinedErrors(errors);
    return push.isRefused
      ? { state: "refused", error: error ?? new Error("nothing was collected") }
      : { state: "accepted", rejected: 0, error };
  }

  #retry(
    { collected, tries }: Push<R, J>,
    outcome: Extract<RequestOutcome, { state: "retry" }>,
  ): SendOutcome {
    const { target, options: { clock } } = this.#settings;
    const age = clock.mono() - collected + (outcome.after ?? 0);
    const isLast = outcome.isLast === true || tries >= target.maxTries ||
      age > target.maxAge;
    return { ...outcome, isLast };
  }

  /** Counts the points of a request that has ended. */
  #count(
    push: Push<R, J>,
    { points }: R,
    outcome: Exclude<RequestOutcome, { state: "retry" }>,
  ): void {
    if (outcome.state !== "accepted") push.isRefused = true;
    const exported = exportedOf(points, outcome);
    this.#queued -= points;
    this.#rejected += points - exported;
    this.#exported += exported;
  }

  /** Ends a push: the points of requests that are left are lost. */
  #end(push: Push<R, J>, end: ItemEnd): void {
    if (this.#open === push) this.#open = undefined;
    const points = pointsOf(push.requests);
    this.#queued -= points;
    this.#lost += points;
    push.requests = [];
    push.end(end === "exported");
  }
}

const NOTHING: ReadonlySet<Source> = /* @__PURE__ */ new Set();
