/** The version of this module, as in its manifests. */
export const VERSION = "0.2.0";
