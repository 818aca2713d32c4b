/**
 * The live page of an application: its metrics, traces and events with an hour of
 * history, inside the process.
 *
 * ```ts
 * import { observe } from "@barograph/barograph";
 * import { dashboard } from "@barograph/barograph/dashboard";
 *
 * const handler = observe(() => new Response("hello"), {
 *   route: "/",
 *   dashboard: dashboard("/_barograph"),
 * });
 * await handler(new Request("http://localhost/"));
 * ```
 *
 * @module
 */
export { type Dashboard, dashboard } from "./dashboard.ts";
export type { DashboardOptions } from "./options.ts";
export type {
  Change,
  Delta,
  EventGap,
  EventMessage,
  FamilyId,
  FamilyInfo,
  FeedEvents,
  Finding,
  FindingEvents,
  Findings,
  FleetMember,
  FrameGap,
  Gone,
  Health,
  Hello,
  History,
  Names,
  Role,
  RoleLabels,
  Rule,
  SeriesHistory,
  SeriesId,
  SeriesInfo,
  TierInfo,
  Trace,
  TraceList,
  TraceSpan,
  TraceSummary,
} from "./protocol.ts";
