#!/usr/bin/env node
// What forge calls as "solc": the compiler that is an npm package, which speaks standard JSON as the native one does.
import fs from "node:fs";
import solc from "solc";

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace("Emscripten.clang", "Linux.g++")}`);
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
}
