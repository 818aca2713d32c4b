/** Runs the program as the package does: not every Node has `import.meta.main`. */
import { runProgram } from "../../src/cli/program.ts";

runProgram();
