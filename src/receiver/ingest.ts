/**
 * Takes the metrics of a request: translates names, and puts each point into the
 * series that it belongs to. A point that cannot be taken is rejected alone.
 */
import { cutText, quoted } from "../base/internal.ts";
import type { MetricType, OtelTranslation } from "../model/mod.ts";
import {
  otelFamilyName,
  otelLabels,
  otelScopeLabels,
} from "../model/internal.ts";
import { attributesOf, type Origin, originOf } from "./attributes.ts";
import { newestOf } from "./exemplars.ts";
import { Labelling, MAX_PLANS, seriesLabels } from "./labelling.ts";
import type { Limits } from "./options.ts";
import {
  CUMULATIVE,
  DELTA,
  type Readable,
  readableOf,
} from "./readable_metric.ts";
import type { ReceivedFamily, Sender } from "./received_family.ts";
import { invalid, type Reason, Rejection } from "./rejection.ts";
import type { SeriesStore } from "./series_store.ts";
import type {
  AnyPoint,
  ExportRequest,
  NumberPoint,
  OtlpMetric,
  ScopeMetrics,
} from "./wire/messages.ts";

/** The maximum number of labels of a scope, and of a resource. */
const MAX_LABELS = 64;

/** The maximum number of resources of a request, whose points are taken. */
const MAX_RESOURCES = 1000;

/** The maximum number of scopes of a request, whose points are taken. */
const MAX_SCOPES = 1000;

/** The maximum number of points of a request, unless a sender has more series. */
const MAX_POINTS = 50_000;

/** The maximum number of metrics of a request: a new one takes 50 µs. */
const MAX_METRICS = 10_000;

/** The maximum length of a help text. */
const MAX_HELP = 1024;

/** The maximum number of different reasons that are reported to a sender. */
const MAX_WORDS = 5;

/** The maximum length of the text with all reasons. */
const MAX_MESSAGE = 1024;

/** Settings of `ingest`. */
export interface IngestOptions extends Limits {
  readonly translation: OtelTranslation;
  readonly scopes: boolean;
}

/** The outcome of a request. */
export interface Outcome {
  readonly accepted: number;
  /** Rejected points by reason. */
  readonly rejected: ReadonlyMap<Reason, number>;
  /** The reasons in one line for the sender; empty if nothing is rejected. */
  readonly words: string;
}

/** The sender of some metrics, and how their points are labelled. */
interface Place {
  readonly sender: Sender | Rejection;
  /** Returns the one for a type that writes a label itself; `""`: none. */
  readonly labelling: (own: "" | "le" | "quantile") => Labelling;
}

/** Takes all points of a request, which arrived at `now`, into `store`. */
export function ingest(
  store: SeriesStore,
  request: ExportRequest,
  options: IngestOptions,
  now: number,
): Outcome {
  return new Ingestion(store, options, now).take(request);
}

class Ingestion {
  readonly #store: SeriesStore;
  readonly #options: IngestOptions;
  readonly #now: number;
  readonly #rejected = new Map<Reason, number>();
  readonly #words = new Map<string, number>();
  /** Senders that this request has described. */
  readonly #informed = new Set<Sender>();
  readonly #budget = { plans: MAX_PLANS };
  #accepted = 0;
  #scopes = 0;
  #points = 0;
  #metrics = 0;

  constructor(store: SeriesStore, options: IngestOptions, now: number) {
    this.#store = store;
    this.#options = options;
    this.#now = now;
  }

  take({ resourceMetrics }: ExportRequest): Outcome {
    const { maxLabelLength } = this.#options;
    for (const [at, { resource, scopeMetrics }] of resourceMetrics.entries()) {
      const isBeyond = at >= MAX_RESOURCES;
      const attributes = isBeyond ? [] : resource?.attributes ?? [];
      const origin = originOf(attributes, maxLabelLength);
      const known = isBeyond
        ? new Rejection("limit", `over ${MAX_RESOURCES} resources at once`)
        : this.#store.sender(origin, this.#now);
      if (!(known instanceof Rejection)) this.#inform(known, origin);
      for (const scoped of scopeMetrics) {
        const sender = ++this.#scopes > MAX_SCOPES && !isBeyond
          ? new Rejection("limit", `over ${MAX_SCOPES} scopes at once`)
          : known;
        const place = { sender, labelling: this.#labellingsOf(origin, scoped) };
        for (const metric of scoped.metrics) this.#metric(metric, place);
      }
    }
    const words = [...this.#words].map(([text, count]) => `${text} (${count})`);
    return {
      accepted: this.#accepted,
      rejected: this.#rejected,
      words: cutText(words.join("; "), MAX_MESSAGE),
    };
  }

  /** Describes the sender in `target_info`, if it can be told apart. */
  #inform(sender: Sender, { labels, attributes }: Origin): void {
    if (labels.size === 0 || this.#informed.has(sender)) return;
    this.#informed.add(sender);
    const { translation } = this.#options;
    const read = attributes.slice(0, MAX_LABELS);
    const others = otelLabels(read, translation, new Set(labels.keys()));
    const all = new Map([...labels, ...others]);
    const family = this.#store.family(TARGET_INFO);
    this.#store.inform(family, sender, seriesLabels(all), this.#now);
  }

  /** Returns how the points of a scope are labelled, by their type. */
  #labellingsOf(origin: Origin, scoped: ScopeMetrics): Place["labelling"] {
    const { translation, maxLabelLength: maxLength } = this.#options;
    const known = new Map<string, Labelling>();
    return (own) => {
      let labelling = known.get(own);
      if (labelling === undefined) {
        const base = this.#baseOf(origin, scoped);
        const taken = new Set([...TAKEN, ...base.keys(), own]);
        const budget = this.#budget;
        const options = { base, taken, translation, maxLength, budget };
        known.set(own, labelling = new Labelling(options));
      }
      return labelling;
    };
  }

  /** Returns the labels of all series of a scope. */
  #baseOf(
    { labels }: Origin,
    { scope, schemaUrl = "" }: ScopeMetrics,
  ): ReadonlyMap<string, string> {
    const { scopes, translation, maxLabelLength } = this.#options;
    if (!scopes) return labels;
    const cut = (text: string): string => cutText(text, maxLabelLength);
    const given = (scope?.attributes ?? []).slice(0, MAX_LABELS);
    const attributes = attributesOf(given)
      .map(([key, text]) => [cut(key), cut(text)] as const);
    const { name = "", version = "" } = scope ?? {};
    const scoped = {
      name: cut(name),
      version: cut(version),
      schemaUrl: cut(schemaUrl),
      attributes,
    };
    return new Map([...labels, ...otelScopeLabels(scoped, translation)]);
  }

