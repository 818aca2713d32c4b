/** Sends batches of spans or of log events to an OTLP collector over HTTP. */
import { errorMessage } from "../../base/internal.ts";
import type { Attributes } from "../../trace/mod.ts";
import type { SendOutcome } from "../send_outcome.ts";
import type { ReadOtlpOptions } from "./options.ts";
import { resourceOf } from "./resource.ts";
import {
  type Cargo,
  MAX_BODY_BYTES,
  otlpTransport,
  type TransportOptions,
} from "./transport.ts";

/** A request with items. */
export interface EncodedItems {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Why items were left out: an error for each of them. */
  readonly faults: readonly unknown[];
}

/** An encoding of OTLP requests with items of one kind. */
export interface ItemEncoding<T> {
  /**
   * Encodes a request with `items` of one resource. Leaves out an item that is
   * malformed or throws when it is read.
   */
  encode(items: readonly T[], resource: Attributes): EncodedItems;
}

/** Sends items to one collector. */
export interface ItemSender<T> {
  /** Posts a batch once; ends when `signal` aborts. */
  readonly send: (
    items: readonly T[],
    signal: AbortSignal,
  ) => Promise<SendOutcome>;
  /** The option of that name. Default: logs the first failure. */
  readonly onError: (error: Error) => void;
}

/** The options that a sender reads, checked. */
export type SenderOptions =
  & TransportOptions
  & Pick<ReadOtlpOptions, "resource">;

/**
 * Returns the sender of `options`.
 *
 * @throws {TypeError} If the endpoint or a header is wrong.
 */
export function itemSender<T>(
  options: SenderOptions,
  cargo: Cargo,
  encoding: ItemEncoding<T>,
): ItemSender<T> {
  const transport = otlpTransport(options, cargo);
  const name = cargo.items;
  let resource: Attributes | undefined;
  async function send(
    items: readonly T[],
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    resource ??= resourceOf(options.resource);
    const { body, faults } = encoding.encode(items, resource);
    if (body.length > MAX_BODY_BYTES) {
      const size = `${items.length} ${name} of ${body.length} bytes`;
      const error = new Error(`a request of ${size} is too large`);
      return { state: "tooLarge", error };
    }
    const fault = faults.length === 0 ? "" : `${faults.length} of ` +
      `${items.length} ${name} cannot be encoded: ${errorMessage(faults[0])}`;
    if (faults.length === items.length) {
      return { state: "refused", error: new Error(fault) };
    }
    const outcome = await transport.send(body, signal);
    if (outcome.state !== "accepted" || fault === "") return outcome;
    const { rejected, error } = outcome;
    const words = error === undefined ? fault : `${fault}; ${error.message}`;
    return {
      state: "accepted",
      rejected: faults.length + rejected,
      error: new Error(words),
    };
  }
  return { send, onError: transport.onError };
}
