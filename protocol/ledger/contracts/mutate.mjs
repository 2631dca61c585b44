// Compiles the mutants of test/mutants.mjs into build/mutants.json.gz, which the Go package here embeds.
//
//   node mutate.mjs           compiles those of contracts that have changed; a minute each
//   node mutate.mjs --check   makes all mutants again, compiles one in 16, and compares with what is committed
//
// A mutant that does not compile is none. One that gives the bytecode of the contract, or of a mutant before it, cannot
// be told apart and is only counted.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { list, read, root, sha256, solidity } from "./compiler.mjs";
import { mutants } from "./test/mutants.mjs";

const target = path.join(root, "build/mutants.json.gz");
const check = process.argv[2] === "--check";
const kept = fs.existsSync(target) ? JSON.parse(zlib.gunzipSync(fs.readFileSync(target))) : [];
const failures = ({ errors = [] }) => errors.filter((e) => e.severity === "error");

// bytecodes compiles texts by name, each with the contract of that file; what does not compile is left out.
function bytecodes(texts, contract) {
  const names = Object.keys(texts);
  const output = solidity(texts, Object.fromEntries(names.map((name) => [name, { [contract]: ["evm.bytecode.object"] }])));
  const bad = new Set(failures(output).map((e) => e.sourceLocation?.file));
  if (bad.size === 0) return Object.fromEntries(names.map((name) => [name, output.contracts[name][contract].evm.bytecode.object]));
  const good = names.filter((name) => !bad.has(name));
  if (good.length < names.length) return bytecodes(Object.fromEntries(good.map((name) => [name, texts[name]])), contract);
  if (names.length === 1) return {}; // the stack is too deep, and the compiler does not say where
  return Object.assign({}, ...names.map((name) => bytecodes({ [name]: texts[name] }, contract)));
}

// of makes the mutants of one contract: {of, source, same, twice, all: [{line, what, bytecode}]}.
function of(file) {
  const contract = path.basename(file, ".sol");
  const source = Buffer.from(read(file));
  const id = sha256(source + read("test/mutants.mjs"));
  const before = kept.find((m) => m.of === contract);
  if (before?.source === id && !check) return before;
  const tree = solidity({ [file]: source.toString() }, { "*": { "": ["ast"] } }).sources[file].ast;
  const made = mutants(tree, source).map((m, i) => ({ ...m, name: `mutant/${i}.sol` })).filter((_, i) => !check || i % 16 === 0);
  const own = bytecodes({ [file]: source.toString() }, contract)[file];
  const sum = { of: contract, source: id, same: 0, twice: 0, all: [] };
  const seen = new Set();
  for (let i = 0; i < made.length; i += 16) {
    const codes = bytecodes(Object.fromEntries(made.slice(i, i + 16).map((m) => [m.name, m.text])), contract);
    for (const { name, line, what } of made.slice(i, i + 16)) {
      const bytecode = codes[name];
      if (bytecode === undefined) continue;
      if (bytecode === own) sum.same++;
      else if (seen.has(bytecode)) sum.twice++;
      else sum.all.push({ line, what, bytecode });
      seen.add(bytecode);
    }
  }
  return sum;
}

const made = [];
for (const file of list("src", ".sol")) {
  made.push(of(file));
  const { of: name, all, same, twice } = made.at(-1);
  console.log(`${name}: ${all.length} mutants, ${same} like the contract, ${twice} like another`);
  if (!check) fs.writeFileSync(target, zlib.gzipSync(JSON.stringify([...made, ...kept.filter((k) => !made.some((m) => m.of === k.of))]), { level: 9 }));
}
if (check) {
  const bad = made.flatMap((m) => {
    const k = kept.find((k) => k.of === m.of);
    if (k?.source !== m.source) return [`${m.of} has changed`];
    return m.all.filter((a) => !k.all.some((b) => b.bytecode === a.bytecode)).map((a) => `${m.of}.sol:${a.line} ${a.what}`);
  });
  if (bad.length > 0) {
    console.error(`mutants differ from what the sources give:\n${bad.join("\n")}\nrun: node mutate.mjs`);
    process.exit(1);
  }
}
