package audit

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// unkept says what of a contract that does not change is not as its description
// promises: its constants, what its constructor refuses, how it makes a root.
func unkept(s *stage) string {
	abi := s.suite.ABI(s.name)
	for _, c := range constants(s)[s.name] {
		got, err := abi.Unpack(c.view, s.read(must(abi.Pack(c.view))))
		if err != nil || fmt.Sprint(got[0]) != fmt.Sprint(c.want) {
			return fmt.Sprintf("the constants: %s is %v", c.view, got)
		}
	}
	if s.name == "StorageDeals" {
		return untrue(s)
	}
	return unmade(s)
}

// unmade says which bad terms a constructor takes, or which good ones it does
// not.
func unmade(s *stage) string {
	if s.name != "Tickets" {
		return ""
	}
	for _, c := range []struct {
		claimants int64
		delay     uint64
		want      string
	}{{0, 1, "BadTerms"}, {1, 0, "BadTerms"}, {1, 1, ""}} {
		if got := s.Deploy(creator, s.code, s.suite.Tickets.PackConstructor(n(c.claimants), c.delay)).Reason; got != c.want {
			return fmt.Sprintf("the constructor: %d claimants, %d s: %q", c.claimants, c.delay, got)
		}
	}
	return ""
}

// untrue says of which tree another root is made of a piece and its path.
func untrue(s *stage) string {
	d := s.suite.StorageDeals
	for pieces := 1; pieces <= 17; pieces++ {
		root, piece, path := shard(pieces)
		for i := range pieces {
			if got := must(d.UnpackRootOf(s.read(d.PackRootOf(piece(i), n(int64(i)), n(int64(pieces)), path(i))))); got != root {
				return fmt.Sprintf("the trees: piece %d of %d has another root", i, pieces)
			}
		}
	}
	return ""
}

type constant struct {
	view string
	want any
}

// constants are what each contract says of itself, as its page has it.
func constants(s *stage) map[string][]constant {
	kind := func(text string) any { return [32]byte(crypto.Keccak256Hash([]byte(text))) }
	return map[string][]constant{
		"Registry":    {{"name", "Kinetoscope"}, {"symbol", "KINE"}},
		"Split":       {{"WHOLE", 10_000}, {"MAX_PAYEES", 16}},
		"Licences":    {{"MAX_VIEWERS", 256}},
		"Channels":    {{"REFUND_GAS", 30_000}, {"VOUCHER_TYPEHASH", kind("Voucher(bytes32 channel,uint256 amount)")}},
		"Tickets":     {{"CLAIMANTS", 5}, {"UNLOCK_DELAY", 3600}},
		"HashChain":   {{"REFUND_GAS", 30_000}},
		"ReservePool": {{"MAX_RECIPIENTS", 16}, {"BURNT", common.HexToAddress("0xdead")}},
		"RollupInbox": {{"SEQUENCER", s.Address(creator)}, {"GUARDIAN", s.Address(payee1)}, {"FORCE_DELAY", 60}, {"EXIT_DELAY", 3600}},
	}
}
