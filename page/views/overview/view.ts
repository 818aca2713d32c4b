/** The overview: what is wrong, how much goes on, and where. */
import type { Finding, Hello, Role } from "../../../src/dashboard/protocol.ts";
import type { App, Changes, MakeView, Store, View } from "../../core/app.ts";
import { el } from "../../core/dom.ts";
import { ChartGroup, endOf, type Span } from "../../charts/mod.ts";
import { groupRequests } from "../../parts/requests.ts";
import {
  failingRoutes,
  failureNotes,
  figureWindow,
  routeOf,
  routeRows,
} from "../../parts/route_rows.ts";
import { StatePlace } from "../../parts/state_place.ts";
import { KnownTraces } from "../../parts/known_traces.ts";
import { Traffic } from "../../parts/traffic.ts";
import { evidenceFamilies, evidenceOf } from "./evidence.ts";
import {
  Courses,
  type FigureName,
  figuresNow,
  type Sources,
  sourcesOf,
} from "./figures.ts";
import { FindingList } from "./finding_list.ts";
import { RouteList } from "./route_list.ts";
import { sparkStep, Tiles } from "./tiles.ts";
import { countWords, type WordedFinding, wordFinding } from "./wording.ts";
import { worstEntries } from "./worst.ts";
import { shownFindings } from "./shown_findings.ts";
import { UsualFigures } from "./usual_figures.ts";
import { WorstList } from "./worst_list.ts";

/** Charts and lists of the overview. */
class Overview implements View {
  readonly element = el("div", "overview");
  readonly #app: App;
  readonly #group: ChartGroup;
  readonly #findings: FindingList;
  readonly #tiles: Tiles;
  readonly #traffic: Traffic;
  readonly #worst: WorstList;
  readonly #routes: RouteList;
  readonly #columns: HTMLElement;
  readonly #state = new StatePlace();
  readonly #courses = new Courses();
  readonly #usuals: UsualFigures;
  readonly #known: KnownTraces;
  #evidenceFrom = 0;
  #p95 = NaN;

