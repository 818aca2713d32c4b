/**
 * A server-driven user interface: middleware measures and traces its events;
 * sessions are tracked by id.
 *
 *     deno run examples/live_view.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry, instrumentEvents } from "../mod.ts";
import { createTracer } from "../src/trace/mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";
import { liveSessions, liveView } from "../src/recorders/presets/live_view.ts";

interface UiEvent {
  readonly route: string;
  readonly type: string;
  patches: number;
}

const registry = createRegistry({ selfMetrics: false });
const live = liveView.on(registry, { seconds: true });
const sessions = liveSessions(live);
const tracer = createTracer({ name: "shop" });
tracer.onEnd(({ name, status, attributes }) =>
  console.log(name, status.code, attributes["ui.patches"])
);

const measure = instrumentEvents<UiEvent>({
  record: live.event,
  tracer,
  route: ({ route }) => route,
  spanName: ({ type }) => `ui.${type}`,
  outcome: ({ patches }) => ({ "ui.patches": patches }),
});

sessions.create("tab-1");
const click: UiEvent = { route: "/cart", type: "Click", patches: 0 };
await measure(click, async () => {
  const start = performance.now();
  await Promise.resolve(); // load the cart here
  live.resourceDuration("cart", performance.now() - start);
  click.patches = 3;
});
live.patches(click.patches);
sessions.detach("tab-1"); // the page disconnects
sessions.reattach("tab-1"); // and reconnects
live.resume();

console.log(new TextDecoder().decode(expose(registry, prometheusText)));
