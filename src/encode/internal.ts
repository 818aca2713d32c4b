/** The exports of encode/ for other folders of src/, beside its public door. */
export { TextCache } from "./cache/text_cache.ts";
export { type FormatCache, FormatCaches } from "./format_caches.ts";
export { formatList } from "./formats.ts";
export { Spans } from "./spans.ts";
