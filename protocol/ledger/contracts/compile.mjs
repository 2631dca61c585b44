// Compiles src/, test/ and the broken twins of test/twins.mjs into build/, the artefacts that the Go package here embeds,
// and writes SHA256SUMS.
//
//   node compile.mjs           writes build/ and SHA256SUMS
//   node compile.mjs --check   compiles into a temporary folder and compares byte for byte with what is committed
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { list, read, root, sha256, solidity, version } from "./compiler.mjs";
import { twin, twins } from "./test/twins.mjs";

// compile returns the artefacts of sources by name: {"build/Split.json": "..."}.
function compile(sources) {
  const texts = Object.fromEntries(sources.map((name) => [name, read(name)]));
  for (const name of Object.keys(twins)) texts[`twin/${name}.sol`] = twin(name, read);
  const output = solidity(texts, { "*": { "*": ["abi", "evm.bytecode.object", "userdoc"] } });
  // A warning about our own sources is an error; what a flaw leaves unused is not.
  const complaints = (output.errors ?? []).filter((e) => e.severity === "error" || !/^(@|twin\/)/.test(e.sourceLocation?.file));
  if (complaints.length > 0) throw new Error(complaints.map((e) => e.formattedMessage).join("\n"));

  const artefacts = {};
  for (const source of sources) {
    const folder = source.startsWith("test/") ? "build/test" : "build";
    for (const [name, contract] of Object.entries(output.contracts[source])) {
      const bytecode = "0x" + contract.evm.bytecode.object;
      const artefact = { contract: name, source, abi: contract.abi, userdoc: contract.userdoc, bytecode };
      artefacts[`${folder}/${name}.json`] = JSON.stringify(artefact, null, 2) + "\n";
    }
  }
  for (const [name, [of, flaw]] of Object.entries(twins)) {
    const bytecode = "0x" + output.contracts[`twin/${name}.sol`][of].evm.bytecode.object;
    artefacts[`build/test/${name}.json`] = JSON.stringify({ twin: name, of, flaw, bytecode }, null, 2) + "\n";
  }
  return artefacts;
}

// write puts the artefacts and their sums below dir.
function write(dir, artefacts, inputs) {
  const sums = inputs.map((name) => [name, sha256(read(name))]);
  for (const [name, text] of Object.entries(artefacts)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
    sums.push([name, sha256(text)]);
  }
  sums.sort(([a], [b]) => (a < b ? -1 : 1));
  const head = `# solc ${version}\n`;
  fs.writeFileSync(path.join(dir, "SHA256SUMS"), head + sums.map(([name, sum]) => `${sum}  ${name}\n`).join(""));
}

// differences lists every file that is not the same in dir and in what is committed.
function differences(dir, names) {
  const bytes = (base, name) => (fs.existsSync(path.join(base, name)) ? fs.readFileSync(path.join(base, name)) : Buffer.from("missing"));
  const bad = names.filter((name) => !bytes(dir, name).equals(bytes(root, name)));
  const committed = [...list("build", ".json"), ...list("build/test", ".json")];
  return [...bad, ...committed.filter((name) => !names.includes(name))];
}

const sources = [...list("src", ".sol"), ...list("test", ".sol")];
const artefacts = compile(sources);
const inputs = ["compile.mjs", "compiler.mjs", "mutate.mjs", "test/mutants.mjs", "package.json", "package-lock.json", "test/twins.mjs", ...sources];
if (process.argv[2] === "--check") {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "contracts-"));
  write(dir, artefacts, inputs);
  const bad = differences(dir, [...Object.keys(artefacts), "SHA256SUMS"]);
  fs.rmSync(dir, { recursive: true });
  if (bad.length > 0) {
    console.error(`differ from what the sources give: ${bad.join(", ")}\nrun: node compile.mjs`);
    process.exit(1);
  }
  console.log(`${Object.keys(artefacts).length} artefacts are what solc ${version} gives`);
} else {
  for (const name of [...list("build", ".json"), ...list("build/test", ".json")]) fs.rmSync(path.join(root, name));
  write(root, artefacts, inputs);
  for (const [name, text] of Object.entries(artefacts)) {
    if (!name.startsWith("build/test/")) console.log(`${name}: ${(JSON.parse(text).bytecode.length - 2) / 2} bytes`);
  }
}
