package ledger

import (
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A Contract is one that only some methods of payment need.
type Contract uint8

// Contracts that Genesis.Contracts may name.
const (
	Tickets   Contract = iota // probabilistic payments
	HashChain                 // PayWord
)

var contractNames = [...]string{Tickets: "tickets", HashChain: "hash chain"}

// String is the contract's name in messages.
func (k Contract) String() string { return contractNames[k] }

// Claimants is how many recipients the Tickets contract admits: each may have
// one part in so many of a sender's reserve.
const Claimants = 5

// establish deploys a contract in the first block. The creator owns Tickets
// and admits recipients; the split is admitted at once.
func (c *Chain) establish(k Contract) (err error) {
	s := c.suite
	switch k {
	case Tickets:
		args := s.Tickets.PackConstructor(big.NewInt(Claimants), uint64(c.cfg.ChallengePeriod/time.Second))
		creator := c.wallets.address(c.genesis.Creator)
		if c.extra[k], err = c.first(deployTickets, creator, nil, creation(s.Tickets.Code, args)); err == nil {
			_, err = c.first(admit, creator, &c.extra[k], s.Tickets.PackAdmit(c.split, true))
		}
	case HashChain:
		c.extra[k], err = c.first(deployHashChain, c.deployer, nil, s.HashChain.Code)
	}
	return err
}

// asks is the operation that x is.
func asks(x payment.Call) operation {
	switch x.(type) {
	case payment.TopUp:
		return topUp
	case payment.Redeem:
		return redeem
	case payment.OpenWords:
		return openWords
	case payment.RedeemWords:
		return redeemWords
	case payment.CloseWords:
		return closeWords
	case payment.RequestWords:
		return requestWords
	case payment.FinalizeWords:
		return finalizeWords
	case payment.Fund:
		return fund
	case payment.RedeemTicket:
		return redeemTicket
	case payment.Unlock:
		return unlock
	case payment.Lock:
		return lock
	case payment.Reclaim:
		return reclaim
	case payment.Admit:
		return admit
	}
	panic(fmt.Sprintf("ledger: no operation for a %T", x))
}

// callee is the contract that x goes to; zero if there is none.
func (c *Chain) callee(x payment.Call) common.Address {
	switch op := asks(x); {
	case op <= redeem:
		return c.channels
	case op <= finalizeWords:
		return c.extra[HashChain]
	default:
		return c.extra[Tickets]
	}
}

// named is an account that x names besides its sender, or account zero.
func (c *Chain) named(x payment.Call) payment.Account {
	a := payment.Account(0)
	switch x := x.(type) {
	case payment.Fund:
		a = x.Sender
	case payment.Admit:
		a = x.Recipient
	case payment.RedeemTicket:
		if a = x.Ticket.Recipient; a == payment.TheSplit {
			a = x.Ticket.Sender
		}
	}
	if a == payment.TheSplit {
		a = 0
	}
	return a
}

// arguments is the data of the transaction that makes x.
func (c *Chain) arguments(x payment.Call) []byte {
	s := c.suite
	switch x := x.(type) {
	case payment.TopUp:
		return s.Channels.PackTopUp(x.Channel)
	case payment.Redeem:
		return s.Channels.PackRedeem(x.Voucher.Channel, big256(x.Voucher.Amount), x.Voucher.Sig[:])
	case payment.OpenWords:
		return s.HashChain.PackOpen(c.split, c.wallets.address(c.genesis.Collector), x.Anchor, uint64(x.Price), x.Words,
			uint32(c.cfg.ChallengePeriod/time.Second))
	case payment.RedeemWords:
		return s.HashChain.PackRedeem(x.Chain, x.Words, x.Word)
	case payment.CloseWords:
		return s.HashChain.PackClose(x.Chain, x.Words, x.Word)
	case payment.RequestWords:
		return s.HashChain.PackRequestClose(x.Chain)
	case payment.FinalizeWords:
		return s.HashChain.PackFinalize(x.Chain)
	case payment.Fund:
		return s.Tickets.PackFund(c.wallets.address(x.Sender), big256(x.Reserve))
	case payment.RedeemTicket:
		return s.Tickets.PackRedeem(c.notary().ticket(&x.Ticket), x.Sig[:], x.Secret)
	case payment.Unlock:
		return s.Tickets.PackUnlock()
	case payment.Lock:
		return s.Tickets.PackLock()
	case payment.Reclaim:
		return s.Tickets.PackWithdraw()
	case payment.Admit:
		return s.Tickets.PackAdmit(c.notary().payee(x.Recipient), x.May)
	}
	panic(fmt.Sprintf("ledger: no arguments for a %T", x))
}

func big256(w unit.Wei) *big.Int { return new(big.Int).SetUint64(uint64(w)) }

// ticket is t as the contract takes it.
func (n notary) ticket(t *payment.Ticket) contracts.TicketsTicket {
	return contracts.TicketsTicket{Sender: n.wallets.address(t.Sender), Recipient: n.payee(t.Recipient),
		FaceValue: big256(t.FaceValue), WinProb: new(big.Int).SetBytes(t.WinProb[:]), Expires: stamp(t.Expires), Nonce: t.Nonce,
		Commitment: t.Commitment}
}

// stamp is the block timestamp of a time.
func stamp(t time.Duration) uint64 { return epoch + uint64(t/time.Second) }
