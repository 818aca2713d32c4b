/** Routes: their latency side by side, one of them whole, and outgoing calls. */
import type { Hello } from "../../../src/dashboard/protocol.ts";
import type { App, Changes, MakeView, View } from "../../core/app.ts";
import { attrs, el, setText } from "../../core/dom.ts";
import { ChartGroup, columnStep, endOf } from "../../charts/mod.ts";
import { KnownTraces } from "../../parts/known_traces.ts";
import {
  groupRequests,
  joinGroups,
  type RequestGroup,
} from "../../parts/requests.ts";
import { writeRoute } from "../../parts/route_columns.ts";
import {
  failingRoutes,
  failureNotes,
  figureWindow,
  type NamedWindow,
  routeRows,
} from "../../parts/route_rows.ts";
import { StatePlace } from "../../parts/state_place.ts";
import { Traffic } from "../../parts/traffic.ts";
import { RequestTable } from "./request_table.ts";
import { StatusList } from "./status_list.ts";
import { statusRows } from "./statuses.ts";

/** Pixels of the course of a status, and of one of its columns. */
const WIDTH = 140;
const COLUMN = 3;

/** The view of routes. */
class Routes implements View {
  readonly element = el("div", "routes-view");
  readonly #app: App;
  readonly #group: ChartGroup;
  readonly #table: RequestTable;
  readonly #traffic: Traffic;
  readonly #statuses: StatusList;
  readonly #calls: RequestTable;
  readonly #known: KnownTraces;
  readonly #name = el("h2", "route-title");
  readonly #links = el("span", "end route-links");
  readonly #failed = el("a", "button", "Failed traces");
  readonly #slowest = el("a", "button", "Slowest traces");
  readonly #content = el("div", "routes-content");
  readonly #state = new StatePlace();
  readonly #noCalls = el("p", "faint", "No outgoing calls are measured.");

  constructor(app: App) {
    this.#app = app;
    this.#group = new ChartGroup(app);
    this.#known = new KnownTraces(app, () => this.#group.touch());
    this.#traffic = new Traffic(app, this.#group);
    this.#statuses = new StatusList(this.#group);
    this.#table = new RequestTable(this.#group, {
      title: "Routes",
      nameHead: "Route",
      onOpen: ({ group: { key } }) => {
        const { now } = app.location;
        app.location.go({ route: now.route === key ? "" : key });
      },
      isChosen: ({ group: { key } }) =>
        key !== "" && app.location.now.route === key,
    });
    this.#calls = new RequestTable(this.#group, {
      title: "Outgoing calls",
      nameHead: "Service",
    });
    this.#links.append(this.#failed, this.#slowest);
    this.#content.append(
      this.#table.element,
      el("div", "route-head", this.#name, this.#links),
      el(
        "div",
        "overview-columns",
        this.#traffic.element,
        this.#statuses.element,
      ),
      this.#calls.element,
      this.#noCalls,
    );
    this.element.append(
      el("h1", "unseen", "Routes"),
      this.#content,
      this.#state.element,
    );
  }

  want(): string {
    return this.#app.store.hello?.has.traces ? "overview;traces" : "overview";
  }

  key(key: string): boolean {
    return key === "Escape" && this.#group.escape();
  }

  update(changes: Changes): void {
    const { location, store } = this.#app;
    const { axis, hello } = store;
    const mustDraw = this.#group.begin(changes);
    if (!this.#group.isDue(changes) && !mustDraw) return;
    const family = store.role("requests");
    const series = family === undefined ? [] : store.series(family.id);
    this.#content.hidden = series.length === 0;
    if (hello === null || (family && !store.isLoaded(family.id))) {
      this.#group.wait();
      return this.#state.showLoading();
    }
    if (family === undefined || series.length === 0) {
      return this.#state.showNoRequests(family !== undefined);
    }
    this.#state.hide();
    const isAll = mustDraw || changes.address || changes.hello;
    const draws = this.#group.takeTurns(isAll || changes.findings, axis.step);
    const labels = hello.requests;
    const { selection } = this.#group;
    const window = figureWindow(axis, series, selection);
    const findings = store.findings?.all ?? [];
    // Findings are about now, not about a part of the past.
    const failing = failingRoutes(selection === null ? findings : [], labels);
    const { route } = location.now;
    const groups = groupRequests(series, family, labels);
    const chosen = route === ""
      ? undefined
      : groups.find(({ key }) => key === route);
    const requests = {
      family,
      ...joinGroups(route === "" ? groups : chosen ? [chosen] : []),
    };
    const span = selection ?? { from: axis.from, to: endOf(axis) };
    const traces = this.#known.update(hello, { traces: true });
    if (draws.charts) {
      this.#traffic.draw({
        axis,
        requests,
        route,
        notes: failureNotes(findings, labels, route),
        traces: hello.has.traces
          ? traces.within(route, span.from, span.to)
          : null,
      }, isAll);
    }
    if (!draws.figures) return;
    this.#showHead(chosen, route, hello);
    this.#table.show({
      rows: routeRows(groups, family, window, failing),
      axis,
      family,
      note: `${window.name}; click one to see only it`,
    }, isAll);
    const step = Math.max(axis.step, columnStep(axis, WIDTH, COLUMN));
    this.#statuses.show(
      statusRows(requests.series, family, labels.status, axis, window, step),
      window.name,
      span,
    );
    this.#showCalls(hello, window, isAll);
  }

  #showHead(
    chosen: RequestGroup | undefined,
    route: string,
    hello: Hello,
  ): void {
    this.#name.classList.toggle("mono", chosen !== undefined);
    if (chosen !== undefined) writeRoute(this.#name, chosen);
    else {
      delete this.#name.dataset["key"];
      attrs(this.#name, { title: null });
      setText(
        this.#name,
        route === "" ? "All routes" : `${route} has no requests in this range`,
      );
    }
    this.#links.hidden = !hello.has.traces;
    const to = (list: string) =>
      this.#app.location.href({ view: "traces", path: [], rest: { list } });
    attrs(this.#failed, { href: to("failed") });
    attrs(this.#slowest, { href: to("slowest") });
  }

  #showCalls(hello: Hello, window: NamedWindow, isAll: boolean): void {
    const { store } = this.#app;
    const family = store.role("calls");
    const series = family === undefined ? [] : store.series(family.id);
    this.#calls.element.hidden = series.length === 0;
    this.#noCalls.hidden = series.length > 0;
    if (family === undefined || series.length === 0) return;
    this.#calls.show({
      rows: routeRows(
        groupRequests(series, family, hello.calls),
        family,
        window,
      ),
      axis: store.axis,
      family,
      note: `${window.name}; of all routes`,
    }, isAll);
  }
}

/** Makes the view of routes. */
export const routes: MakeView = (app) => new Routes(app);
