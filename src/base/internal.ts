/** Building blocks for all folders. They import nothing and know no runtime. */
export { display, quoted } from "./errors.ts";
export { escapedLabel, escapedMetric } from "./escaping.ts";
export {
  isClassicLabel,
  isClassicMetric,
  isLabelName,
  isMetricName,
  isUtf8Name,
  suggestName,
  withoutSuffix,
} from "./names.ts";
export { combineCrc32 } from "./crc32.ts";
export { concatBytes } from "./concat_bytes.ts";
export { StringWriter } from "./string_writer.ts";
export { boundText, numberText } from "./number_text.ts";
export { hasDigits, isShortWhole, widthOf, writeDigits } from "./digits.ts";
export { FullProtoWriter, ProtoWriter } from "./proto_writer.ts";
export { bucketBound, bucketIndex } from "./bucket_index.ts";
export { infinityBucket } from "./infinity_bucket.ts";
export { BucketStore } from "./bucket_store.ts";
export { QuantileStore } from "./quantile_store.ts";
export { Ring } from "./ring.ts";
export { bareFetch, markWrapper } from "./bare_fetch.ts";
export { callSafely } from "./call_safely.ts";
export { isPrivateName } from "./private_names.ts";
export { cutText, MAX_TEXT } from "./cut_text.ts";
export { errorMessage, errorStack, errorType, isError } from "./thrown.ts";
export {
  type CopiedFields,
  type PlainFields,
  plainFields,
  plainText,
  type PlainValue,
} from "./plain_value.ts";
export { LOG_SEVERITIES } from "./severity.ts";
export { onSettled, settle, type Task } from "./on_settled.ts";
export { ignoreRejection, isThenable } from "./thenable.ts";
export { isAtPath, isUnderPath, pathOf } from "./request_path.ts";
export { processWide } from "./process_wide.ts";
export { disposeAll, makeAll } from "./make_all.ts";
export { untilAborted } from "./until_aborted.ts";
export { VERSION } from "./version.ts";
export { METRIC_NAMES } from "./vocabulary.ts";
export { warn } from "./warn.ts";
export { within } from "./within.ts";
export {
  STATUS_CLASSES,
  type StatusClass,
  statusClassOf,
} from "./http_status.ts";
export {
  CLOCK,
  flag,
  fn,
  type GivenOptions,
  ofType,
  oneOf,
  type OptionRule,
  type OptionSchema,
  ownValue,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
  seconds,
  text,
  TIMERS,
  wholeNumber,
  withFallbacks,
  withMethods,
  wrongOption,
} from "./options.ts";
