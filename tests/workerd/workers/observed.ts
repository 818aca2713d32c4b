/** The first example of the README, at global scope. */
import { counter, observe } from "../../../mod.ts";

const orders = counter({ name: "orders_total", help: "Orders." });

export default {
  fetch: observe(() => {
    orders.inc();
    return new Response("thank you");
  }, { route: "/", events: "/events" }),
};
