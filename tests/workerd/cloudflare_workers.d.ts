/** The classes of the module `cloudflare:workers`, as far as they are used. */
export abstract class WorkerEntrypoint<Env> {
  protected readonly env: Env;
  protected readonly ctx: { waitUntil(work: Promise<unknown>): void };
  fetch?(request: Request): Response | Promise<Response>;
}

/** An object that exists once for each name. */
export abstract class DurableObject<Env> {
  protected readonly env: Env;
  fetch?(request: Request): Response | Promise<Response>;
}
