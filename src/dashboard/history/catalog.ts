/** Families and series as messages describe them, and the roles of families. */
import type {
  FamilyInfo,
  Names,
  Role,
  RoleLabels,
  SeriesInfo,
} from "../protocol.ts";
import type { KnownFamily, KnownSeries } from "../sampling/known_series.ts";
import type { News, SeriesBook } from "../sampling/series_book.ts";
import { roleFit, roleLabels } from "./roles.ts";

/** The family of a role, and how well its name fits. */
interface Holder {
  readonly family: KnownFamily;
  readonly order: number;
}

/** Knows which family has which role. */
export class Catalog {
  readonly #book: SeriesBook;
  readonly #holders = new Map<Role, Holder>();

  constructor(book: SeriesBook) {
    this.#book = book;
  }

  /** Considers a new family for a role; an equal one replaces the one before. */
  enter(family: KnownFamily): void {
    const { name, type } = family.desc;
    const fit = roleFit(name, type);
    if (fit === undefined) return;
    const holder = this.#holders.get(fit.role);
    if (holder !== undefined && holder.order < fit.order) return;
    this.#holders.set(fit.role, { family, order: fit.order });
    if (holder !== undefined) this.#book.changed(holder.family);
  }

  role(role: Role): KnownFamily | undefined {
    return this.#holders.get(role)?.family;
  }

  /** Returns the names of the labels of requests or calls. */
  labels(role: "requests" | "calls"): RoleLabels {
    return roleLabels(this.role(role)?.desc.labelNames ?? []);
  }

  infoOf(family: KnownFamily): FamilyInfo {
    const { id, desc, bounds, isNative, quantiles, limit } = family;
    const isHolder = ([, holder]: readonly [Role, Holder]) =>
      holder.family === family;
    return {
      id,
      name: desc.name,
      type: desc.type,
      help: desc.help,
      unit: desc.unit,
      labels: desc.labelNames,
      bounds: bounds === undefined || isNative ? null : [...bounds],
      native: isNative,
      quantiles: quantiles === undefined ? null : [...quantiles],
      series: family.size + family.skipped,
      limit: limit === Infinity ? null : limit,
      role: [...this.#holders].find(isHolder)?.[0] ?? null,
      ...family.isSlow && { every: 10 as const },
    };
  }

  namesOf({ families, series }: Pick<News, "families" | "series">): Names {
    return {
      f: [...families].map((family) => this.infoOf(family)),
      s: [...series].map(seriesInfoOf),
    };
  }
}

/** Returns a series as messages describe it. */
export function seriesInfoOf(
  { id, family, values }: KnownSeries,
): SeriesInfo {
  const { length } = family.desc.labelNames;
  if (values.length === length) return { id, family: family.id, values };
  // Its family has got more labels, and it was not read since then.
  return {
    id,
    family: family.id,
    values: family.desc.labelNames.map((_, at) => values[at] ?? ""),
  };
}
