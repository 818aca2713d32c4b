/** The variables of the exporters; each signal can override them. */
import type { Variables } from "./variables.ts";

/** The kinds of telemetry that are exported. */
export type Signal = "spans" | "metrics" | "logs";

/** The exporters that a variable such as `OTEL_TRACES_EXPORTER` lists. */
export type ExporterName = "otlp" | "prometheus" | "console" | "none";

/** The purposes of PEM files: authorities of servers, and the own identity. */
export type Certificate = "ca" | "cert" | "key";

/** A variable with the path of a file. */
export interface FileVariable {
  readonly name: string;
  readonly path: string;
}

/** Settings of the export of one signal. All times are seconds. */
export interface SignalSettings {
  /** The exporters, if a variable lists any. */
  readonly exporters: readonly ExporterName[] | undefined;
  /** The address of the collector; as a `URL`, it is used as it is. */
  readonly endpoint: string | URL | undefined;
  /** Whether the variables demand gRPC, which this module does not support. */
  readonly isGrpc: boolean;
  readonly protocol: "protobuf" | "json" | undefined;
  /** May be secret. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The PEM files of certificates, by their purpose. */
  readonly files: Readonly<Record<Certificate, FileVariable | undefined>>;
  readonly compress: boolean | undefined;
  readonly timeout: number | undefined;
  readonly interval: number | undefined;
  readonly capacity: number | undefined;
  readonly batch: number | undefined;
}

/** Names of a signal in variables. */
interface SignalNames {
  /** The part of the names that stands for the signal. */
  readonly name: "TRACES" | "METRICS" | "LOGS";
  readonly exporters: Readonly<Partial<Record<ExporterName, ExporterName>>>;
  readonly interval: string;
  readonly exportTimeout: string;
  readonly capacity?: string;
  readonly batch?: string;
}

const EXPORTERS = { otlp: "otlp", console: "console", none: "none" } as const;

/** The metrics are printed by no exporter: `/metrics` shows them. */
const METRIC_EXPORTERS = {
  otlp: "otlp",
  prometheus: "prometheus",
  none: "none",
} as const;

const SIGNALS: Readonly<Record<Signal, SignalNames>> = {
  spans: {
    name: "TRACES",
    exporters: EXPORTERS,
    interval: "OTEL_BSP_SCHEDULE_DELAY",
    exportTimeout: "OTEL_BSP_EXPORT_TIMEOUT",
    capacity: "OTEL_BSP_MAX_QUEUE_SIZE",
    batch: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
  },
  metrics: {
    name: "METRICS",
    exporters: METRIC_EXPORTERS,
    interval: "OTEL_METRIC_EXPORT_INTERVAL",
    exportTimeout: "OTEL_METRIC_EXPORT_TIMEOUT",
  },
  logs: {
    name: "LOGS",
    exporters: EXPORTERS,
    interval: "OTEL_BLRP_SCHEDULE_DELAY",
    exportTimeout: "OTEL_BLRP_EXPORT_TIMEOUT",
    capacity: "OTEL_BLRP_MAX_QUEUE_SIZE",
    batch: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
  },
};

const PROTOCOLS = {
  "http/protobuf": "protobuf",
  "http/json": "json",
} as const;

/** Returns the settings of a signal. */
export function signalIn(
  variables: Variables,
  signal: Signal,
): SignalSettings {
  const names = SIGNALS[signal];
  /** Reads the variable of the signal or, without one, that of all signals. */
  const either = <T>(
    ending: string,
    read: (name: string) => T | undefined,
  ): T | undefined =>
    read(`OTEL_EXPORTER_OTLP_${names.name}_${ending}`) ??
      read(`OTEL_EXPORTER_OTLP_${ending}`);
  const protocol = either("PROTOCOL", (name) => {
    if (variables.text(name)?.toLowerCase() !== "grpc") {
      return variables.oneOf(name, PROTOCOLS);
    }
    variables.complain(
      name,
      'is "grpc", which is not supported; give http/protobuf, and the port ' +
        "of the collector for it, such as 4318",
    );
    return "grpc";
  });
  const file = (ending: string) =>
    either(ending, (name): FileVariable | undefined => {
      const path = variables.text(name);
      return path === undefined ? undefined : { name, path };
    });
  const size = (name: string | undefined) =>
    name === undefined ? undefined : variables.whole(name, 1, MAX_ITEMS);
  return {
    exporters: variables.list(`OTEL_${names.name}_EXPORTER`, names.exporters),
    endpoint: exactEndpointIn(
      variables,
      `OTEL_EXPORTER_OTLP_${names.name}_ENDPOINT`,
    ) ?? baseEndpointIn(variables, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    isGrpc: protocol === "grpc",
    protocol: protocol === "grpc" ? undefined : protocol,
    headers: either(
      "HEADERS",
      (name) => variables.pairs(name, isHeader, false),
    ),
    files: {
      ca: file("CERTIFICATE"),
      cert: file("CLIENT_CERTIFICATE"),
      key: file("CLIENT_KEY"),
    },
    compress: either(
      "COMPRESSION",
      (name) => variables.oneOf(name, { gzip: true, none: false }),
    ),
    timeout: timeoutIn(
      either("TIMEOUT", (name) => variables.timeout(name)),
      variables.timeout(names.exportTimeout),
    ),
    interval: variables.delay(names.interval),
    capacity: size(names.capacity),
    batch: size(names.batch),
  };
}

/** Returns an address to which no path is appended. */
function exactEndpointIn(variables: Variables, name: string): URL | undefined {
  const text = variables.text(name);
  if (text === undefined) return undefined;
  const url = urlIn(text);
  if (url === undefined) variables.complain(name, WRONG_ENDPOINT);
  return url;
}

/** Returns an address, which may lack the scheme. */
function baseEndpointIn(
  variables: Variables,
  name: string,
): string | undefined {
  const text = variables.text(name);
  if (text === undefined) return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\//i.test(text);
  if (urlIn(hasScheme ? text : `http://${text}`) !== undefined) return text;
  variables.complain(name, WRONG_ENDPOINT);
  return undefined;
}

/** Does not show the address, which may have a password in it. */
const WRONG_ENDPOINT = "is not the address of a collector; give one with " +
  "http:// or https://, and without user name and password, such as " +
  '"http://localhost:4318"';

function urlIn(text: string): URL | undefined {
  // `URL` would drop line feeds and tabs.
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  return url.username === "" && url.password === "" ? url : undefined;
}

/** The maximum size of a queue and of a batch. */
const MAX_ITEMS = 2 ** 20;

/** Returns whether a header can be sent. Source: RFC 9110, section 5. */
function isHeader(name: string, value: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
    /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** Seconds that a request may take by default. */
const DEFAULT_TIMEOUT = 10;

/** Returns the limit of a request, which is part of an export. */
function timeoutIn(
  request: number | undefined,
  all: number | undefined,
): number | undefined {
  return all === undefined
    ? request
    : Math.min(request ?? DEFAULT_TIMEOUT, all);
}
