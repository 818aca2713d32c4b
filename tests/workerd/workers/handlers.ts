/** The endpoints of the contract, created at global scope. */
import { handlerWorld } from "../../support/handler_world.ts";

const handler = handlerWorld();

export default {
  fetch(request: Request): Response | Promise<Response> {
    const work = handler(request);
    if (!request.headers.has("x-abandon")) return work;
    // The runtime ends the work of a request with its response.
    return new Response(null, { status: 202 });
  },
};
