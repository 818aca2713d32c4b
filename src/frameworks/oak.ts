/** Oak, from version 13. */
import { callSafely } from "../base/internal.ts";
import type { Answer, ObserveOptions, Observing } from "../instrument/mod.ts";

/** A route of an Oak router that matches the path of a request. */
export interface OakLayer {
  /** The path, with all prefixes. */
  readonly path: string;
  /** The methods of the route; none for a middleware. */
  readonly methods: readonly string[];
}

/**
 * The context of Oak, as far as the adapter uses it. Oak's package on npm has its
 * own types of Fetch, so those of requests and responses are open.
 */
export interface OakContext {
  /** The request. */
  readonly request: {
    /** The request of Fetch; undefined on Node. */
    readonly source?: unknown;
    readonly method: string;
    readonly url: URL;
    readonly headers: { get(name: string): string | null };
  };
  /** The response. */
  readonly response: {
    status: number;
    headers: { set(name: string, value: string): void };
    body: unknown;
    /** False once a `Response` has been given. */
    readonly writable: boolean;
    with(response: never): void;
    toDomResponse(): Promise<unknown>;
  };
  /** False if Oak must not answer, such as after an upgrade. */
  respond?: boolean | undefined;
}

/**
 * Returns a middleware for Oak that observes all requests, and serves the
 * endpoints. Mount it before the routers: `app.use(oakMiddleware(telemetry))`.
 *
 * An error that leaves the middleware counts as Oak answers it: with the
 * `status` of the error, or 500.
 */
export function oakMiddleware(
  telemetry: Observing,
  options?: ObserveOptions,
): (context: OakContext, next: () => Promise<unknown>) => Promise<void> {
  const { endpointAt, begin } = telemetry.observer(options);
  return async (context, next) => {
    const source = context.request.source as Request | undefined;
    const request = source ?? requestOf(context);
    const endpoint = endpointAt(request.url);
    if (endpoint !== undefined) {
      return respond(context, await endpoint(request));
    }
    const observed = begin(request, source ?? context.request);
    if (observed === undefined) return void await next();
    try {
      await observed.run(next);
    } catch (error) {
      const answer = { status: statusOf(error) } as Response;
      observed.end(answer, callSafely(routeOf, context), error);
      throw error;
    }
    observed.end(await answerOf(context), callSafely(routeOf, context));
  };
}

/** Returns the parts of a request, where Oak has no request of Fetch. */
function requestOf({ request }: OakContext): Request {
  const { method, url, headers } = request;
  return { method, url: String(url), headers } as unknown as Request;
}

/** Answers with the response of an endpoint; undefined after an upgrade. */
function respond(context: OakContext, answer: Answer): void {
  const { response } = context;
  if (!answer) context.respond = false;
  else if (answer.status === 101) response.with(answer as never);
  else {
    response.status = answer.status;
    answer.headers.forEach((value, name) => response.headers.set(name, value));
    response.body = answer.body;
  }
}

/** Returns the answer to count; undefined after an upgrade. */
function answerOf(
  { respond, response }: OakContext,
): Answer | Promise<Answer> {
  if (respond === false) return undefined;
  // The status of the context is not that of a given `Response`.
  const answer = response.writable ? response : response.toDomResponse();
  return answer as unknown as Response | Promise<Response>;
}

/** Returns the status with which Oak answers an error. */
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | null | undefined)?.status;
  return typeof status === "number" ? status : 500;
}

/** Returns the path of the matched route, with its prefixes; "" if none matches. */
function routeOf(context: OakContext): string {
  const { matched = [] } = context as { matched?: readonly OakLayer[] };
  const { method } = context.request;
  return matched.find(({ methods }) => methods.includes(method))?.path ?? "";
}
