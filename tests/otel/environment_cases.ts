/** Values of environment variables, and their effects. */
import {
  b3,
  b3multi,
  w3cBaggage,
  w3cTraceContext,
} from "../../src/trace/mod.ts";

/** Variables by name. */
export type Values = Readonly<Record<string, string>>;

/** The prefix of the variables of all exporters. */
export const BASE = "OTEL_EXPORTER_OTLP";

/** Values of variables, a setting, and the value of the setting. */
export const LEGAL:
  readonly (readonly [Values, setting: string, value: unknown])[] = [
    [{ OTEL_SDK_DISABLED: "true" }, "isDisabled", true],
    [{ OTEL_SDK_DISABLED: " TRUE " }, "isDisabled", true],
    [{ OTEL_SDK_DISABLED: "false" }, "isDisabled", false],
    [{ OTEL_SDK_DISABLED: "" }, "isDisabled", false],
    [{ OTEL_SERVICE_NAME: " shop " }, "service", "shop"],
    [{ OTEL_SERVICE_NAME: " " }, "service", undefined],
    [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=shop" }, "service", "shop"],
    [
      { OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "b" },
      "service",
      "b",
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: "service.version=1" }, "version", "1"],
    [
      {
        OTEL_RESOURCE_ATTRIBUTES:
          "service.name=a, deployment.environment.name = pr%C3%B6d ,a%3Db=1%2C2%3D,c=,a.b=x=y,",
      },
      "resource",
      {
        "deployment.environment.name": "pröd",
        "a=b": "1,2=",
        "c": "",
        "a.b": "x=y",
      },
    ],
    [{ OTEL_PROPAGATORS: "baggage,tracecontext" }, "propagators", undefined],
    [{ OTEL_PROPAGATORS: "none" }, "propagators", []],
    [
      { OTEL_PROPAGATORS: "B3,b3multi, tracecontext,baggage,b3" },
      "propagators",
      [b3, b3multi, w3cTraceContext, w3cBaggage],
    ],
    [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "7" }, "limits.attributes", 7],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: "8" }, "limits.attributes", 8],
    [
      { OTEL_ATTRIBUTE_COUNT_LIMIT: "8", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "0" },
      "limits.attributes",
      0,
    ],
    [
      { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "100" },
      "limits.valueLength",
      100,
    ],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "99" }, "limits.valueLength", 99],
    [{ OTEL_SPAN_EVENT_COUNT_LIMIT: "3" }, "limits.events", 3],
    [{ OTEL_SPAN_LINK_COUNT_LIMIT: "4" }, "limits.links", 4],
    ...(["cumulative", "delta", "lowmemory"] as const).map((word) =>
      [
        {
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: word.toUpperCase(),
        },
        "temporality",
        word === "cumulative" ? "cumulative" : "delta",
      ] as const
    ),
    ...([true, false] as const).map((isNative) =>
      [
        {
          OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: isNative
            ? "base2_exponential_bucket_histogram"
            : "explicit_bucket_histogram",
        },
        "isNative",
        isNative,
      ] as const
    ),
    [{ OTEL_METRICS_EXEMPLAR_FILTER: "always_off" }, "hasExemplars", false],
    [{ OTEL_METRICS_EXEMPLAR_FILTER: "trace_based" }, "hasExemplars", true],
    [{}, "hasExemplars", true],
    [
      { OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: "GET, purge,," },
      "knownMethods",
      ["GET", "purge"],
    ],
    [{ OTEL_TRACES_EXPORTER: "none" }, "signals.spans.exporters", ["none"]],
    [
      { OTEL_TRACES_EXPORTER: "OTLP, console,otlp" },
      "signals.spans.exporters",
      ["otlp", "console"],
    ],
    [
      { OTEL_METRICS_EXPORTER: "prometheus" },
      "signals.metrics.exporters",
      ["prometheus"],
    ],
    [{ OTEL_LOGS_EXPORTER: "otlp" }, "signals.logs.exporters", ["otlp"]],
    [
      { [`${BASE}_ENDPOINT`]: "http://c:1/x" },
      "signals.logs.endpoint",
      "http://c:1/x",
    ],
    [{ [`${BASE}_ENDPOINT`]: "c:4318" }, "signals.logs.endpoint", "c:4318"],
    [
      {
        [`${BASE}_ENDPOINT`]: "http://c",
        [`${BASE}_LOGS_ENDPOINT`]: "https://l",
      },
      "signals.logs.endpoint",
      "https://l/",
    ],
    [
      {
        [`${BASE}_ENDPOINT`]: "http://c",
        [`${BASE}_LOGS_ENDPOINT`]: "https://l",
      },
      "signals.spans.endpoint",
      "http://c",
    ],
    [
      { [`${BASE}_HEADERS`]: "a=1,Authorization=Basic%20eA==" },
      "signals.metrics.headers",
      { a: "1", Authorization: "Basic eA==" },
    ],
    [
      { [`${BASE}_HEADERS`]: "a=1", [`${BASE}_METRICS_HEADERS`]: "b=2;c" },
      "signals.metrics.headers",
      { b: "2;c" },
    ],
    [
      {
        [`${BASE}_CERTIFICATE`]: "a.pem",
        [`${BASE}_LOGS_CERTIFICATE`]: "b.pem",
      },
      "signals.logs.files.ca",
      { name: `${BASE}_LOGS_CERTIFICATE`, path: "b.pem" },
    ],
    [
      { [`${BASE}_CLIENT_KEY`]: "/k.pem" },
      "signals.spans.files.key",
      { name: `${BASE}_CLIENT_KEY`, path: "/k.pem" },
    ],
    [
      { [`${BASE}_CLIENT_CERTIFICATE`]: "/c.pem" },
      "signals.metrics.files.cert.path",
      "/c.pem",
    ],
    [{ [`${BASE}_COMPRESSION`]: "gzip" }, "signals.spans.compress", true],
    [{ [`${BASE}_COMPRESSION`]: "none" }, "signals.spans.compress", false],
    [
      {
        [`${BASE}_COMPRESSION`]: "none",
        [`${BASE}_TRACES_COMPRESSION`]: "gzip",
      },
      "signals.spans.compress",
      true,
    ],
    [{ [`${BASE}_TIMEOUT`]: "1500" }, "signals.logs.timeout", 1.5],
    [{ [`${BASE}_TIMEOUT`]: "0" }, "signals.logs.timeout", 86_400],
    [
      { [`${BASE}_TIMEOUT`]: "1500", [`${BASE}_LOGS_TIMEOUT`]: "10" },
      "signals.logs.timeout",
      0.01,
    ],
    [
      { [`${BASE}_TIMEOUT`]: "1500", OTEL_BLRP_EXPORT_TIMEOUT: "1000" },
      "signals.logs.timeout",
      1,
    ],
    [{ OTEL_BSP_EXPORT_TIMEOUT: "30000" }, "signals.spans.timeout", 10],
    [{ OTEL_BSP_EXPORT_TIMEOUT: "2000" }, "signals.spans.timeout", 2],
    [{ OTEL_METRIC_EXPORT_TIMEOUT: "3000" }, "signals.metrics.timeout", 3],
    [{ [`${BASE}_PROTOCOL`]: "http/json" }, "signals.spans.protocol", "json"],
    [
      { [`${BASE}_PROTOCOL`]: "http/protobuf" },
      "signals.spans.protocol",
      "protobuf",
    ],
    [
      {
        [`${BASE}_PROTOCOL`]: "grpc",
        [`${BASE}_TRACES_PROTOCOL`]: "http/json",
      },
      "signals.spans.isGrpc",
      false,
    ],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "15000" }, "signals.metrics.interval", 15],
    [{ OTEL_BSP_SCHEDULE_DELAY: "0" }, "signals.spans.interval", 0.001],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: "10" }, "signals.spans.capacity", 10],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "5" }, "signals.spans.batch", 5],
    [{ OTEL_BLRP_SCHEDULE_DELAY: "1000" }, "signals.logs.interval", 1],
    [{ OTEL_BLRP_MAX_QUEUE_SIZE: "10" }, "signals.logs.capacity", 10],
    [{ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: "5" }, "signals.logs.batch", 5],
    [
      { [`${BASE}_TRACES_ENDPOINT`]: "http://t:1/in" },
      "signals.spans.endpoint",
      "http://t:1/in",
    ],
    [
      { [`${BASE}_METRICS_ENDPOINT`]: "http://m:1/in?a=b" },
      "signals.metrics.endpoint",
      "http://m:1/in?a=b",
    ],
    [
      { OTEL_BSP_MAX_QUEUE_SIZE: "1048576" },
      "signals.spans.capacity",
      1_048_576,
    ],
  ];

