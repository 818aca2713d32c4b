/** Names that other folders of src/ import from http/, beside its public door. */
export { methodResponse, refusal, textResponse } from "./guard.ts";
export { hostRefusal, HOSTS, isHostAllowed, isLoopback } from "./hosts.ts";
