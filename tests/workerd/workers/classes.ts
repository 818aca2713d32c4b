/** A Worker and a Durable Object that are classes. */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { counter } from "../../../mod.ts";
import { createBus } from "../../../src/bus/mod.ts";
import { eventsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { createTelemetry } from "../../../src/telemetry/mod.ts";
import { withTelemetry } from "../../../src/workers/mod.ts";

interface Env {
  readonly ROOMS: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

const visits = counter({ name: "visits_total", help: "Visits." });

const worker = withTelemetry({
  async fetch(request: Request, env: Env): Promise<Response> {
    visits.inc();
    if (!new URL(request.url).pathname.startsWith("/rooms/")) {
      return new Response("no room", { status: 404 });
    }
    return await env.ROOMS.getByName("lobby").fetch(request);
  },
}, { route: "/rooms/*" });

export default class extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Response | Promise<Response> {
    return worker.fetch(request, this.env, this.ctx);
  }
}

export class Room extends DurableObject<Env> {
  readonly #bus = createBus<{ joined: { name: string } }>();
  readonly #events = eventsHandler(this.#bus, {
    inDurableObject: true,
    heartbeat: 0.2,
  });
  readonly #telemetry = createTelemetry({ registry: createRegistry() });
  readonly #handler = this.#telemetry.observe((request: Request) => {
    const name = new URL(request.url).searchParams.get("name") ?? "";
    return Response.json(this.#bus.publish("joined", { name }));
  }, { metrics: "/rooms/metrics", route: "/rooms/join" });

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/rooms/events") return await this.#events(request);
    return await this.#handler(request);
  }
}
