/** Fastify 4 and 5, and NestJS on Fastify. */
import type { Observing } from "../instrument/mod.ts";
import type { NodeRequest, NodeResponse } from "../platform/mod.ts";
import { type NodeObserveOptions, NodeObserver } from "./node_exchange.ts";

/** A request of Fastify, as far as the plugin uses it. */
export interface FastifyRequest {
  /** The request of `node:http`. */
  readonly raw: NodeRequest;
}

/** A reply of Fastify, as far as the plugin uses it. */
export interface FastifyReply {
  /** The response of `node:http`. */
  readonly raw: NodeResponse;
  /** Tells Fastify that something else answers. */
  hijack(): unknown;
}

/** An instance of Fastify. */
export interface FastifyInstance {
  /** Adds a hook. */
  // deno-lint-ignore ban-types -- the overloads of Fastify fit no other type
  readonly addHook: Function;
}

/** A plugin of Fastify. */
export type FastifyPlugin = (
  fastify: FastifyInstance,
  options: object,
  done: (error?: Error) => void,
) => void;

type Hook<Own> = (request: Own, reply: FastifyReply, done: () => void) => void;

/**
 * Returns a plugin for Fastify that observes all requests, and serves the
 * endpoints. Register it before the routes, on the outermost instance:
 * `await app.register(fastifyPlugin(telemetry))`.
 *
 * The functions of the options receive the request of Fastify.
 */
export function fastifyPlugin<Own extends FastifyRequest = FastifyRequest>(
  telemetry: Observing,
  options?: NodeObserveOptions<Own>,
): FastifyPlugin {
  const observer = new NodeObserver<Own>(telemetry, options, routeOf);
  // A property of the request: weak maps cost the garbage collector more.
  const property = Symbol("barograph.exchange");
  type Marked = { [property]?: ReturnType<typeof observer.begin> };
  const exchangeOf = (request: Own) => (request as Own & Marked)[property];
  const observe: Hook<Own> = (request, reply, done) => {
    if (exchangeOf(request) !== undefined) return done(); // registered again
    if (observer.serve(request.raw, reply.raw) !== undefined) {
      reply.hijack();
      return;
    }
    const exchange = observer.begin(request.raw, reply.raw, request);
    if (exchange === undefined) return done();
    (request as Own & Marked)[property] = exchange;
    exchange.run(() => done());
  };
  // Fastify has read the body by then, in the context of the connection.
  const resume: Hook<Own> = (request, _reply, done) => {
    const exchange = exchangeOf(request);
    if (exchange === undefined) done();
    else exchange.run(() => done());
  };
  const plugin: FastifyPlugin = (fastify, _options, done) => {
    fastify.addHook("onRequest", observe);
    fastify.addHook("preValidation", resume);
    fastify.addHook(
      "onError",
      (request: Own, _: FastifyReply, error: unknown, done: () => void) => {
        const exchange = exchangeOf(request);
        if (exchange !== undefined) exchange.error = error;
        done();
      },
    );
    done();
  };
  return Object.assign(plugin, {
    // The hooks hold for the instance that registers the plugin.
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "barograph",
  });
}

/** Returns the template of a route with its prefixes; "" for a 404. */
function routeOf(request: object): string {
  const { routeOptions, is404 } = request as {
    readonly routeOptions?: { readonly url?: unknown };
    readonly is404?: unknown;
  };
  return is404 === true ? "" : String(routeOptions?.url ?? "");
}
