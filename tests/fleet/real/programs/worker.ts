/** A member in a Worker, of Node or of the web: posts its name and its port. */
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";
import { app } from "./app.ts";

const name = crypto.randomUUID();
const answer = await app(name);
const server = createServer(async (request, response) => {
  const reply = await answer(new Request(`http://localhost${request.url}`));
  response.setHeaders(reply.headers).end(await reply.text());
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  const web = globalThis as unknown as { postMessage(message: string): void };
  (parentPort ?? web).postMessage(`worker ${name} ${port}`);
});
