import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Dashboard,
  Panel,
  RowPanel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import {
  grafanaDashboard,
  type GrafanaPanel,
  type GrafanaRow,
  type GrafanaTarget,
} from "../../src/generate/mod.ts";
import { smallRegistry } from "./fixtures.ts";

/** `T` with the texts of enums in place of their members. */
type Plain<T> = T extends string ? `${T}`
  : T extends
    number | boolean | null | undefined | ((...args: never) => unknown) ? T
  : T extends readonly (infer U)[] ? Plain<U>[]
  : { [K in keyof T]: Plain<T[K]> };

test("the model fits the types of Grafana's own SDK", () => {
  const dashboard = grafanaDashboard(smallRegistry());
  dashboard satisfies Plain<Omit<Dashboard, "panels">>;
  const [row, panel] = dashboard.panels as [GrafanaRow, GrafanaPanel];
  row satisfies Plain<Omit<RowPanel, "panels">>;
  panel satisfies Plain<Omit<Panel, "targets">>;
  panel.targets[0]! satisfies Plain<
    Omit<Dataquery, `_implements${string}` & keyof Dataquery>
  >;
  const target: GrafanaTarget = panel.targets[0]!;
  assert.equal(row.type, "row");
  assert.equal(target.refId, "A");
});
