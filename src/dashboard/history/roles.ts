/**
 * Families that the page knows by their meaning, under either naming scheme and
 * in any spelling of it.
 */
import type { MetricType } from "../../model/mod.ts";
import type { Role, RoleLabels } from "../protocol.ts";

/** The names of one role, the preferred one first. */
interface RoleNames {
  readonly role: Role;
  readonly type: MetricType;
  readonly names: readonly RegExp[];
}

const ROLES: readonly RoleNames[] = [
  {
    role: "requests",
    type: "histogram",
    names: [
      /^http_request_duration_seconds$/,
      /^http_server_request_duration(?:_seconds)?$/,
    ],
  },
  {
    role: "calls",
    type: "histogram",
    names: [/^http_client_request_duration(?:_seconds)?$/],
  },
  {
    role: "inFlight",
    type: "gauge",
    names: [/^http_requests_in_flight$/, /^http_server_active_requests$/],
  },
  {
    role: "loopDelay",
    type: "histogram",
    names: [/^[a-z]+_eventloop_delay_seconds$/],
  },
  {
    role: "memory",
    type: "gauge",
    names: [/^process_resident_memory_bytes$/, /^process_memory_usage_bytes$/],
  },
  {
    role: "cpu",
    type: "counter",
    names: [/^process_cpu_seconds_total$/, /^process_cpu_time_seconds_total$/],
  },
  {
    role: "overflows",
    type: "counter",
    names: [/^barograph_series_overflows_total$/],
  },
];

/** A name as one of a role, and how well it fits: 0 is best. */
export interface RoleFit {
  readonly role: Role;
  readonly order: number;
}

/** Returns the role that a family can have; undefined if there is none. */
export function roleFit(name: string, type: MetricType): RoleFit | undefined {
  const classic = classicName(name);
  for (const { role, type: needed, names } of ROLES) {
    const order = names.findIndex((pattern) => pattern.test(classic));
    if (order >= 0 && type === needed) return { role, order };
  }
  return undefined;
}

/** Families that are shortened last: requests, the runtime, the module itself. */
const ALWAYS_KEPT = /^(?:http|barograph|process|deno|bun|nodejs|v8js|workerd)_/;

/** Returns whether the frames of a family are dropped only after all others. */
export function isAlwaysKept(name: string): boolean {
  return ALWAYS_KEPT.test(classicName(name));
}

const METHODS = ["method", "http_request_method"];
const ROUTES = ["route", "http_route"];
const STATUSES = [
  "status_class",
  "status_code",
  "status",
  "http_response_status_code",
  "outcome",
];
const PEERS = ["peer", "server_address"];

/** Returns the names of the labels that requests or calls have. */
export function roleLabels(labels: readonly string[]): RoleLabels {
  const find = (names: readonly string[]): string | null => {
    for (const name of names) {
      const label = labels.find((label) => classicName(label) === name);
      if (label !== undefined) return label;
    }
    return null;
  };
  return {
    method: find(METHODS),
    route: find(ROUTES),
    status: find(STATUSES),
    peer: find(PEERS),
  };
}

/** Names that are escaped by their values begin with this. */
const ESCAPED = "U__";

/** Returns a UTF-8 name, escaped or not, with `_` for all that is not classic. */
function classicName(name: string): string {
  const plain = name.startsWith(ESCAPED)
    ? name.slice(ESCAPED.length).replace(
      /_(?:_|([0-9a-fA-F]{1,6})_)/g,
      (_, code?: string) => code === undefined ? "_" : textOf(code),
    )
    : name;
  return plain.replace(/[^a-zA-Z0-9_]/g, "_");
}

function textOf(code: string): string {
  const point = parseInt(code, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : "_";
}
