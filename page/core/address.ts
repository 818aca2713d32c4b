/** Reads and writes the hash of the page: `#/metrics/NAME?by=route&range=5m`. */
import { type Address, RANGES, type ViewName } from "./data.ts";

/** The views in the order of their keys. */
export const VIEW_NAMES: readonly ViewName[] = [
  "overview",
  "routes",
  "metrics",
  "traces",
  "events",
  "fleet",
  "health",
];

/** The address of a page without a hash. */
export const HOME: Address = {
  view: "overview",
  path: [],
  range: "15m",
  route: "",
  rest: {},
};

/** Parameters that are no part of `rest`. */
const COMMON: ReadonlySet<string> = new Set(["range", "route", "k"]);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads a hash. Unknown views and ranges become those of `HOME`. */
export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#\/?/, "");
  const mark = text.indexOf("?");
  const segments = (mark < 0 ? text : text.slice(0, mark)).split("/");
  const query = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  const name = segments[0] as ViewName;
  const isKnown = VIEW_NAMES.includes(name);
  const range = query.get("range") ?? "";
  return {
    view: isKnown ? name : HOME.view,
    path: isKnown
      ? segments.slice(1).filter((each) => each !== "").map(decoded)
      : [],
    range: Object.hasOwn(RANGES, range)
      ? range as Address["range"]
      : HOME.range,
    route: query.get("route") ?? "",
    rest: Object.fromEntries(
      [...query].filter(([key, value]) => !COMMON.has(key) && value !== ""),
    ),
  };
}

/** Writes a hash; what is as in `HOME` is left out. */
export function formatAddress(address: Address): string {
  const query = new URLSearchParams();
  if (address.range !== HOME.range) query.set("range", address.range);
  if (address.route !== "") query.set("route", address.route);
  for (const [key, value] of Object.entries(address.rest)) {
    if (value !== "" && !COMMON.has(key)) query.set(key, value);
  }
  const path = [address.view, ...address.path].map((segment) =>
    encodeURIComponent(segment)
  ).join("/");
  const text = query.toString();
  return `#/${path}${text === "" ? "" : `?${text}`}`;
}

/**
 * Applies a change to an address. Another view begins without a path and
 * without parameters, unless the change gives them; range and route stay.
 */
export function changedAddress(
  now: Address,
  change: Partial<Address>,
): Address {
  const isOther = change.view !== undefined && change.view !== now.view;
  return { ...now, ...(isOther ? { path: [], rest: {} } : {}), ...change };
}

/** The key in a hash, and the hash without it. */
export interface KeyInHash {
  readonly key: string;
  readonly hash: string;
}

/** Takes the key out of `#k=KEY` or `#/view?k=KEY`; undefined without one. */
export function takeKey(hash: string): KeyInHash | undefined {
  const alone = /^#k=([^&]*)&?(.*)$/s.exec(hash);
  if (alone !== null) {
    const rest = alone[2]!;
    return { key: decoded(alone[1]!), hash: rest === "" ? "" : `#${rest}` };
  }
  const mark = hash.indexOf("?");
  const key = mark < 0
    ? null
    : new URLSearchParams(hash.slice(mark + 1)).get("k");
  if (key === null) return undefined;
  return { key, hash: formatAddress(parseAddress(hash)) };
}
