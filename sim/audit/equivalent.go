package audit

// equivalent are the mutants that nothing can tell from the contract by what it
// does with money, titles or licences, and why.
var equivalent = map[string]string{
	"Channels: always: if (refund > 0) _refund(c.payer, refund)":                                                                                   "a payer without a refund is sent 0 wei",
	"HashChain: without: if (refund == 0) return;":                                                                                                 "a payer without a refund is sent 0 wei",
	"Licences: from < block.timestamp -> from <= block.timestamp":                                                                                  "from is the present either way",
	"Licences: 0 -> 1 in: (address split,) = IERC2981(REGISTRY).royaltyInfo(contentId, 0);":                                                        "the price is not asked for, the split is",
	"Split: without: if (amount == 0) return 0":                                                                                                    "nothing is divided; there is an event more",
	"Split: 0 -> 1 in: rests[most] = 0;":                                                                                                           "when the last wei is given, rests not chosen are more than 10,000 in all, so one of 16 is above 625",
	"StorageDeals: without: if (last == 0) return 0":                                                                                               "a path that is too long hashes to another root",
	"StorageDeals: without: if (last != 0) return 0":                                                                                               "a path that is too short hashes to a node that is not the root",
	"StorageDeals: index / 2 -> (index + 2 - 1) / 2 in: while (index % 2 == 0 && index != 0) (index, last) = (index / 2, last / 2);":               "the index is even there",
	"StorageDeals: last / 2 -> (last + 2 - 1) / 2 in: while (index % 2 == 0 && index != 0) (index, last) = (index / 2, last / 2);":                 "last is the index there, which is even",
	"Tickets: 1 -> 2 in: accounts[msg.sender] = Account(0, 0, 0, 0, a.era + 1);":                                                                   "an era has to be another, not the next",
	"Tickets: uint256(keccak256(bytes.concat(signature, secret))) >= t.winProb -> uint256(keccak256(bytes.concat(signature, secret))) > t.winProb": "a draw is equal once in 2^256 times",
	"Tickets: without: if (fromReserve == 0) return;":                                                                                              "nothing is added to what is claimed",
}
