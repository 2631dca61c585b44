// Mutants of the contracts, made by rule: each is the source with one small change that a tired hand could make. mutate.mjs
// compiles them, and "kscope audit" asks which of them its rules and models find. The rules:
//
//   a check, another branch or a modifier is left out; a condition is not asked
//   < becomes <= and >, and so on; == becomes !=; && becomes ||; ! goes; a choice is always made the same way
//   + becomes -, * becomes /, a division rounds up; a number is one more; true is false; a text is another
//   an assignment is left out; a caller, payer, payee... is another address of the same struct or call
//   money is sent before what comes before it, without a guard
//
// Events, the arguments of errors and assembly are left as they are.

const opposite = { "<": ["<=", ">"], "<=": ["<", ">="], ">": [">=", "<"], ">=": [">", "<="], "==": ["!="], "!=": ["=="],
  "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "%": ["/"], "+=": ["-="], "-=": ["+="], "++": ["--"], "--": ["++"] };
const isAddress = (e) => /^address/.test(e?.typeDescriptions?.typeString ?? "");
const sends = /^(if \([^()]*\) )?(Address\.sendValue|TOKEN\.safeTransfer\(|_refund\(|\(bool ok,\) = )/;

// mutants lists what becomes of a contract's source, a Buffer, whose syntax tree the compiler has given:
// {line, what, text}.
export function mutants(tree, source) {
  const all = [];
  const span = (node) => {
    const [start, length] = node.src.split(":").map(Number);
    return [start, start + length];
  };
  const words = (node) => source.subarray(...span(node)).toString();
  const brief = (text) => text.replace(/\s+/g, " ").trim();
  const add = (at, what, ...changes) => {
    let text = source;
    for (const [[from, to], by] of changes.sort(([[a]], [[b]]) => b - a)) {
      text = Buffer.concat([text.subarray(0, from), Buffer.from(by), text.subarray(to)]);
    }
    const line = source.subarray(0, span(at)[0]).toString().split("\n").length;
    all.push({ line, what: brief(what), text: text.toString() });
  };
  const lines = source.toString().split("\n");
  const become = (node, by) => {
    const line = lines[source.subarray(0, span(node)[0]).toString().split("\n").length - 1];
    add(node, `${words(node)} -> ${by}${words(node).length < 12 ? ` in: ${brief(line)}` : ""}`, [span(node), by]);
  };
  const whole = (node) => {
    const [from, to] = span(node);
    return [from, source[to] === 0x3b ? to + 1 : to]; // with its semicolon
  };
  const leave = (node, where = "") => add(node, `without: ${words(node)}${where}`, [whole(node), ""]);

  const swapOperator = (node) => {
    const [a, b] = [words(node.leftExpression), words(node.rightExpression)];
    for (const o of opposite[node.operator] ?? []) become(node, `${a} ${o} ${b}`);
    if (node.operator === "/") become(node, `(${a} + ${b} - 1) / ${b}`);
  };
  const literal = (node) => {
    if (node.kind === "bool") become(node, node.value === "true" ? "false" : "true");
    if (node.kind === "string" && node.value !== "") become(node, `"${node.value}."`);
    if (node.kind !== "number" || /^address/.test(node.typeDescriptions.typeString)) return;
    const more = (BigInt(node.value.replaceAll("_", "")) + 1n).toString(16);
    become(node, node.value.startsWith("0x") ? `0x${more.padStart(node.value.length - 2, "0")}` : String(BigInt(`0x${more}`)));
  };
  // addresses of a struct, by the struct's identifier
  const structs = {};
  const collect = (node) => {
    if (node.nodeType === "StructDefinition") structs[node.id] = node.members.filter(isAddress).map((m) => m.name);
  };
  const otherAddress = (node) => {
    if (!isAddress(node)) return;
    if (node.memberName === "sender" && words(node) === "msg.sender") return become(node, "address(this)");
    const members = Object.values(structs).find((names) => names.includes(node.memberName) && names.length > 1);
    if (!members || !/^(c|p|d|t|a)\./.test(words(node))) return;
    for (const m of members) if (m !== node.memberName) become(node, words(node).replace(/\w+$/, m));
  };
  const swapArguments = (node) => {
    const args = node.arguments;
    for (let i = 0; i + 1 < args.length; i++) {
      if (!isAddress(args[i]) || !isAddress(args[i + 1])) continue;
      const [a, b] = [words(args[i]), words(args[i + 1])];
      add(node, `${a}, ${b} -> ${b}, ${a}`, [span(args[i]), b], [span(args[i + 1]), a]);
    }
  };
  const guards = [...source.toString().matchAll(/^(.* )nonReentrant/gm)].map((m) => [m.index + m[1].length, m.index + m[0].length]);
  const sendFirst = (block) => {
    block.statements.forEach((s, i) => {
      if (i === 0 || !sends.test(words(s))) return;
      let k = i; // what comes before and changes something
      while (k > 0 && /^(Expression|Emit)Statement$/.test(block.statements[k - 1].nodeType)) k--;
      if (k === i) return;
      const before = span(block.statements[k])[0];
      add(s, `sent first, no guard: ${words(s)}`, [whole(s), ""], [[before, before], source.subarray(...whole(s)) + "\n"], ...guards.map((g) => [g, ""]));
    });
  };

  const visit = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(visit);
    switch (node.nodeType) {
      case "EmitStatement": case "InlineAssembly": case "ImportDirective": case "EventDefinition": case "ErrorDefinition": case "StructDefinition": case "EnumDefinition":
        return;
      case "RevertStatement":
        return leave(node);
      case "IfStatement": {
        if (node.trueBody.nodeType === "EmitStatement") return;
        leave(node);
        const stops = /^revert |^\{\s*revert /.test(words(node.trueBody));
        if (!stops && !node.falseBody) add(node, `always: ${words(node)}`, [whole(node), source.subarray(...whole(node.trueBody))]);
        visit(node.condition);
        if (!stops) visit(node.trueBody);
        return visit(node.falseBody);
      }
      case "FunctionDefinition":
        for (const m of node.modifiers) if (m.kind === "modifierInvocation") leave(m, ` of ${node.name}`);
        break;
      case "Block":
        sendFirst(node);
        break;
      case "BinaryOperation":
        swapOperator(node);
        break;
      case "UnaryOperation":
        if (node.operator === "!") become(node, words(node.subExpression));
        else if (opposite[node.operator]) become(node, words(node).replace(node.operator, opposite[node.operator][0]));
        break;
      case "Assignment":
        for (const o of opposite[node.operator] ?? []) become(node, `${words(node.leftHandSide)} ${o} ${words(node.rightHandSide)}`);
        break;
      case "ExpressionStatement":
        if (node.expression.nodeType !== "FunctionCall") leave(node);
        break;
      case "Conditional":
        become(node, words(node.trueExpression));
        become(node, words(node.falseExpression));
        break;
      case "Literal":
        literal(node);
        break;
      case "MemberAccess":
        otherAddress(node);
        break;
      case "FunctionCall":
        swapArguments(node);
        break;
    }
    for (const [key, child] of Object.entries(node)) if (key !== "typeDescriptions") visit(child);
  };
  const gather = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(gather);
    collect(node);
    Object.values(node).forEach(gather);
  };
  gather(tree);
  visit(tree.nodes);
  return all;
}
