/** The exports of fleet/ for other folders of src/, beside its public door. */
export { FLEET_OPTIONS } from "./options.ts";
