package ledger

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/triedb"
	"github.com/holiman/uint256"
)

// A store is the state between blocks, as flat as it can be. The machine's own
// state keeps all that it ever met, each account and each slot several times, for
// a commit to tries that a run never makes: two kilobytes for a viewer with a
// channel. So when a block is closed, what was touched is written here, and the
// next block begins with a state that has met nothing and reads from here.
type store struct {
	accounts flat[common.Address, account]
	slots    map[common.Address]*slots // of each contract
	codes    map[common.Hash][]byte
	hashes   []common.Hash // of codes, in the order in which they came

	// Touched since the last write, some more than once.
	dirty  []common.Address
	stored []place
}

// An account is what the state says of one, but for its storage.
type account struct {
	balance [2]uint64 // wei, the low half first: less than 2^128, since the genesis gives out no more
	nonce   uint32
	code    uint32 // its hash's place in hashes, plus one; 0: none
}

// wei is the account's balance.
func (x *account) wei() *uint256.Int { return &uint256.Int{x.balance[0], x.balance[1]} }

func newStore() *store {
	return &store{slots: map[common.Address]*slots{}, codes: map[common.Hash][]byte{}}
}

// writeBehind is how much may be touched before it is written: so much the
// machine keeps at hand.
const writeBehind = 256

// give writes what was touched, and gives the machine a state that has met
// nothing. No block is open.
func (w *world) give() {
	s := w.store
	for _, a := range s.dirty {
		s.write(w.state, a)
	}
	for _, p := range s.stored {
		s.put(p, w.state.GetState(p.address, p.key))
	}
	s.dirty, s.stored = nil, nil // a block may have touched very many
	w.state = s.state()
}

// write takes over an account.
func (s *store) write(from *state.StateDB, a common.Address) {
	if from.Empty(a) {
		s.accounts.delete(a)
		delete(s.slots, a)
		return
	}
	balance, nonce := from.GetBalance(a), from.GetNonce(a)
	if balance.BitLen() > 128 || nonce > math.MaxUint32 {
		panic(fmt.Sprintf("ledger: %v holds %v wei and has sent %d transactions: the state has room for 2^128 and 2^32", a, balance, nonce))
	}
	x := account{balance: [2]uint64{balance[0], balance[1]}, nonce: uint32(nonce)}
	if code := from.GetCode(a); len(code) > 0 {
		x.code = s.keep(from.GetCodeHash(a), code)
	}
	s.accounts.set(a, x)
}

// keep stores a code and says where.
func (s *store) keep(hash common.Hash, code []byte) uint32 {
	if s.codes[hash] == nil {
		s.codes[hash], s.hashes = code, append(s.hashes, hash)
	}
	return uint32(slices.Index(s.hashes, hash)) + 1
}

// put takes over a slot.
func (s *store) put(p place, value common.Hash) {
	of := s.slots[p.address]
	if of == nil {
		of = &slots{}
		s.slots[p.address] = of
	}
	of.set(p.key, value)
}

// state is a state for the machine that reads from s.
func (s *store) state() *state.StateDB {
	db := emptyTries()
	st, err := state.NewWithReader(types.EmptyRootHash, db, s)
	if err != nil {
		panic(fmt.Sprintf("ledger: a state: %v", err))
	}
	return st
}

// emptyTries is a database of tries without any. It is where the machine's state
// would be committed to.
func emptyTries() state.Database {
	db := rawdb.NewMemoryDatabase()
	return state.NewMPTDatabase(triedb.NewDatabase(db, triedb.HashDefaults), state.NewCodeDB(db))
}

// root hashes all into the Merkle-Patricia root, as Ethereum does.
func (s *store) root(w *world) [32]byte {
	st, err := state.New(types.EmptyRootHash, emptyTries())
	if err != nil {
		panic(fmt.Sprintf("ledger: an empty state: %v", err))
	}
	for _, a := range sorted(s.accounts.keys(), common.Address.Cmp) {
		x := s.accounts.get(a)
		st.SetBalance(a, x.wei(), tracing.BalanceChangeUnspecified)
		st.SetNonce(a, uint64(x.nonce), tracing.NonceChangeUnspecified)
		if x.code != 0 {
			st.SetCode(a, s.codes[s.hashes[x.code-1]], tracing.CodeChangeUnspecified)
		}
		if of := s.slots[a]; of != nil {
			for _, key := range sorted(of.keys(), common.Hash.Cmp) {
				st.SetState(a, key, of.get(key))
			}
		}
	}
	return st.IntermediateRoot(w.rules)
}

func sorted[K any](keys []K, by func(K, K) int) []K {
	slices.SortFunc(keys, by)
	return keys
}

// Account implements state.Reader.
func (s *store) Account(a common.Address) (*types.StateAccount, error) {
	x := s.accounts.get(a)
	if x == nil {
		return nil, nil
	}
	hash := types.EmptyCodeHash
	if x.code != 0 {
		hash = s.hashes[x.code-1]
	}
	root := types.EmptyRootHash
	if of := s.slots[a]; of != nil && of.len() > 0 {
		root = stands
	}
	return &types.StateAccount{Nonce: uint64(x.nonce), Balance: x.wei(), Root: root, CodeHash: bytes.Clone(hash[:])}, nil
}

// stands for the root of a contract's storage, which nobody opens: the machine
// only asks whether it is empty.
var stands = crypto.Keccak256Hash([]byte("kinetoscope storage"))

// Storage implements state.Reader.
func (s *store) Storage(a common.Address, key common.Hash) (common.Hash, error) {
	if of := s.slots[a]; of != nil {
		return of.get(key), nil
	}
	return common.Hash{}, nil
}

// Has implements state.Reader.
func (s *store) Has(_ common.Address, code common.Hash) bool { return s.codes[code] != nil }

// Code implements state.Reader.
func (s *store) Code(_ common.Address, code common.Hash) []byte { return s.codes[code] }

// CodeSize implements state.Reader.
func (s *store) CodeSize(_ common.Address, code common.Hash) int { return len(s.codes[code]) }
