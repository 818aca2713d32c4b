/** The runtime metrics that telemetries expose by default, once a registry. */
import { ofType, type OptionRule, processWide } from "../base/internal.ts";
import { addSource, scopeIn } from "../metrics/internal.ts";
import { defaultMetrics, type RuntimeDefaults } from "../runtime/internal.ts";
import type { RuntimeOptions } from "../runtime/mod.ts";

/** The rule of the option `runtime`; `runtimeMetrics` checks the options. */
export const RUNTIME: OptionRule<boolean | RuntimeOptions> =
  /* @__PURE__ */ ofType<boolean | RuntimeOptions>(
    ["boolean", "object"],
    'false, or options, such as { build: { revision: "4bf92f3" } }',
    true,
  );

/** The runtime metrics that all telemetries of a registry share. */
interface Shared {
  /** The number of telemetries. */
  users: number;
  /** Removes the metrics, and ends what measures them. */
  end: () => void;
}

const KEY = Symbol.for("barograph.runtime.1");

/**
 * Exposes the runtime metrics in `registry` until the results of all calls for it
 * are disposed. The options and facts of the last call that has any apply.
 * Families which the program declares or adds itself are left to it. Does nothing
 * in a registry that is not of this module, such as `noopRegistry`.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function exposeRuntime(
  registry: object,
  option: true | RuntimeOptions,
  defaults: RuntimeDefaults,
): Disposable {
  const families = scopeIn(registry)?.families;
  if (families === undefined) return { [Symbol.dispose]: () => {} };
  const all = processWide(KEY, () => new WeakMap<object, Shared>());
  const known = all.get(families);
  const shared = known ?? { users: 0, end: () => {} };
  const isGiven = option !== true || defaults.names !== "prometheus" ||
    Object.keys(defaults.facts).length > 0;
  if (known === undefined || isGiven) {
    const metrics = defaultMetrics(option === true ? {} : option, defaults);
    shared.end();
    const added = addSource(families, metrics);
    shared.end = () => {
      added[Symbol.dispose]();
      metrics[Symbol.dispose]();
    };
  }
  all.set(families, shared);
  shared.users++;
  let isDisposed = false;
  return {
    [Symbol.dispose](): void {
      if (isDisposed) return;
      isDisposed = true;
      if (--shared.users > 0) return;
      all.delete(families);
      shared.end();
    },
  };
}
