/** Prints the runtime metrics of this process. */
import { createRegistry } from "../../src/metrics/mod.ts";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";

const registry = createRegistry({ selfMetrics: false });
registry.add(runtimeMetrics()); // its timer does not keep the process alive
console.log(new TextDecoder().decode(expose(registry, prometheusText)));
