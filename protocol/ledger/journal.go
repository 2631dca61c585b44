package ledger

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/holiman/uint256"
)

// A journal is what one block has changed, so that it can be taken back without
// a state root: nobody hashes the state for it.
type journal struct {
	accounts map[common.Address]bool
	slots    map[place]bool
	was      []identity // in order of first change
	held     []storage
	balances []holding
	burnt    uint256.Int
}

// A place is a slot of a contract's storage.
type place struct {
	address common.Address
	key     common.Hash
}

// An identity is an account's nonce and code before a block.
type identity struct {
	address common.Address
	nonce   uint64
	code    []byte
}

type storage struct {
	place
	value common.Hash
}

func newJournal() *journal {
	return &journal{accounts: map[common.Address]bool{}, slots: map[place]bool{}}
}

func (j *journal) account(s *state.StateDB, a common.Address) {
	if !j.accounts[a] {
		j.accounts[a] = true
		j.was = append(j.was, identity{a, s.GetNonce(a), s.GetCode(a)})
	}
}

func (j *journal) slot(s *state.StateDB, a common.Address, key common.Hash) {
	if p := (place{a, key}); !j.slots[p] {
		j.slots[p] = true
		j.held = append(j.held, storage{p, s.GetState(a, key)})
	}
}

// close keeps what the audit has seen.
func (j *journal) close(a *audit) {
	j.balances = append(j.balances, a.touched...)
	j.burnt = a.burnt
	j.accounts, j.slots = nil, nil
}

// takeBack undoes the newest block that is not undone yet. Balances change by
// what the block changed them, since a genesis allotment may have come later.
// An account that the block made is empty after it, and so it is gone.
func (w *world) takeBack(j *journal) {
	if w.isOpen {
		panic("ledger: a block is taken back while another is open")
	}
	for _, h := range j.held {
		w.store.stored = append(w.store.stored, h.place)
		w.state.SetState(h.address, h.key, h.value)
	}
	for _, h := range j.balances {
		w.store.dirty = append(w.store.dirty, h.address)
		now := w.state.GetBalance(h.address)
		now = new(uint256.Int).Sub(new(uint256.Int).Add(now, &h.before), &h.after)
		w.state.SetBalance(h.address, now, tracing.BalanceChangeRevert)
	}
	for _, i := range j.was {
		w.store.dirty = append(w.store.dirty, i.address)
		w.state.SetNonce(i.address, i.nonce, tracing.NonceChangeRevert)
		if w.state.GetCodeSize(i.address) != len(i.code) {
			w.state.SetCode(i.address, i.code, tracing.CodeChangeRevert)
		}
	}
	w.state.Finalise(w.rules)
	w.burnt.Sub(w.burnt, j.burnt.ToBig())
}
