/** What other folders of src/ take from trace/, beside its public door. */
export { during, isolated } from "./active.ts";
export { errorMessage, errorType } from "./attributes.ts";
export { foreignContext } from "./foreign.ts";
export { checkedTraceState } from "./traceparent.ts";
