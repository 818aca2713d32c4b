/**
 * A receiver of remote write, as the seam pushes to it.
 *
 * - Requests begin as 2.0. A receiver that refuses the content type, or that
 *   confirms no sample by a header, has stored nothing: it gets 1.0 for good,
 *   beginning with the same request.
 * - The points of a push have one time, after that of all pushes before it and
 *   never of the future: receivers refuse samples that are out of order, and some
 *   refuse the past after a sample of the future.
 */
import { VERSION } from "../../base/internal.ts";
import { post, type PostOutcome, type PostTarget } from "../post.ts";
import type {
  Pass,
  PushRequest,
  PushTarget,
  RequestOutcome,
} from "../push_target.ts";
import { newerExemplars } from "./exemplars.ts";
import { toMilliseconds } from "./milliseconds.ts";
import type { TargetLabels } from "./labels.ts";
import { writeRequest1, writeRequest2 } from "./messages.ts";
import type { ReadRemoteOptions } from "./options.ts";
import { type Point, type Push, SeriesTable } from "./series.ts";
import { PointSink } from "./sink.ts";
import { snappy } from "./snappy.ts";

/** Whether a push sends the state, or only ends all series. */
export type RemoteJob = "state" | "end";

/** Some points of a push. */
interface RemoteRequest extends PushRequest {
  readonly push: Push;
  readonly content: readonly Point[];
  /** The number of times that it was sent. */
  tries: number;
}

/** The versions of the protocol. */
const FORMS = {
  "2.0": {
    write: writeRequest2,
    headers: {
      "content-type":
        "application/x-protobuf;proto=io.prometheus.write.v2.Request",
      "x-prometheus-remote-write-version": "2.0.0",
    },
  },
  "1.0": {
    write: writeRequest1,
    headers: {
      "content-type": "application/x-protobuf",
      "x-prometheus-remote-write-version": "0.1.0",
    },
  },
} as const;

/** Prefix and suffix of the headers that count stored points of a kind. */
const WRITTEN = ["x-prometheus-remote-write-", "-written"] as const;

const CONTENT_TOO_LARGE = 413;
const UNSUPPORTED_MEDIA_TYPE = 415;

/**
 * The answer of Prometheus without `--enable-feature=native-histograms`. Its
 * status is 500, but repeating is of no use.
 */
const NO_NATIVE = /native histograms are disabled/i;

/** Smaller requests are not divided further: it is not their size. */
const MIN_BATCH = 100;

/**
 * The farthest that a time may be ahead of the clock, in milliseconds, so that
 * several pushes in one millisecond differ.
 */
const MAX_AHEAD = 1000;

/** Settings of a `RemoteTarget`. */
export interface RemoteTargetSettings {
  readonly options: Pick<
    ReadRemoteOptions,
    | "job"
    | "instance"
    | "labels"
    | "version"
    | "histograms"
    | "staleMarkers"
    | "batch"
    | "fetch"
    | "clock"
    | "timers"
  >;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Encodes pushes and sends them to one receiver. */
export class RemoteTarget implements PushTarget<RemoteRequest, RemoteJob> {
  /** A receiver that restarts gets the pushes of a minute later. */
  readonly capacity = 4;
  readonly maxTries = 10;
  /** Prometheus shows a gap after this time, so that repeating is of no use. */
  readonly maxAge = 300;
  readonly #options: RemoteTargetSettings["options"];
  readonly #post: PostTarget;
  readonly #table = new SeriesTable();
  #version: "1.0" | "2.0";
  #batch: number;
  #labels: TargetLabels | undefined;
  /** The time of the newest push, in milliseconds. */
  #time = 0;
  /** The newest time of a sample that the receiver has accepted. */
  #accepted = 0;
  /** The newest time of a sample that it may have: a failure can come after it. */
  #stored = 0;

  constructor({ options, url, headers }: RemoteTargetSettings) {
    const { fetch, clock, timers, version, batch } = options;
    this.#options = options;
    this.#version = version === "1.0" ? "1.0" : "2.0";
    this.#batch = batch;
    this.#post = {
      compress: false,
      fetch,
      url,
      headers,
      receiver: "the receiver",
      addressOption: "url",
      retryable: { has: (status) => status === 429 || status >= 500 },
      messageIn: (answer) => new TextDecoder().decode(answer),
      clock,
      timers,
    };
  }

  reads(job: RemoteJob): boolean {
    return job === "state";
  }

  /**
   * Reads the points of a pass.
   *
   * @throws {Error} If the clock went back so far that they would be refused.
   */
  encode(pass: Pass, job: RemoteJob): readonly RemoteRequest[] {
    const { histograms, staleMarkers } = this.#options;
    const time = this.#timeOf(pass.time);
    this.#table.begin();
    const sink = new PointSink(
      this.#table,
      this.#target(),
      histograms,
      time,
    );
    if (job === "state") pass.collect(sink);
    return this.#divide(this.#table.end(time, sink.points, staleMarkers));
  }

