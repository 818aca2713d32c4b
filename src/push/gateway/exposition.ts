/** Expositions for a receiver that adds labels to them. */
import { ByteWriter } from "../../base/mod.ts";
import type { Format } from "../../encode/mod.ts";
import type { Pass } from "../push_target.ts";
import { LabelledSink, type ReceiverNames } from "./labelled_sink.ts";

/** The state of a source as bytes. */
export interface Exposition {
  /** The number of its series. */
  readonly points: number;
  /** Whether there are exemplars or native histograms, in it or left out. */
  readonly isRich: boolean;
  /** Whether nothing is in it because everything has failed. */
  readonly hasFailed: boolean;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Writes the parts of a pass in `format`. */
export function exposed(
  pass: Pass,
  format: Format,
  names: ReceiverNames,
): Exposition {
  const out = new ByteWriter();
  const encoder = format.encoder(out);
  const sink = new LabelledSink(encoder, names);
  pass.collect(sink);
  encoder.end();
  const { points, isRich, hasFailed } = sink;
  return {
    points,
    isRich,
    hasFailed: hasFailed && points === 0,
    contentType: format.contentType,
    body: out.take(),
  };
}
