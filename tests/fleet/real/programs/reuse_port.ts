/** A member on Bun that shares the port `FLEET_PORT` with others. */
import process from "node:process";
import { app } from "./app.ts";

/** The parts of Bun that this program uses. */
interface BunServer {
  serve(options: {
    port: number;
    hostname: string;
    reusePort: boolean;
    fetch: (request: Request) => Promise<Response>;
  }): { readonly port: number };
}

const { Bun } = globalThis as unknown as { Bun: BunServer };
const { port } = Bun.serve({
  port: Number(process.env["FLEET_PORT"]),
  hostname: "127.0.0.1",
  reusePort: true,
  fetch: await app(String(process.pid)),
});
console.log(`ready ${port}`);