  /** Sends a request in the version that the receiver knows. */
  async send(
    request: RemoteRequest,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    const { push, points, tries } = request;
    if (push.time < this.#accepted) {
      // Its samples would be out of order, after a push that was read again.
      const error = new Error("a newer push was accepted before");
      return { state: "retry", after: undefined, error, isLast: true };
    }
    const content = request.content.map((point) =>
      withNewExemplars(point, tries > 0)
    );
    let outcome = await this.#send(request, content, signal);
    if (this.#version === "2.0" && isUnknown(outcome)) {
      if (this.#options.version === "2.0") return unconfirmed(outcome);
      this.#version = "1.0";
      outcome = await this.#send(request, content, signal);
    }
    if (outcome.state === "retry" && NO_NATIVE.test(outcome.error.message)) {
      const hint = 'give { histograms: "classic" }';
      const error = new Error(`${outcome.error.message}; ${hint}`);
      return { state: "refused", error };
    }
    if (outcome.state === "retry") {
      request.tries++;
      this.#stored = Math.max(this.#stored, push.time);
      return outcome;
    }
    const { state } = outcome;
    if (state !== "accepted" && outcome.status === CONTENT_TOO_LARGE) {
      if (points > MIN_BATCH) {
        this.#batch = Math.max(MIN_BATCH, Math.ceil(points / 2));
        return { state: "again", error: outcome.error };
      }
    }
    const stored = this.#version === "2.0"
      ? Math.min(points, storedIn(outcome))
      : state === "accepted"
      ? points
      : 0;
    if (stored > 0) {
      this.#accepted = push.time;
      this.#stored = Math.max(this.#stored, push.time);
      this.#table.settle(push.pass, content);
    }
    const rejected = points - stored;
    if (state !== "accepted") {
      const { error } = outcome;
      // If all points are stored, the receiver objects to an exemplar.
      return rejected > 0
        ? { state: "refused", accepted: stored, error }
        : { state: "accepted", rejected, error };
    }
    const text = `the receiver has stored only ${stored} of ${points} samples`;
    const error = rejected > 0 ? new Error(text) : undefined;
    return { state, rejected, error };
  }

  #send(
    { push, tries }: RemoteRequest,
    content: readonly Point[],
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const { write, headers } = FORMS[this.#version];
    return post(this.#post, {
      body: snappy(write(content, push.time)),
      headers: {
        ...headers,
        "content-encoding": "snappy",
        "user-agent": `barograph/${VERSION}`,
        ...(tries > 0 ? { "retry-attempt": `${tries}` } : {}),
      },
      signal,
    });
  }

  /** Returns the time of a push, in milliseconds. */
  #timeOf(seconds: number): number {
    const now = toMilliseconds(seconds);
    // Far back, only samples that the receiver may have are in the way.
    const last = this.#time - now < MAX_AHEAD ? this.#time : this.#stored;
    const time = Math.max(now, last + 1);
    if (!(time - now <= MAX_AHEAD)) {
      throw new Error(
        `the clock went back by ${(last - now) / 1000} seconds, and ` +
          `samples out of order are refused; the push is left out`,
      );
    }
    return this.#time = time;
  }

  /** Returns the labels of the target. Workers forbid random ids before a request. */
  #target(): TargetLabels {
    const { job, instance, labels } = this.#options;
    return this.#labels ??= {
      ...labels,
      job,
      instance: instance ?? crypto.randomUUID(),
    };
  }

  /**
   * Returns the requests of a push. Native histograms have separate requests: a
   * receiver that rejects them still gets all else.
   */
  #divide(push: Push): readonly RemoteRequest[] {
    const requests: RemoteRequest[] = [];
    for (const isHistogram of [false, true]) {
      const all = push.points.filter(({ series }) =>
        series.isHistogram === isHistogram
      );
      for (let from = 0; from < all.length; from += this.#batch) {
        const content = all.slice(from, from + this.#batch);
        requests.push({ push, content, points: content.length, tries: 0 });
      }
    }
    return requests;
  }
}

/**
 * Returns a point without the exemplars that the receiver has. A request that is
 * sent again may have been stored, and then older ones would be out of order: it
 * has only the newest of each series, which is a duplicate at worst.
 */
function withNewExemplars(point: Point, isAgain: boolean): Point {
  const { exemplars, series } = point;
  if (exemplars.length === 0) return point;
  const newer = newerExemplars(exemplars, series.exemplar);
  return { ...point, exemplars: isAgain ? newer.slice(-1) : newer };
}

/** Returns whether a receiver of 2.0 would have answered otherwise. */
function isUnknown(outcome: PostOutcome): boolean {
  if (outcome.state === "retry") return false;
  if (outcome.state !== "accepted") {
    return outcome.status === UNSUPPORTED_MEDIA_TYPE;
  }
  return ["samples", "histograms", "exemplars"].every((kind) =>
    outcome.headers.get(WRITTEN.join(kind)) === null
  );
}

/** Returns the outcome of 2.0 at a receiver that does not know it. */
function unconfirmed(outcome: PostOutcome): RequestOutcome {
  const hint = 'it does not support 2.0; give { version: "auto" }';
  const words = outcome.state === "accepted"
    ? `the receiver answered ${outcome.status} and stored nothing`
    : outcome.error.message;
  return { state: "refused", error: new Error(`${words}; ${hint}`) };
}

/** Returns the number of samples and histograms that a receiver has stored. */
function storedIn(outcome: Exclude<PostOutcome, { state: "retry" }>): number {
  let stored = 0;
  for (const kind of ["samples", "histograms"]) {
    const text = outcome.headers.get(WRITTEN.join(kind)) ?? "";
    if (/^[0-9]{1,15}$/.test(text)) stored += Number(text);
  }
  return stored;
}
