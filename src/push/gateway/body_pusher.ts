/** Pushes expositions: the common part of the targets that receive them. */
import type { Source } from "../../model/mod.ts";
import type { Address } from "../address.ts";
import {
  type ReadPushOptions,
  requestHeaders,
  warnIfPlain,
  warnOnce,
} from "../exporter_options.ts";
import { post, type PostTarget } from "../post.ts";
import type { Pass, PushRequest, RequestOutcome } from "../push_target.ts";
import { Pusher } from "../pusher.ts";

/** A request of a push; one without a body deletes. */
export interface BodyRequest extends PushRequest {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly contentType?: string | undefined;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

/** Settings of `bodyPusher`. */
export interface BodySettings<J> {
  /** The first words of each error about an option. */
  readonly action: string;
  readonly source: Source;
  readonly address: Address;
  readonly options: ReadPushOptions & { readonly compress: boolean };
  /** The receiver, as the subject of an error. */
  readonly receiver: string;
  /** Returns whether a status is worth a retry. */
  readonly isRetried: (status: number) => boolean;
  /** Returns whether a push of `job` reads the source. Default: each does. */
  readonly reads?: ((job: J) => boolean) | undefined;
  /** Returns the request of a push; undefined if there is nothing to send. */
  readonly encode: (pass: Pass, job: J) => BodyRequest | undefined;
  readonly job: J;
  readonly lastJob?: J | undefined;
  readonly finalJob?: J | undefined;
}

/** Tries of a push, and seconds, until it is given up. */
const MAX_TRIES = 5;
const MAX_AGE = 60;

/**
 * Returns a pusher of expositions. The receiver accepts all of a push, or nothing.
 * Bodies have no times, so a newer push replaces one that waits.
 *
 * @throws {TypeError} If a header is wrong.
 */
export function bodyPusher<J>(
  { action, source, address, options, receiver, isRetried, ...settings }:
    BodySettings<J>,
): Pusher<BodyRequest, J> {
  const { compress, fetch, clock, timers } = options;
  const target: PostTarget = {
    compress,
    fetch,
    url: address.url.href,
    headers: requestHeaders(action, options.headers),
    receiver,
    addressOption: "url",
    retryable: { has: isRetried },
    messageIn: (answer) => new TextDecoder().decode(answer),
    clock,
    timers,
  };
  const send = async (
    { method, contentType, body }: BodyRequest,
    signal: AbortSignal,
  ): Promise<RequestOutcome> => {
    const headers = contentType === undefined
      ? undefined
      : { "content-type": contentType };
    const outcome = await post(target, { method, headers, body, signal });
    switch (outcome.state) {
      case "accepted":
        return { state: "accepted", rejected: 0 };
      case "retry":
        return outcome;
      default:
        return { state: "refused", error: outcome.error };
    }
  };
  warnIfPlain("metrics are pushed", address);
  return new Pusher<BodyRequest, J>({
    ...settings,
    source,
    target: {
      capacity: 1,
      maxTries: MAX_TRIES,
      maxAge: MAX_AGE,
      reads: settings.reads,
      encode(pass, job) {
        const request = settings.encode(pass, job);
        return request === undefined ? [] : [request];
      },
      send,
    },
    options,
    onError: options.onError ??
      warnOnce("push metrics", address.url.href),
  });
}
