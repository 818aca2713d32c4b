/** What other folders of src/ take from http/, beside its public door. */
export { refusal } from "./access.ts";
export { plain } from "./plain.ts";
