/** Prints what this process tells of itself. */
import { createRegistry } from "../../src/metrics/mod.ts";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";

const registry = createRegistry({ selfMetrics: false });
registry.add(runtimeMetrics()); // its timer keeps nobody alive
console.log(new TextDecoder().decode(expose(registry, prometheusText)));
