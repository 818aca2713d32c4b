/** Reads parts beside scrapes; a separate file, for small bundles. */
import { ignoreRejection } from "../base/internal.ts";
import { CheckingSink } from "./checking_sink.ts";
import { collectUnchecked, factsOfPart, given, isTrusted } from "./parts.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";

/**
 * Writes `part` into `sink` by `peek`, else from its rows, else by `collect`; with
 * checks unless it is trusted.
 *
 * @throws The error of the part; it may have written a part of its series.
 */
export function peekInto(part: Source, sink: Sink): void {
  if (isTrusted(part)) return peekUnchecked(part, sink);
  const checking = new CheckingSink(sink, factsOfPart(part));
  try {
    peekUnchecked(part, checking);
  } finally {
    checking.close();
  }
  checking.throwFault();
}

function peekUnchecked(part: Source, sink: Sink): void {
  if (given(part, "peek") !== undefined) {
    ignoreRejection(part.peek!(sink) as unknown);
    return;
  }
  const rows = given(part, "rows");
  if (rows === undefined) return collectUnchecked(part, sink);
  // Without `open`, which begins a pass.
  if (sink.family(rows.desc)) rows.emit(0, rows.length, sink);
}
