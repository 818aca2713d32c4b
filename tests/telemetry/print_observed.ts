/** Observes handlers, and prints the names of the runtime metrics after each. */
import { observe } from "../../mod.ts";

type App = (request: Request) => Response | Promise<Response>;

const handler: App = () => new Response("hello");

async function print(app: App): Promise<void> {
  const response = await app(new Request("http://localhost/metrics"));
  const text = await response.text();
  const names = text.matchAll(/^# TYPE ((?:process|app|[a-z]+_heap)\w+)/gm);
  console.log(Array.from(names, ([, name]) => name).join(" "));
}

await print(observe(handler, { runtime: false }));
await print(observe(handler));
await print(observe(handler));
await print(observe(handler, {
  runtime: { parts: ["build"], build: { revision: "4bf92f3" } },
}));
await print(observe(handler));
// Nothing ends the process: timers of the metrics do not hold it.
