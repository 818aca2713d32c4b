/** The second script of the live page: all views but the first. */
import { provideViews } from "./core/later.ts";
import { events } from "./views/events/view.ts";
import { fleet } from "./views/fleet/view.ts";
import { health } from "./views/health/view.ts";
import { metrics } from "./views/metrics/view.ts";
import { routes } from "./views/routes/view.ts";
import { traces } from "./views/traces/view.ts";

/** The style sheets of these views, which the build puts here. */
declare const LATER_STYLE: string;

provideViews({
  makers: { routes, metrics, traces, events, fleet, health },
  style: LATER_STYLE,
});
