/** The types of `Telemetry.routes`. */
import type { ObserveOptions } from "../instrument/mod.ts";

/** The names of the parameters in a path such as `/users/:id`. */
export type RouteParam<Path extends string> = Path extends
  `${string}/:${infer Name}/${infer Rest}` ? Name | RouteParam<`/${Rest}`>
  : Path extends `${string}/:${infer Name}` ? Name
  : never;

/** The request of a route; `params` are the parts of the path by their names. */
export interface RouteRequest<Path extends string = string> extends Request {
  /** The parameters of the path. */
  readonly params: { readonly [Name in RouteParam<Path>]: string };
}

/**
 * The handler of a route; `Result` is what it may return.
 *
 * Declared as a method, because its parameters are bivariant: a handler may
 * declare Bun's own types.
 */
export type RouteHandler<Path extends string, Result> = {
  // deno-lint-ignore no-explicit-any
  handle(request: RouteRequest<Path>, server: any): Result | Promise<Result>;
}["handle"];

/** The methods that a route may name. */
export type RouteMethod =
  | "GET"
  | "HEAD"
  | "POST"
  | "PUT"
  | "PATCH"
  | "DELETE"
  | "OPTIONS";

/** Handlers and responses of one path by method. */
export type RouteMethods<Path extends string, Result> = {
  readonly [Method in RouteMethod]?: RouteHandler<Path, Result> | Response;
};

/**
 * One entry of the routes: a handler, a response, or an object of these by
 * method; false leaves the path to `fetch`.
 */
export type RouteEntry<Path extends string, Result> =
  | RouteHandler<Path, Result>
  | Response
  | false
  | RouteMethods<Path, Result>;

/** Options of `Telemetry.routes`: the paths are the templates. */
export type RoutesOptions = Omit<ObserveOptions, "route">;
