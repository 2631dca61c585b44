package ledger

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/params"

	"kinetoscope/protocol/payment"
)

// A recovery is the machine's contract that recovers a signer (ecrecover), with a memory
// of what it has recovered. In a run the edge checks a voucher, then the publisher, then
// the contract: the same bytes each time, and 37 us each time. The answer depends on the
// 128 bytes that it is asked and on nothing else, so that the first check, which is made in
// full, stands for the others. Gas is charged as ever. What recovers to nobody is not kept.
type recovery struct {
	vm.PrecompiledContract
	recent, older map[question]common.Address
}

// A question is a digest, then v, r and s, in 32 bytes each.
type question [128]byte

// asked is the question who signed digest by sig.
func asked(digest [32]byte, sig *payment.Signature) *question {
	var q question
	copy(q[:], digest[:])
	q[63] = sig[64]
	copy(q[64:], sig[:64])
	return &q
}

// recalled is how many answers are in recent, before they become older: both together have
// at most twice as many, some 4 MB.
const recalled = 8192

// precompiles are the contracts that are built into the machine under rules, with
// a recovery in its place.
func precompiles(rules params.Rules) (vm.PrecompiledContracts, *recovery) {
	all, at := vm.ActivePrecompiledContracts(rules), common.Address{19: 1}
	r := &recovery{PrecompiledContract: all[at], recent: map[question]common.Address{}}
	all[at] = r
	return all, r
}

// Run implements vm.PrecompiledContract.
func (r *recovery) Run(input []byte) ([]byte, error) {
	var q question
	copy(q[:], input)
	if a, ok := r.known(&q); ok {
		return pad(a), nil
	}
	answer, err := r.PrecompiledContract.Run(input)
	if err == nil && len(answer) == 32 {
		r.keep(&q, common.BytesToAddress(answer))
	}
	return answer, err
}

func (r *recovery) known(q *question) (common.Address, bool) {
	a, ok := r.recent[*q]
	if !ok {
		a, ok = r.older[*q]
	}
	return a, ok
}

func (r *recovery) keep(q *question, a common.Address) {
	if len(r.recent) >= recalled {
		r.older, r.recent = r.recent, make(map[question]common.Address, recalled)
	}
	r.recent[*q] = a
}

// lowS is the greatest s of a signature that contracts take: half the order of
// secp256k1, rounded down.
var lowS = common.FromHex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0")

// signedBy reports whether a contract would take sig for the signature of digest by
// who: its v is 27 or 28, its s the lower one of two, and it recovers to who.
func (r *recovery) signedBy(who common.Address, digest [32]byte, sig *payment.Signature) bool {
	if slices.Compare(sig[32:64], lowS) > 0 {
		return false
	}
	answer, err := r.Run(asked(digest, sig)[:])
	return err == nil && len(answer) == 32 && common.BytesToAddress(answer) == who
}