/** Values that are reported, and the words of the report. */
export const WRONG: readonly (readonly [Values, RegExp])[] = [
  [
    { OTEL_SDK_DISABLED: "1" },
    /^OTEL_SDK_DISABLED has "1", .* give true, false$/,
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=1,b" }, /item 2 of 2, so all of it/],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=%GG" }, /item 1 of 1/],
  [
    { OTEL_TRACES_SAMPLER: "jaeger_remote" },
    /"jaeger_remote".* give always_on, /,
  ],
  [{ OTEL_TRACES_SAMPLER: "toString" }, /"toString".* give always_on, /],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" },
    /^OTEL_TRACES_SAMPLER_ARG is no share/,
  ],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "x" },
    /^OTEL_TRACES_SAMPLER_ARG is no share/,
  ],
  [
    { OTEL_TRACES_SAMPLER_ARG: "0.1" },
    /no effect without OTEL_TRACES_SAMPLER=parentbased_traceidratio /,
  ],
  [
    { OTEL_TRACES_SAMPLER: "always_on", OTEL_TRACES_SAMPLER_ARG: "0.1" },
    /^OTEL_TRACES_SAMPLER_ARG has no effect without/,
  ],
  [
    { OTEL_PROPAGATORS: "jaeger" },
    /"jaeger", which is not .* give tracecontext, baggage, b3, /,
  ],
  [
    { OTEL_PROPAGATORS: "jaeger,b3,xray" },
    /has "jaeger", "xray", which are not supported; give tracecontext, /,
  ],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, /"zipkin".* give otlp, console, none$/],
  [{ OTEL_TRACES_EXPORTER: "prometheus" }, /give otlp, console, none$/],
  [{ OTEL_METRICS_EXPORTER: "x" }, /give otlp, prometheus, none$/],
  [{ OTEL_METRICS_EXPORTER: "console" }, /give otlp, prometheus, none$/],
  [{ OTEL_LOGS_EXPORTER: "otlp,x" }, /"x"/],
  [{ [`${BASE}_ENDPOINT`]: "ftp://c" }, /_ENDPOINT is not the address of/],
  [{ [`${BASE}_ENDPOINT`]: "http://a:b@c" }, /without user name and password/],
  [{ [`${BASE}_TRACES_ENDPOINT`]: "c:4318/x" }, /_TRACES_ENDPOINT is not/],
  [{ [`${BASE}_HEADERS`]: "a b=1" }, /_HEADERS has a malformed item 1 of 1/],
  [{ [`${BASE}_HEADERS`]: "a=1%0A" }, /so that item is ignored/],
  [{ [`${BASE}_COMPRESSION`]: "zstd" }, /"zstd".* give gzip, none$/],
  [{ [`${BASE}_TIMEOUT`]: "-1" }, /"-1"; give a whole number from 0 to/],
  [{ [`${BASE}_TIMEOUT`]: "1.5" }, /"1.5"/],
  [{ [`${BASE}_TIMEOUT`]: "10s" }, /"10s"/],
  [{ [`${BASE}_PROTOCOL`]: "grpc" }, /grpc.* http\/protobuf, .* 4318$/],
  [
    { [`${BASE}_PROTOCOL`]: "http" },
    /"http".* give http\/protobuf, http\/json$/,
  ],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: "0" }, /from 1 to 1048576$/],
  [{ OTEL_METRICS_EXEMPLAR_FILTER: "always_on" }, /same as trace_based/],
  [{ OTEL_CONFIG_FILE: "otel.yaml" }, /^OTEL_CONFIG_FILE is not read/],
  [{ OTEL_EXPORTER_PROMETHEUS_PORT: "9464" }, /no server is started/],
  [{ OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0" }, /no server is started/],
  [{ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "1" }, /has no effect/],
  [{ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "1" }, /has no effect/],
  [{ OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: "1" }, /limits .* are fixed/],
  [{ OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: "1" }, /are fixed/],
];
