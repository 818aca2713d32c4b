/** Sends batches of spans to an OTLP collector over HTTP. */
import type { SpanRecord } from "../../trace/mod.ts";
import {
  type ItemSender,
  itemSender,
  type SenderOptions,
} from "./item_sender.ts";
import { ACTION } from "./span_exporter_options.ts";
import { otlpJson } from "./span_json.ts";
import { otlpProto } from "./span_proto.ts";

/**
 * Returns the sender of `options`.
 *
 * @throws {TypeError} If the endpoint or a header is wrong.
 */
export function spanSender(options: SenderOptions): ItemSender<SpanRecord> {
  const encoding = options.protocol === "json" ? otlpJson : otlpProto;
  const cargo = { signal: "traces", action: ACTION, items: "spans" } as const;
  return itemSender(options, cargo, encoding);
}
