/** A member on `FLEET_PORT`, or a port of its own: prints `ready <port>`. */
import { createServer } from "node:http";
import process from "node:process";
import { app } from "./app.ts";

const answer = await app(String(process.pid));
const server = createServer(async (request, response) => {
  const url = `http://localhost${request.url}`;
  const reply = await answer(new Request(url));
  response.setHeaders(reply.headers).end(await reply.text());
});
server.listen(Number(process.env["FLEET_PORT"] ?? 0), "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`ready ${port}`);
});
process.on("SIGTERM", () => process.exit(0));
