/**
 * Calls the handlers of examples/cloudflare_worker.ts as the platform does, and
 * prints the answer: `deno run --allow-net example_program.ts http://127.0.0.1:…`.
 */
import { argv, exit } from "node:process";
import worker from "../../examples/cloudflare_worker.ts";

const address = argv[2]!;
const env = { OTLP: address, PUSHGATEWAY: address };
const works: Promise<unknown>[] = [];
const context = {
  waitUntil: (work: Promise<unknown>) => void works.push(work),
};

const headers = { "accept-language": "de" };
const request = new Request("http://localhost/", { headers });
console.log(await (await worker.fetch(request, env, context)).text());
await Promise.all(works);
await worker.scheduled({ cron: "0 3 * * *", scheduledTime: 0 }, env, context);
exit(0); // the next flush would be due in ten seconds
