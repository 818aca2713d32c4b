/** The exports of runtime/ for other folders of src/, beside its public door. */
export { defaultMetrics, type RuntimeDefaults } from "./default_metrics.ts";