  constructor(app: App) {
    this.#app = app;
    this.#group = new ChartGroup(app);
    this.#findings = new FindingList(app, this.#group);
    this.#tiles = new Tiles(app, this.#group);
    this.#traffic = new Traffic(app, this.#group);
    this.#worst = new WorstList(app);
    this.#routes = new RouteList(app);
    const touch = () => this.#group.touch();
    this.#usuals = new UsualFigures(app, touch);
    this.#known = new KnownTraces(app, touch);
    this.#columns = el(
      "div",
      "overview-columns",
      this.#traffic.element,
      this.#worst.element,
    );
    this.element.append(
      el("h1", "unseen", "Overview"),
      this.#findings.element,
      this.#tiles.element,
      this.#state.element,
      this.#columns,
      this.#routes.element,
    );
  }

  want(): string {
    const { store } = this.#app;
    const more = evidenceFamilies(store.findings?.all ?? [], store);
    return [
      "overview",
      ...store.hello?.has.traces ? ["traces"] : [],
      ...more.length > 0 ? [`f:${more.join()}`] : [],
    ].join(";");
  }

  key(key: string): boolean {
    return key === "Escape" && this.#group.escape();
  }

  update(changes: Changes): void {
    const { store } = this.#app;
    const { hello } = store;
    const mustDraw = this.#group.begin(changes);
    if (hello === null) return this.#showParts("loading");
    // New traces wait for the next frame of data: it comes each second.
    if (!this.#group.isDue(changes) && !mustDraw) return;
    const findings = this.#showFindings(hello);
    const family = store.role("requests");
    if (family !== undefined && !store.isLoaded(family.id)) {
      this.#group.wait();
      return this.#showParts("loading");
    }
    const isAll = mustDraw || changes.address || changes.hello;
    const { route } = this.#app.location.now;
    const sources = sourcesOf(store, hello.requests, route);
    // A new column, not each second: the charts are as large as a word.
    if (isAll || changes.findings || sources.axis.from !== this.#evidenceFrom) {
      this.#evidenceFrom = sources.axis.from;
      this.#findings.drawEvidence(findings, (id) => this.#evidence(id, hello));
    }
    const { requests } = sources;
    this.#showParts(requests === null ? "empty" : "all");
    const draws = this.#group.takeTurns(
      isAll || changes.findings,
      store.axis.step,
    );
    if (draws.figures) this.#drawTiles(sources, route, hello, isAll);
    if (requests === null) {
      return this.#state.showNoRequests(family !== undefined);
    }
    const span = this.#group.selection ??
      { from: store.axis.from, to: endOf(store.axis) };
    const traces = this.#known.update(hello, { traces: true }).within(
      route,
      span.from,
      span.to,
    );
    this.#worst.element.hidden = !hello.has.traces;
    if (draws.charts) {
      this.#traffic.draw({
        axis: sources.axis,
        requests,
        route,
        notes: failureNotes(store.findings?.all ?? [], hello.requests, route),
        traces: hello.has.traces ? traces : null,
      }, isAll);
    }
    if (!draws.figures) return;
    // The slowest of all are called slow only if few requests are so.
    this.#worst.show(worstEntries(traces), noTraces(route), {
      now: store.axis.to,
      slowFrom: this.#p95,
    });
    this.#drawRoutes(hello);
  }

  #showParts(parts: "loading" | "empty" | "all"): void {
    this.#tiles.element.hidden = parts === "loading";
    this.#columns.hidden = parts !== "all";
    this.#routes.element.hidden = parts !== "all";
    if (parts === "loading") this.#state.showLoading();
    if (parts === "all") this.#state.hide();
  }

  #showFindings(hello: Hello): readonly WordedFinding[] {
    const { store } = this.#app;
    const { findings, axis } = store;
    if (findings === null) {
      this.#findings.show({ heading: "", note: "", findings: [], more: 0 });
      return [];
    }
    const { shown, more, open } = shownFindings(findings.all);
    const { routes, rules, leftOut } = findings.judged;
    const others = leftOut === undefined ? "" : `, ${leftOut} left out`;
    const worded = shown.map((each) =>
      wordFinding(each, {
        hello,
        now: axis.to,
        limitOf: (name) => store.family(name)?.limit ?? null,
      })
    );
    this.#findings.show({
      heading: countWords(open),
      note: open > 0
        ? "worst first"
        : `${rules} rules looked at ${routes} ${
          routes === 1 ? "route" : "routes"
        }${others}, ` +
          "the event loop, sources and the telemetry itself",
      findings: worded,
      more,
    });
    return worded;
  }

  #evidence(id: string, hello: Hello) {
    const { store } = this.#app;
    const finding = store.findings?.all.find((each) => each.id === id);
    const track = finding && evidenceOf(finding, store, hello.requests);
    if (!track) return null;
    const colour = COLOURS[finding.rule];
    return {
      track,
      span: wholeSpan(store),
      colour,
      since: finding.since,
      ...finding.rule === "failing" ? { wash: "badWash" as const } : {},
    };
  }

  #drawTiles(
    sources: Sources,
    route: string,
    hello: Hello,
    isAll: boolean,
  ): void {
    const { store } = this.#app;
    const step = sparkStep(sources.axis);
    const tracks = this.#courses.read(sources, step, isAll);
    const now = figuresNow(sources);
    this.#p95 = now.p95;
    const open = (store.findings?.all ?? []).filter((each) =>
      each.until === null &&
      (route === "" || each.rule === "loop" ||
        routeOf(each, hello.requests) === route)
    );
    const has = (rule: Finding["rule"]) =>
      open.some((each) => each.rule === rule);
    const incident = new Set<FigureName>([
      ...has("slow") ? ["p50", "p95", "p99"] as const : [],
      ...has("loop") ? ["loopDelay"] as const : [],
    ]);
    const usuals = this.#usuals.read(hello, route, incident);
    const nameOf = (role: Role) => store.role(role)?.name ?? null;
    this.#tiles.link(nameOf, hello.requests);
    this.#tiles.show((name) => ({
      value: now[name],
      track: tracks[name],
      usual: usuals[name],
      alarm: alarmOf(name, has),
    }), wholeSpan(store));
  }

  #drawRoutes(hello: Hello): void {
    const { store } = this.#app;
    const family = store.role("requests");
    if (family === undefined) return;
    const series = store.series(family.id);
    const { selection } = this.#group;
    const window = figureWindow(store.axis, series, selection);
    // Findings are about now, not about a part of the past.
    const findings = selection === null ? store.findings?.all ?? [] : [];
    const failing = failingRoutes(findings, hello.requests);
    this.#routes.show(
      routeRows(
        groupRequests(series, family, hello.requests),
        family,
        window,
        failing,
      ),
      window.name,
    );
  }
}

const COLOURS = {
  failing: "bad",
  slow: "warn",
  loop: "warn",
  overflow: "text2",
  loss: "text2",
  source: "text2",
} as const;

function wholeSpan({ axis }: Pick<Store, "axis">): Span {
  return { from: axis.from, to: endOf(axis) };
}

function alarmOf(
  name: FigureName,
  has: (rule: Finding["rule"]) => boolean,
): "failing" | "slow" | null {
  if (name === "errors") return has("failing") ? "failing" : null;
  if (name === "p99") return has("slow") ? "slow" : null;
  return name === "loopDelay" && has("loop") ? "slow" : null;
}

function noTraces(route: string): string {
  return route === ""
    ? "No trace has been kept in this range."
    : "No trace of this route has been kept in this range.";
}

/** Makes the overview. */
export const overview: MakeView = (app) => new Overview(app);
