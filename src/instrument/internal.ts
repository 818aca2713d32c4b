/** Names that the other folders of src/ use beside the public door. */
export { checkHandler, recorded } from "./fetch_handler.ts";
export { HANDLER_OPTIONS } from "./handler_options.ts";
export { FETCH_OPTIONS } from "./outgoing_fetch.ts";
export { RequestRecorder } from "./request_in_flight.ts";
export { requestBeginner, RequestsInFlight } from "./request_observer.ts";
