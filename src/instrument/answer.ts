/** The types that metrics and spans of requests share. */

/** The result of a fetch-style handler; undefined after an upgrade. */
export type Answer = Response | undefined | void;

/** Returns the route template of a request; "" if there is none. */
export type RouteOf = (request: Request) => string;