  #metric(metric: OtlpMetric, { sender, labelling: labellingOf }: Place): void {
    const readable = readableOf(metric);
    if (readable === undefined || readable.points.length === 0) return;
    const { name = "" } = metric;
    const { points } = readable;
    if (++this.#metrics > MAX_METRICS) {
      const words = `over ${MAX_METRICS} metrics at once`;
      this.#reject("the request", new Rejection("limit", words), points.length);
      return;
    }
    const subject = `metric ${quoted(name)}`;
    const family = sender instanceof Rejection
      ? sender
      : this.#familyOf(metric, readable);
    if (sender instanceof Rejection || family instanceof Rejection) {
      this.#reject(subject, family as Rejection, points.length);
      return;
    }
    const { type } = readable;
    const own = type === "histogram"
      ? "le"
      : type === "summary"
      ? "quantile"
      : "";
    const place = { family, sender, labelling: labellingOf(own) };
    const rejections = new Map<string, { one: Rejection; count: number }>();
    const max = Math.max(MAX_POINTS, this.#options.maxSeries);
    const taken = points.slice(0, max - this.#points);
    this.#points += taken.length;
    if (taken.length < points.length) {
      const beyond = new Rejection("limit", `over ${max} points at once`);
      this.#reject("the request", beyond, points.length - taken.length);
    }
    for (const point of taken) {
      const one = this.#point(point, readable, place);
      if (one === undefined) {
        this.#accepted++;
        continue;
      }
      const known = rejections.get(one.words);
      if (known === undefined) rejections.set(one.words, { one, count: 1 });
      else known.count++;
    }
    for (const { one, count } of rejections.values()) {
      this.#reject(subject, one, count);
    }
  }

  #familyOf(
    metric: OtlpMetric,
    { type, temporality }: Readable,
  ): ReceivedFamily | Rejection {
    const { name = "", description = "", unit = "", gauge } = metric;
    const { translation, maxLabelLength } = this.#options;
    if (name === "") return invalid("it has no name");
    if (name.length > maxLabelLength || unit.length > maxLabelLength) {
      return new Rejection("limit", "its name or unit is too long");
    }
    if (temporality !== DELTA && temporality !== CUMULATIVE) {
      return invalid("it is neither cumulative nor delta");
    }
    const isGauge = gauge !== undefined;
    const terms = otelFamilyName({ name, unit, type, isGauge }, translation);
    if (terms.name === TARGET_INFO.name) {
      return new Rejection("conflict", "the receiver writes it itself");
    }
    const help = cutText(description.trim().toWellFormed(), MAX_HELP) ||
      `Metric ${quoted(name)} of OpenTelemetry.`;
    return this.#store.family({ ...terms, type, help });
  }

  #point(
    point: AnyPoint,
    { type, temporality, read }: Readable,
    { family, sender, labelling }: {
      readonly family: ReceivedFamily;
      readonly sender: Sender;
      readonly labelling: Labelling;
    },
  ): Rejection | undefined {
    const labels = labelling.labelsOf(point.attributes);
    if (labels instanceof Rejection) return labels;
    if (type === "stateset" && !labels.names.includes(family.terms.name)) {
      return invalid("it has no state");
    }
    const { startTimeUnixNano = 0, timeUnixNano = 0, flags = 0 } = point;
    if (flags & NO_VALUE) return this.#store.end(family, labels, timeUnixNano);
    const value = read(point);
    if (value instanceof Rejection) return value;
    const given = {
      value,
      exemplar: type === "counter"
        ? newestOf((point as NumberPoint).exemplars)
        : undefined,
      isDelta: temporality === DELTA && ADDS.includes(type),
      start: startTimeUnixNano,
      time: timeUnixNano,
    };
    return this.#store.put(family, sender, labels, given, this.#now);
  }

  /** Counts rejected points, and notes the reason for the sender. */
  #reject(
    subject: string,
    { reason, words }: Rejection,
    count: number,
  ): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
    const text = `${subject}: ${words}`;
    const known = this.#words.get(text);
    if (known === undefined && this.#words.size >= MAX_WORDS) return;
    this.#words.set(text, (known ?? 0) + count);
  }
}

/** The flag of a point without a value. */
const NO_VALUE = 1;

/** The types whose differences are added up. */
const ADDS: readonly MetricType[] = [
  "counter",
  "gauge",
  "histogram",
  "unknown",
];

/** Labels that only the receiver writes. */
const TAKEN = [
  "job",
  "instance",
  "otel_scope_name",
  "otel_scope_version",
  "otel_scope_schema_url",
];

/** The family that describes each sender by the attributes of its resource. */
const TARGET_INFO = {
  name: "target_info",
  type: "info",
  help: "Attributes of the resource that sends the metrics.",
  unit: "",
} as const;
