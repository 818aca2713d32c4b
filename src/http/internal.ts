/** Names that other folders of src/ import from http/, beside its public door. */
export { FeedClients } from "./events/feed_clients.ts";
export { type AnyEvent, type Bytes, EventFrames } from "./events/frames.ts";
export { selectedTopics } from "./events/resume_position.ts";
export {
  type FeedReader,
  SseClient,
  STREAM_HEADERS,
} from "./events/sse_client.ts";
export { passes } from "./health.ts";
export { isOneOf, methodResponse, refusal, textResponse } from "./guard.ts";
export { hostRefusal, HOSTS, isHostAllowed, isLoopback } from "./hosts.ts";
export {
  availableCodings,
  chooseCoding,
  compressed,
} from "./metrics/compression.ts";
export { isOriginAllowed } from "./origins.ts";
export { queryOf, urlOf } from "./request_url.ts";
