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
	Licences        Contract = iota // plays paid on the chain
	Tickets                         // probabilistic payments
	HashChain                       // PayWord
	ReservePool                     // several recipients paid from one collateral
	StorageDeals                    // providers with bonds
	VirtualChannels                 // ledger channels with hubs
)

var contractNames = [...]string{Licences: "licences", Tickets: "tickets", HashChain: "hash chain", ReservePool: "reserve pool",
	StorageDeals: "storage deals", VirtualChannels: "virtual channels"}

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
	case Licences:
		c.extra[k], err = c.first(deployLicences, c.deployer, nil, creation(s.Licences.Code, s.Licences.PackConstructor(c.registry)))
	case HashChain:
		c.extra[k], err = c.first(deployHashChain, c.deployer, nil, s.HashChain.Code)
	case ReservePool:
		c.extra[k], err = c.first(deployReservePool, c.deployer, nil, s.ReservePool.Code)
	case StorageDeals:
		c.extra[k], err = c.first(deployStorageDeals, c.deployer, nil, s.StorageDeals.Code)
	case VirtualChannels:
		c.extra[k], err = c.first(deployVirtualChannels, c.deployer, nil, s.VirtualChannels.Code)
	}
	return err
}

// buys is the operation of buying licences for n viewers.
func buys(n int) operation {
	if n > 1 {
		return buyMany
	}
	return buy
}

// asks is the operation that x is.
func asks(x payment.Call) operation {
	switch x := x.(type) {
	case payment.TopUp:
		return topUp
	case payment.Redeem:
		return redeem
	case payment.OfferTitle:
		return offerTitle
	case payment.AcceptTitle:
		return acceptTitle
	case payment.SetRoyalty:
		return setRoyalty
	case payment.OfferSplit:
		return offerSplit
	case payment.AcceptSplit:
		return acceptSplit
	case payment.SetShares:
		return setShares
	case payment.SetTerms:
		return setTerms
	case payment.Buy:
		return buys(len(x.Viewers))
	case payment.Revoke:
		return revoke
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
	case payment.LockPool:
		return lockPool
	case payment.RedeemPool:
		return redeemPool
	case payment.ReleasePool:
		return releasePool
	case payment.OfferDeal:
		return offerDeal
	case payment.CancelDeal:
		return cancelDeal
	case payment.AcceptDeal:
		return acceptDeal
	case payment.ChallengeDeal:
		return challengeDeal
	case payment.ProveDeal:
		return proveDeal
	case payment.CollectDeal:
		return collectDeal
	case payment.SlashDeal:
		return slashDeal
	}
	return asksVirtual(x)
}

// callee is the contract that x goes to; zero if there is none.
func (c *Chain) callee(x payment.Call) common.Address {
	switch op := asks(x); {
	case op <= redeem:
		return c.channels
	case op <= setRoyalty:
		return c.registry
	case op <= setShares:
		return c.split
	case op <= revoke:
		return c.extra[Licences]
	case op <= finalizeWords:
		return c.extra[HashChain]
	case op <= admit:
		return c.extra[Tickets]
	case op <= releasePool:
		return c.extra[ReservePool]
	case op <= finalizeLedger:
		return c.extra[VirtualChannels]
	default:
		return c.extra[StorageDeals]
	}
}

// named are the accounts that x names besides its sender.
func named(x payment.Call) []payment.Account {
	switch x := x.(type) {
	case payment.Fund:
		return []payment.Account{x.Sender}
	case payment.Admit:
		return []payment.Account{x.Recipient}
	case payment.RedeemTicket:
		return []payment.Account{x.Ticket.Sender, x.Ticket.Recipient}
	case payment.OfferTitle:
		return []payment.Account{x.To}
	case payment.SetRoyalty:
		return []payment.Account{x.To}
	case payment.OfferSplit:
		return []payment.Account{x.To}
	case payment.SetShares:
		all := make([]payment.Account, len(x.Shares))
		for i, s := range x.Shares {
			all[i] = s.Payee
		}
		return all
	case payment.Buy:
		return x.Viewers
	case payment.Revoke:
		return []payment.Account{x.Viewer}
	case payment.LockPool:
		return x.Recipients
	case payment.RedeemPool:
		return []payment.Account{x.Promise.Recipient}
	case payment.OpenLedger:
		return []payment.Account{x.To, x.Agent}
	case payment.ClaimLedger:
		return []payment.Account{x.Guarantee.Signer}
	case payment.OfferDeal:
		return []payment.Account{x.Provider}
	}
	return nil
}

// wakePaid wakes whom tx may lead to money, before they have it. Viewers of a
// licence never do.
func (c *Chain) wakePaid(tx *payment.Tx) {
	switch tx.Call.(type) {
	case payment.Buy, payment.Revoke:
		return
	}
	for _, a := range named(tx.Call) {
		if a != payment.TheSplit {
			c.wake(a)
		}
	}
}

func flatten(s payment.Signature) []byte { return s[:] }

