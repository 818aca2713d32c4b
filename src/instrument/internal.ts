/** Names that the other folders of src/ use beside the public door. */
export { HANDLER_OPTIONS } from "./handler_options.ts";
export { FETCH_OPTIONS } from "./outgoing_fetch.ts";
