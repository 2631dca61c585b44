// The compiler, its settings, and the sources: what compile.mjs and mutate.mjs share.
//
// The same sources give the same bytes on any machine: the compiler comes from the lock file, sources are read in sorted
// order under relative names, and no metadata is appended to the bytecode.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

export const root = path.dirname(fileURLToPath(import.meta.url));
export const version = solc.version();
export const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
export const read = (name) => fs.readFileSync(path.join(root, name), "utf8");
export const list = (dir, end) => fs.readdirSync(path.join(root, dir)).filter((f) => f.endsWith(end)).sort().map((f) => `${dir}/${f}`);

// solidity compiles texts by name and gives what is asked of them; imports come from node_modules.
export function solidity(texts, outputSelection) {
  const settings = {
    evmVersion: "prague",
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection,
  };
  const sources = Object.fromEntries(Object.entries(texts).map(([name, content]) => [name, { content }]));
  const find = (name) => {
    try {
      return { contents: read(path.join("node_modules", name)) };
    } catch (err) {
      return { error: String(err) };
    }
  };
  return JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", settings, sources }), { import: find }));
}