// arguments is the data of the transaction that makes x.
func (c *Chain) arguments(x payment.Call) []byte {
	s, n := c.suite, c.notary()
	switch x := x.(type) {
	case payment.TopUp:
		return s.Channels.PackTopUp(x.Channel)
	case payment.Redeem:
		return s.Channels.PackRedeem(x.Voucher.Channel(), big256(x.Voucher.Amount), flatten(x.Voucher.Sig()))
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
		return s.Tickets.PackFund(n.payee(x.Sender), big256(x.Reserve))
	case payment.RedeemTicket:
		return s.Tickets.PackRedeem(n.ticket(&x.Ticket), x.Sig[:], x.Secret)
	case payment.Unlock:
		return s.Tickets.PackUnlock()
	case payment.Lock:
		return s.Tickets.PackLock()
	case payment.Reclaim:
		return s.Tickets.PackWithdraw()
	case payment.Admit:
		return s.Tickets.PackAdmit(n.payee(x.Recipient), x.May)
	case payment.LockPool:
		return s.ReservePool.PackLock(big256(x.Fund), uint32(x.Period/time.Second), n.payees(x.Recipients))
	case payment.RedeemPool:
		return s.ReservePool.PackRedeem(x.Promise.Pool, n.payee(x.Promise.Recipient), big256(x.Promise.Amount), x.Promise.Sig[:])
	case payment.ReleasePool:
		return s.ReservePool.PackRelease(x.Pool)
	case payment.OpenLedger:
		return s.VirtualChannels.PackOpen(n.payee(x.To), n.wallets.address(x.Agent), x.Nonce, uint32(x.Period/time.Second))
	case payment.RedeemLedger:
		b := &x.Balance
		return s.VirtualChannels.PackRedeem(b.Ledger, contracts.VirtualChannelsBalance{Version: b.Version, Amount: big256(b.Amount), Root: b.Root}, b.Sig[:])
	case payment.CloseLedger:
		return s.VirtualChannels.PackRequestClose(x.Ledger)
	case payment.ClaimLedger:
		return s.VirtualChannels.PackClaim(x.Ledger, n.guarantee(&x.Guarantee), x.Path, big256(x.Voucher.Amount), flatten(x.Voucher.Sig()))
	case payment.FinalizeLedger:
		return s.VirtualChannels.PackFinalize(x.Ledger)
	}
	return c.property(x)
}

// property is arguments for calls about who owns and keeps what.
func (c *Chain) property(x payment.Call) []byte {
	s, n := c.suite, c.notary()
	deal := func(d payment.DealID) *big.Int { return new(big.Int).SetUint64(uint64(d)) }
	content := func(id [32]byte) *big.Int { return new(big.Int).SetBytes(id[:]) }
	switch x := x.(type) {
	case payment.OfferTitle:
		return s.Registry.PackOffer(content(x.ContentID), n.payee(x.To))
	case payment.AcceptTitle:
		return s.Registry.PackAccept(content(x.ContentID))
	case payment.SetRoyalty:
		return s.Registry.PackSetRoyalty(content(x.ContentID), n.payee(x.To), big.NewInt(int64(x.BPS)))
	case payment.OfferSplit:
		return s.Split.PackTransferOwnership(n.payee(x.To))
	case payment.AcceptSplit:
		return s.Split.PackAcceptOwnership()
	case payment.SetShares:
		shares := make([]uint16, len(x.Shares))
		for i, h := range x.Shares {
			shares[i] = uint16(min(h.BPS, 10_001)) // the contract takes no more than 10,000
		}
		return s.Split.PackSetShares(n.payees(named(x)), shares)
	case payment.SetTerms:
		return s.Licences.PackSetTerms(content(x.ContentID), big256(x.Price), uint64(x.Period/time.Second))
	case payment.Buy:
		return s.Licences.PackBuy(content(x.ContentID), n.payees(x.Viewers))
	case payment.Revoke:
		return s.Licences.PackRevoke(content(x.ContentID), n.payee(x.Viewer))
	case payment.OfferDeal:
		return s.StorageDeals.PackOffer(n.payee(x.Provider), x.Root, x.Pieces, big256(x.Bond), uint32(x.Period/time.Second),
			uint32(x.Window/time.Second), x.Challenges)
	case payment.CancelDeal:
		return s.StorageDeals.PackCancel(deal(x.Deal))
	case payment.AcceptDeal:
		return s.StorageDeals.PackAccept(deal(x.Deal))
	case payment.ChallengeDeal:
		return s.StorageDeals.PackChallenge(deal(x.Deal))
	case payment.ProveDeal:
		return s.StorageDeals.PackProve(deal(x.Deal), x.Piece, x.Path)
	case payment.CollectDeal:
		return s.StorageDeals.PackCollect(deal(x.Deal))
	case payment.SlashDeal:
		return s.StorageDeals.PackSlash(deal(x.Deal))
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

// guarantee is g as the contract takes it.
func (n notary) guarantee(g *payment.Guarantee) contracts.VirtualChannelsGuarantee {
	return contracts.VirtualChannelsGuarantee{Channel: g.Channel, Signer: n.wallets.address(g.Signer), Cap: big256(g.Cap),
		FixedFee: big256(g.Fixed), Bps: uint16(g.BPS)}
}

// stamp is the block timestamp of a time.
func stamp(t time.Duration) uint64 { return epoch + uint64(t/time.Second) }
