/** The family of requests, as the tests of the page see it. */
import type {
  FamilyInfo,
  RoleLabels,
} from "../../../src/dashboard/protocol.ts";

/** Labels of the family of requests. */
export const LABELS: RoleLabels = {
  method: "method",
  route: "route",
  status: "status",
  peer: null,
};

/** The family of requests, with two bounds. */
export const REQUESTS: FamilyInfo = {
  id: 1,
  name: "http_request_duration_seconds",
  type: "histogram",
  help: "",
  unit: "seconds",
  labels: ["method", "route", "status"],
  bounds: [0.1, 1],
  native: false,
  quantiles: null,
  series: 0,
  limit: null,
  role: "requests",
};
