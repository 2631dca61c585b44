// The broken twins: each is a contract of src/ with one flaw, made by replacing text of its source. An attack proves
// something if it succeeds against the twin and fails against the contract. compile.mjs compiles them into build/test;
// a piece of text that does not occur exactly once is an error, so the twins follow their contracts.
//
// name: [contract, what is wrong, [text, what it becomes], ...]
//
// What is signed is bound to a chain and a contract by the domain of EIP-712 and by ids. anywhere makes of a contract the
// twins AnyChain and AnyContract, without the one and without the other: id is the text that makes its ids, if there are
// any, and struct what it hashes of what is signed.
function anywhere(of, what, struct, id) {
  const only = (kept) => [[`return _hashTypedDataV4(${struct});`, `return keccak256(abi.encode(${kept}, ${struct}));`],
    ...(id ? [[id, id.replace("block.chainid, address(this)", kept)]] : [])];
  return {
    [`${of}AnyChain`]: [of, `nothing binds ${what} to a chain`, ...only("address(this)")],
    [`${of}AnyContract`]: [of, `nothing binds ${what} to a contract`, ...only("block.chainid")],
  };
}

export const twins = {
  RegistryOneStep: ["Registry", "an offer hands the title over at once",
    ["offeredTo[contentId] = to;", "_transfer(msg.sender, to, contentId);"]],
  RegistryOpen: ["Registry", "anybody may offer a title",
    ["if (_ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);\n        offeredTo", "offeredTo"]],

  SplitReentrant: ["Split", "withdraw pays before it takes the credit off, without a guard",
    ["external nonReentrant returns (uint256 amount) {\n        amount = accounts", "external returns (uint256 amount) {\n        amount = accounts"],
    ["        accounts[payee].credit = 0;\n        credited -= amount;\n", ""],
    ["Address.sendValue(payable(payee), amount);\n", "Address.sendValue(payable(payee), amount);\n        accounts[payee].credit = 0;\n        credited -= amount;\n"]],
  SplitPush: ["Split", "settle pays everybody at once",
    ["accounts[_payees[i]].credit += uint240(parts[i]);", "Address.sendValue(payable(_payees[i]), parts[i]);"],
    ["        credited += amount;\n", ""]],
  SplitUnbounded: ["Split", "any number of payees", ["payees_.length > MAX_PAYEES || ", ""]],
  SplitDust: ["Split", "what division leaves over goes to nobody", ["for (; left > 0; --left)", "for (; left > 16; --left)"]],
  SplitUnsummed: ["Split", "the shares may make anything", ["if (sum != WHOLE) revert BadSum(sum);", ""]],
  SplitOpen: ["Split", "anybody may set the shares", ["calldata shares_) external onlyOwner {", "calldata shares_) external {"]],

  LicencesCheap: ["Licences", "any value buys a licence",
    ["if (msg.value != cost) revert WrongPrice(msg.value, cost);", ""], ["payable(split), cost", "payable(split), msg.value"]],
  LicencesOpen: ["Licences", "anybody takes a licence back",
    ["if (IERC721(REGISTRY).ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);\n        delete", "delete"]],

  ...anywhere("Channels", "a voucher", "keccak256(abi.encode(VOUCHER_TYPEHASH, id, amount))", "abi.encode(block.chainid, address(this), payer, payee, nonce)"),
  ChannelsNoId: ["Channels", "a voucher does not name its channel", ["abi.encode(VOUCHER_TYPEHASH, id, amount)", "abi.encode(VOUCHER_TYPEHASH, bytes32(0), amount)"]],
  ChannelsReopen: ["Channels", "a closed channel is forgotten, so that its id and its vouchers live again", ["channels[id].state = State.Closed;", ""]],
  ChannelsNoWindow: ["Channels", "the payer need not wait", ["if (c.closesAt == 0 || block.timestamp < c.closesAt) revert TooEarly(c.closesAt);", ""]],
  ChannelsExtends: ["Channels", "asking again moves the time", ["if (c.closesAt != 0) revert AlreadyRequested(c.closesAt);", ""]],
  ChannelsOpen: ["Channels", "anybody may close with an old voucher",
    ["if (c.state == State.Open && msg.sender != c.collector && msg.sender != c.payee) revert NotCollector(msg.sender);", ""]],
  ChannelsStubborn: ["Channels", "a refund has to be taken at once",
    ["(bool ok,) = payer.call{value: amount, gas: REFUND_GAS}(\"\");\n        if (ok) return;", "Address.sendValue(payable(payer), amount);\n        if (amount > 0) return;"]],
  ChannelsReentrant: ["Channels", "redeem pays before it notes what is paid, without a guard",
    ["function redeem(bytes32 id, uint256 amount, bytes calldata signature) external nonReentrant {", "function redeem(bytes32 id, uint256 amount, bytes calldata signature) external {"],
    ["        channels[id].paid = SafeCast.toUint88(amount);\n", ""],
    ["        Address.sendValue(payable(c.payee), amount - c.paid);\n    }\n\n    /// @notice Closes", "        Address.sendValue(payable(c.payee), amount - c.paid);\n        channels[id].paid = SafeCast.toUint88(amount);\n    }\n\n    /// @notice Closes"]],

  ...anywhere("Tickets", "a ticket", `
            keccak256(
                abi.encode(
                    TICKET_TYPEHASH, t.sender, t.recipient, t.faceValue, t.winProb, t.expires, t.nonce, t.commitment
                )
            )
        `),
  TicketsAnyRecipient: ["Tickets", "a ticket does not name its recipient", ["TICKET_TYPEHASH, t.sender, t.recipient,", "TICKET_TYPEHASH, t.sender, address(0),"]],
  TicketsMalleable: ["Tickets", "both forms of a signature are taken, and each is a draw",
    ["(address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(id, signature);\n", ""],
    ["err != ECDSA.RecoverError.NoError || signer != t.sender",
      "signature.length != 65 || ecrecover(id, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64])) != t.sender"]],
  TicketsCompact: ["Tickets", "compact signatures are taken, and each is a draw",
    ["(address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(id, signature);",
      "(address signer, ECDSA.RecoverError err,) = signature.length == 64 ? ECDSA.tryRecover(id, bytes32(signature[0:32]), bytes32(signature[32:64])) : ECDSA.tryRecoverCalldata(id, signature);"]],
  TicketsReusable: ["Tickets", "a ticket may be redeemed again", ["        paid[id] += amount;\n", ""]],
  TicketsDust: ["Tickets", "a ticket that cannot be paid in full is used up all the same", ["paid[id] += amount;", "paid[id] = t.faceValue;"]],
  TicketsNoLimit: ["Tickets", "one recipient may have the whole reserve",
    ["return Math.min(part - _claims[_claim(sender, a.era, recipient)], a.reserve - a.claimed);", "return part > 0 ? a.reserve - a.claimed : 0;"]],
  TicketsStranger: ["Tickets", "funding takes back the unlock, whoever funds", ["a.reserve += SafeCast.toUint96(reserve);", "a.reserve += SafeCast.toUint96(reserve);\n        a.unlocksAt = 0;"]],
  TicketsNoDelay: ["Tickets", "the sender need not wait", ["if (a.unlocksAt == 0 || block.timestamp < a.unlocksAt) revert TooEarly(a.unlocksAt);", ""]],
  TicketsNoSecret: ["Tickets", "any secret will do, so the recipient chooses one that wins", ["if (keccak256(abi.encode(secret)) != t.commitment) revert BadSecret();", ""]],
  TicketsNoExpiry: ["Tickets", "a ticket never expires", ["if (block.timestamp > t.expires) revert Expired(t.expires);", ""]],

  HashChainReopen: ["HashChain", "a closed chain is forgotten, so that its id and its words live again", ["chains[id].state = State.Closed;", ""]],
  HashChainForgets: ["HashChain", "words that were redeemed may be redeemed again", ["c.word = word;\n", ""]],
  HashChainUncounted: ["HashChain", "the refund leaves out what was paid", ["c.left -= words;\n", ""]],

  ...anywhere("ReservePool", "a voucher", "keccak256(abi.encode(VOUCHER_TYPEHASH, id, recipient, amount))", "abi.encode(block.chainid, address(this), sender, number)"),
  ReservePoolNoId: ["ReservePool", "a voucher does not name its pool", ["abi.encode(VOUCHER_TYPEHASH, id, recipient", "abi.encode(VOUCHER_TYPEHASH, bytes32(0), recipient"]],
  ReservePoolForgives: ["ReservePool", "a sender that has overspent gets the rest back", ["bool overspent = p.claimed > p.fund;", "bool overspent = false;"]],
  ReservePoolCrowd: ["ReservePool", "anybody may be paid, the sender's own crowd too", ["if (!m.named) revert NotNamed(recipient);", ""]],

  VirtualChannelsStale: ["VirtualChannels", "an older balance replaces a newer one",
    ["if (b.version <= x.version || b.amount < x.paid) revert", "if (b.amount < x.paid) revert"]],
  VirtualChannelsOwnWord: ["VirtualChannels", "a payer may show a balance that nobody else has signed",
    ["address other = msg.sender == x.payer ? x.agent : x.payer;", "address other = x.payer;"]],
  VirtualChannelsEarly: ["VirtualChannels", "guarantees are claimed before newer balances could be shown",
    ["if (x.closesAt == 0 || block.timestamp < x.closesAt) revert TooEarly(x.closesAt);", ""]],
  VirtualChannelsTwice: ["VirtualChannels", "a guarantee may be claimed again", ["claimed[id][leaf] = true;\n", ""]],
  VirtualChannelsUncapped: ["VirtualChannels", "a voucher counts whatever it says", ["Math.min(amount, g.cap)", "Math.max(amount, 0)"]],
  VirtualChannelsAnyone: ["VirtualChannels", "a voucher may be signed by anybody",
    ["if (!_signed(voucherDigest(g.channel, amount), signature, g.signer)) revert BadVoucher();", ""]],
  ...anywhere("VirtualChannels", "a balance", "keccak256(abi.encode(BALANCE_TYPEHASH, id, b.version, b.amount, b.root))",
    "abi.encode(block.chainid, address(this), payer, payee, nonce)"),
  VirtualChannelsReopen: ["VirtualChannels", "a closed ledger channel is forgotten, so that its id and its balances live again", ["ledgers[id].state = State.Closed;", ""]],
  VirtualChannelsNoId: ["VirtualChannels", "nothing binds a balance to its ledger channel",
    ["abi.encode(BALANCE_TYPEHASH, id, b.version", "abi.encode(BALANCE_TYPEHASH, bytes32(0), b.version"]],

  RollupInboxCensors: ["RollupInbox", "the sequencer may leave out what is due",
    ["if (upTo < forced.length && forced[upTo].due < block.timestamp) revert Censored(upTo);", ""]],
  RollupInboxTwice: ["RollupInbox", "a withdrawal may be paid again", ["spent[id] = true;", ""]],
  RollupInboxAtOnce: ["RollupInbox", "a root opens before anybody can object", ["if (block.timestamp < e.opens) revert TooEarly(e.opens);", ""]],

  StorageDealsFirst: ["StorageDeals", "the first piece answers every challenge", ["rootOf(piece, d.piece, d.pieces, path)", "rootOf(piece, 0, d.pieces, path)"]],
  StorageDealsHashes: ["StorageDeals", "the hash of a piece answers for the piece", ["node = sha256(bytes.concat(bytes1(0x00), piece));",
    "node = piece.length == 32 ? bytes32(piece) : sha256(bytes.concat(bytes1(0x00), piece));"]],
  StorageDealsAnyShard: ["StorageDeals", "a piece of any shard answers", ["rootOf(piece, d.piece, d.pieces, path) != d.root", "rootOf(piece, d.piece, d.pieces, path) == 0"]],
  StorageDealsTwice: ["StorageDeals", "a deal that is over may end again", ["d.state = State.Over;\n", ""]],
  StorageDealsPaysOn: ["StorageDeals", "a provider that does not answer is paid all the same",
    ["if (d.due != 0) revert Challenging(d.due);\n        uint256 passed", "uint256 passed"]],
  StorageDealsPatient: ["StorageDeals", "an answer may come as late as it likes", ["if (block.timestamp > d.due) revert TooLate(d.due);", ""]],

  VaultNominal: ["Vault", "a deposit counts as what was asked for, not what arrived",
    ["uint256 arrived = TOKEN.balanceOf(address(this)) - before;", "uint256 arrived = before + amount - before;"]],
};

// twin is the source of a twin.
export function twin(name, read) {
  const [of, , ...changes] = twins[name];
  let text = read(`src/${of}.sol`);
  for (const [from, to] of changes) {
    if (text.split(from).length !== 2) throw new Error(`twin ${name}: ${of}.sol must have this exactly once: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}
