/** `node:http`, Express 4 and 5, Connect, and NestJS on Express. */
import { errorMessage, warn } from "../base/internal.ts";
import type { Observing } from "../instrument/mod.ts";
import { answerByNode } from "../platform/internal.ts";
import type {
  FetchHandler,
  NodeRequest,
  NodeResponse,
} from "../platform/mod.ts";
import { expressRoute, followRoute } from "./express_route.ts";
import { type NodeObserveOptions, NodeObserver } from "./node_exchange.ts";

/** Calls the next middleware. */
export type NodeNext = (error?: unknown) => void;

/**
 * Returns a fetch-style handler, such as `telemetry.endpoints.metrics` or
 * `telemetry.observe(handler)`, as a listener of `node:http` or a handler of
 * Express: `app.get("/metrics", nodeHandler(telemetry.endpoints.metrics))`.
 *
 * The handler gets the path as the client has sent it, also below the mount path
 * of a router; `Host` is the only header that changes its URL. Bodies are read
 * and written with back-pressure, and `request.signal` is aborted if the client
 * leaves. An error goes to `next`, or is logged and answered by 500.
 *
 * @throws {TypeError} Immediately, if `handler` is not a function.
 */
export function nodeHandler(
  handler: FetchHandler,
): (
  request: NodeRequest,
  response: NodeResponse,
  next?: NodeNext,
) => Promise<void> {
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot make a listener of a handler of type ${typeof handler}: ` +
        `give a function, such as app.fetch`,
    );
  }
  return (request, response, next) =>
    answerByNode(handler, request, response, (error) => {
      if (typeof next === "function") next(error);
      else warn(`a handler has failed: ${errorMessage(error)}`);
      return typeof next === "function";
    });
}

/**
 * Returns a middleware that observes all requests, and serves the endpoints.
 * Mount it before the routes: `app.use(nodeMiddleware(telemetry))`. Without a
 * framework, call it around a listener:
 * `observed(request, response, () => listener(request, response))`.
 *
 * Routes of Express 4 and 5 are templates with the mount paths of their routers;
 * mounted in a router, the middleware sees the templates of that router only.
 * Connect and `node:http` have no templates: use the option `route`. A request
 * ends when the headers of its answer are sent. The functions of the options
 * receive the request of `node:http`.
 */
export function nodeMiddleware<Own extends NodeRequest = NodeRequest>(
  telemetry: Observing,
  options?: NodeObserveOptions<Own>,
): (request: Own, response: NodeResponse, next?: NodeNext) => void {
  const observer = new NodeObserver<Own>(telemetry, options, expressRoute);
  return (request, response, next = notFound(response)) => {
    if (observer.serve(request, response) !== undefined) return;
    followRoute(request);
    const exchange = observer.begin(request, response, request);
    if (exchange === undefined) next();
    else exchange.run(() => next());
  };
}

function notFound(response: NodeResponse): NodeNext {
  return () => {
    response.statusCode = 404;
    response.end();
  };
}
