/** The view of all metrics: families at the left, one of them at the right. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import { ChartGroup } from "../../charts/group.ts";
import type { App, MakeView, View } from "../../core/app.ts";
import type { Changes } from "../../core/data.ts";
import { Colours } from "../../core/colours.ts";
import { h } from "../../core/dom.ts";
import { empty } from "../../parts/states.ts";
import { FamilyColumns } from "./family_columns.ts";
import { wanted } from "./family_list.ts";
import { FamilyPart } from "./family_part.ts";
import { ListPart } from "./list_part.ts";

/** Series of the small lines in the list, and while all of them are searched. */
const FEW = 1200;
const MANY = 2400;

class MetricsView implements View {
  readonly element = h("div", { class: "view-metrics" });
  readonly #app: App;
  readonly #charts: ChartGroup;
  readonly #colours = new Colours();
  readonly #columns: FamilyColumns;
  readonly #list: ListPart;
  readonly #place = h("div", { class: "metrics-place" });
  #family: FamilyPart | null = null;

  constructor(app: App) {
    this.#app = app;
    this.#charts = new ChartGroup(app);
    this.#columns = new FamilyColumns(app.store);
    this.#list = new ListPart(app, this.#charts, this.#columns);
    this.element.append(this.#list.element, this.#place);
  }

  /** The family of the address, or else that of requests, or else the first. */
  #chosen(): FamilyInfo | undefined {
    const { store, location } = this.#app;
    const [name] = location.now.path;
    if (name !== undefined) return store.family(name);
    return store.role("requests") ?? this.#list.first ??
      store.families.values().next().value;
  }

  want(): string {
    const chosen = this.#chosen();
    const families = this.#app.store.families.values();
    const ids = wanted(families, chosen, this.#list.isWide ? MANY : FEW);
    const wants = ids.length === 0 ? [] : [`f:${ids.join()}`];
    if (chosen?.role === "requests") wants.push("traces");
    return wants.join(";");
  }

  update(changes: Changes): void {
    const { location } = this.#app;
    const mustDraw = this.#charts.begin(changes);
    if (!mustDraw && !this.#list.isDirty && !concerns(changes)) return;
    const isAll = changes.hello || changes.names || changes.address;
    if (changes.data || isAll) this.#columns.update(isAll);
    const chosen = this.#chosen();
    this.element.dataset["open"] = String(location.now.path.length > 0);
    this.element.dataset["family"] = String(chosen !== undefined);
    this.#list.update(chosen, changes.names, changes.data, mustDraw || isAll);
    this.#showFamily(chosen);
    if (chosen !== undefined) {
      this.#family!.update(chosen, changes, isAll);
    }
  }

  #showFamily(chosen: FamilyInfo | undefined): void {
    if (this.#family?.model.family.id === chosen?.id && chosen !== undefined) {
      return;
    }
    this.#family?.close();
    this.#family = null;
    if (chosen !== undefined) {
      this.#family = new FamilyPart(
        this.#app,
        this.#charts,
        this.#colours,
        chosen,
      );
      this.#place.replaceChildren(this.#family.element);
      return;
    }
    const [name] = this.#app.location.now.path;
    this.#place.replaceChildren(
      name === undefined || this.#app.store.hello === null ? "" : h(
        "div",
        { class: "sheet" },
        empty(`There is no family ${name}.`),
      ),
    );
  }

  key(key: string): boolean {
    switch (key) {
      case "j":
      case "k":
        return this.#step(key === "j" ? 1 : -1);
      case "Escape":
        return this.#charts.escape();
      default:
        return false;
    }
  }

  #step(by: 1 | -1): boolean {
    const next = this.#list.beside(this.#chosen(), by);
    if (next === undefined) return false;
    this.#app.location.go({ path: [next.name], rest: {} }, true);
    return true;
  }
}

/** Whether a change can be seen here. */
function concerns(changes: Changes): boolean {
  const { address, hello, names, data, traces, size } = changes;
  return address || hello || names || data || traces || size;
}

/** The view of all metrics. */
export const metrics: MakeView = (app) => new MetricsView(app);
