/** An application that goes on: it has a server, a timer and waits for ever. */
import { createServer } from "node:http";
import { counter } from "../../src/metrics/mod.ts";

counter({ name: "shop_orders_total", help: "Orders accepted." });
setInterval(() => {}, 1000);
createServer(() => {}).listen(0);

export const ready = true;
