/** The live page: the shell and the first view. */
import { startShell } from "./core/shell.ts";
import { overview } from "./views/overview/view.ts";

startShell(overview);
