import { buildProgram, runProgram } from "./program";

void runProgram(buildProgram(process.env), process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
