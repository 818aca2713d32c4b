/**
 * Adapters for web frameworks: per-route metrics, a span and exemplars for each
 * request, and `/metrics` in front of the routes.
 *
 * No adapter imports its framework: all are typed by the parts that they use.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 * import { honoMiddleware } from "@barograph/barograph/frameworks";
 *
 * const middleware = honoMiddleware(createTelemetry({ service: "shop" }));
 * // app.use(middleware), before the routes
 * console.log(typeof middleware);
 * ```
 *
 * @module
 */
export type {
  Answer,
  Endpoint,
  ObservedRequest,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "../instrument/mod.ts";
export { denoRouter, type PatternRoute } from "./deno_router.ts";
export { type ElysiaApp, type ElysiaContext, elysiaPlugin } from "./elysia.ts";
export { type H3App, type H3NodeEvent, observeH3App } from "./h3_app.ts";
export {
  type H3Config,
  type H3Event,
  type H3Middleware,
  h3Middleware,
  h3Plugin,
  type H3PluginApp,
} from "./h3.ts";
export { type OakContext, type OakLayer, oakMiddleware } from "./oak.ts";
export { type HonoContext, honoMiddleware, type HonoRoute } from "./hono.ts";
export {
  type FastifyInstance,
  type FastifyPlugin,
  fastifyPlugin,
  type FastifyReply,
  type FastifyRequest,
} from "./fastify.ts";
export { type KoaContext, koaMiddleware } from "./koa.ts";
export { nodeHandler, nodeMiddleware, type NodeNext } from "./node.ts";
export type { NodeObserveOptions } from "./node_exchange.ts";
export type {
  FetchHandler,
  NodeRequest,
  NodeResponse,
} from "../platform/mod.ts";
