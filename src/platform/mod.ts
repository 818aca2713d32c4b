/** Floor 0: the only place that knows which runtime it is on. */
export {
  type ContextStore,
  contextStore,
  synchronousStore,
} from "./context.ts";
