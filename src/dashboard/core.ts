/**
 * History and findings of one registry, which all pages of the process share.
 *
 * They outlive a hot reload, which makes another page over the same registry and
 * leaves the old one behind: nothing is sampled, judged or published twice.
 */
import { processWide } from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import type { PageParts } from "../http/mod.ts";
import type { Source } from "../model/mod.ts";
import { FindingsWatch } from "./findings/watch.ts";
import { keepHistory } from "./history/history.ts";
import type { KeptHistory } from "./history/kept_history.ts";
import type { FindingEvents } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";
import type { TraceView } from "./traces/answers.ts";
import { causeOf } from "./traces/cause_of.ts";
import { traceKeeper } from "./traces/keeper.ts";

const KEY = Symbol.for("barograph.dashboard.1");

/** History and findings of one registry. */
export class Core {
  readonly history: KeptHistory;
  readonly findings: FindingsWatch;
  /** Of the newest page with traces: its code is that after a hot reload. */
  #redaction: Redaction;
  #view: TraceView;
  #bus: Bus<FindingEvents> | undefined;
  #pages = 0;

  constructor(parts: PageParts, redaction: Redaction, maxBytes: number) {
    const { clock, registry, timers } = parts;
    const history = keepHistory(registry, { clock, timers, maxBytes });
    this.history = history;
    this.#redaction = redaction;
    this.#view = viewOf(history, redaction, parts);
    this.findings = new FindingsWatch({
      history,
      registry,
      causeOf: ({ rule, subject }) => {
        const labels = history.labels("requests");
        const [method, route] = [labels.method, labels.route].map((label) =>
          label === null ? "" : subject[label] ?? ""
        );
        const name = `${method} ${route}`.trim();
        return causeOf(traceKeeper(), name, rule, this.#view);
      },
      sourceError: (source, error) =>
        this.#redaction.sourceError(source, error, clock.unix()),
      publish: (topic, finding) => void this.#bus?.publish(topic, finding),
      clock,
      timers,
    });
  }

  /** Adds a page. Disposing the result removes it; the last one ends all. */
  join(parts: PageParts, redaction: Redaction): Disposable {
    const { bus, registry, tracer } = parts;
    // A page without traces, such as one of a server, may know no `redact`.
    if (tracer !== undefined) {
      this.#redaction = redaction;
      this.#view = viewOf(this.history, redaction, parts);
    }
    this.#bus = bus ?? this.#bus;
    this.#pages++;
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (!isIn) return;
        isIn = false;
        if (--this.#pages > 0) return;
        cores().delete(registry);
        this.findings[Symbol.dispose]();
        this.history[Symbol.dispose]();
      },
    };
  }
}

function cores(): WeakMap<Source, Core> {
  return processWide(KEY, () => new WeakMap<Source, Core>());
}

/** Returns the core of a registry; the first page over it begins its history. */
export function coreOf(
  parts: PageParts,
  redaction: Redaction,
  maxBytes: number,
): Core {
  const { registry } = parts;
  let core = cores().get(registry);
  if (core === undefined) {
    core = new Core(parts, redaction, maxBytes);
    cores().set(registry, core);
  }
  return core;
}

/** Returns how readers see traces. */
export function viewOf(
  history: KeptHistory,
  { span }: Redaction,
  { service, tracer }: Pick<PageParts, "service" | "tracer">,
): TraceView {
  return {
    redact: span,
    service: service ?? tracer?.origin.name,
    get requests() {
      return history.role("requests") ?? null;
    },
    get calls() {
      return history.role("calls") ?? null;
    },
  };
}
