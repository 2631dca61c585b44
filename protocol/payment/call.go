package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// A Call is what a Tx of kind Invoke asks of a contract: a value of one of the
// types below. The ledger says what each costs and why it failed.
type Call interface{ call() }

// TheSplit stands for the asset's split contract where a Call names who is
// paid. It is nobody's Account.
const TheSplit Account = 1<<32 - 1

// A Word is one hash of a hash chain, or a secret.
type Word [32]byte

// A Ticket is a lottery ticket: its sender promises FaceValue to its recipient
// if it wins.
type Ticket struct {
	Sender     Account
	Recipient  Account // may be TheSplit
	FaceValue  unit.Wei
	WinProb    Word          // the chance times 2^256, most significant byte first
	Expires    time.Duration // the last second in which it may be redeemed
	Nonce      uint64        // tells tickets of one Commitment apart
	Commitment Word          // Notary.Link of the recipient's secret
}

// Calls of the Channels contract, besides those that have a TxKind.
type (
	// TopUp adds the Amount of the Tx to the deposit of the sender's channel.
	TopUp struct{ Channel ChannelID }
	// Redeem pays a voucher out and leaves the channel open. After a Request it
	// is the challenge, and anybody may make it.
	Redeem struct{ Voucher Voucher }
)

// Calls of the HashChain contract.
type (
	// OpenWords opens a hash chain from the sender to the split and locks
	// Price * Words, which is the Amount of the Tx.
	OpenWords struct {
		Anchor Word
		Price  unit.Wei
		Words  uint32
	}
	// RedeemWords pays for the words given since the last redemption, of which
	// Word is the newest.
	RedeemWords struct {
		Chain ChannelID
		Words uint32
		Word  Word
	}
	// CloseWords is RedeemWords by the collector and gives the rest back.
	CloseWords struct {
		Chain ChannelID
		Words uint32
		Word  Word
	}
	// RequestWords asks for the rest back; the challenge period starts.
	RequestWords struct{ Chain ChannelID }
	// FinalizeWords takes the rest back after the challenge period.
	FinalizeWords struct{ Chain ChannelID }
)

// Calls of the Tickets contract.
type (
	// Fund adds the Amount of the Tx to what Sender has put in: Reserve of it to
	// its reserve, the rest to its deposit.
	Fund struct {
		Sender  Account
		Reserve unit.Wei
	}
	// RedeemTicket pays a winning ticket.
	RedeemTicket struct {
		Ticket Ticket
		Sig    Signature // the sender's
		Secret Word      // the recipient's
	}
	// Unlock asks for the sender's deposit and reserve back; a delay starts.
	Unlock struct{}
	// Lock takes back the sender's Unlock.
	Lock struct{}
	// Reclaim takes deposit and reserve back after the delay.
	Reclaim struct{}
	// Admit lets the recipient be paid from reserves, or no longer. Only the
	// creator may.
	Admit struct {
		Recipient Account // may be TheSplit
		May       bool
	}
)

// A Holding is a part of the split.
type Holding struct {
	Payee Account
	BPS   int // hundredths of a percent
}

// Calls of the Registry and of the split, which belong to the creator first.
type (
	// OfferTitle offers the title of an asset to To, who may accept it.
	OfferTitle struct {
		ContentID [32]byte
		To        Account
	}
	// AcceptTitle takes a title that was offered to the sender.
	AcceptTitle struct{ ContentID [32]byte }
	// SetRoyalty sends the royalties of the sender's asset to To.
	SetRoyalty struct {
		ContentID [32]byte
		To        Account // may be TheSplit
		BPS       int
	}
	// OfferSplit offers the right to change the shares to To.
	OfferSplit struct{ To Account }
	// AcceptSplit takes the right that was offered to the sender.
	AcceptSplit struct{}
	// SetShares changes who gets what of the income from now on.
	SetShares struct{ Shares []Holding }
)

// Calls of the Licences contract.
type (
	// SetTerms says what a licence of the sender's asset costs and how long it
	// lasts, in whole seconds.
	SetTerms struct {
		ContentID [32]byte
		Price     unit.Wei
		Period    time.Duration
	}
	// Buy buys a licence for each viewer; the Amount of the Tx is what they cost.
	Buy struct {
		ContentID [32]byte
		Viewers   []Account
	}
	// Revoke takes the licence of a viewer of the sender's asset back.
	Revoke struct {
		ContentID [32]byte
		Viewer    Account
	}
)

// Calls of the ReservePool contract.
type (
	// LockPool locks the Amount of the Tx for Recipients: Fund of it may be
	// promised, the rest is collateral and must be more.
	LockPool struct {
		Fund       unit.Wei
		Period     time.Duration // in whole seconds
		Recipients []Account     // may hold TheSplit
	}
	// RedeemPool pays Recipient what the sender of the pool has promised it.
	RedeemPool struct{ Promise Promise }
	// ReleasePool ends a pool that has expired.
	ReleasePool struct{ Pool ChannelID }
)

// Calls of the VirtualChannels contract.
type (
	// OpenLedger opens a ledger channel from the sender to To and locks the
	// Amount of the Tx. Agent signs for To.
	OpenLedger struct {
		To     Account // may be TheSplit
		Agent  Account
		Nonce  uint64
		Period time.Duration // of each half of a closing, in whole seconds
	}
	// RedeemLedger shows a balance, which the other side has signed, and pays
	// what it says; the ledger channel stays open.
	RedeemLedger struct{ Balance Balance }
	// CloseLedger begins to close a ledger channel of which the sender is payer or agent.
	CloseLedger struct{ Ledger ChannelID }
	// ClaimLedger pays what a guarantee of the newest balance is worth by a
	// voucher of its virtual channel, in the second half of a closing.
	ClaimLedger struct {
		Ledger    ChannelID
		Guarantee Guarantee
		Path      [][32]byte // from its leaf to the root, lowest step first
		Voucher   Voucher
	}
	// FinalizeLedger gives the payer the rest back.
	FinalizeLedger struct{ Ledger ChannelID }
)

// A Balance is what both sides of a ledger channel sign: what the payee has
// earned in all, and which guarantees are open.
type Balance struct {
	Ledger  ChannelID
	Version uint64 // a higher one replaces a lower one
	Amount  unit.Wei
	Root    Word      // of the guarantees; zero if there is none
	Sig     Signature // of the other side
}

// A Guarantee is what the payer of a ledger channel owes of one virtual channel:
// its newest voucher, at most Cap, and the fees of the hubs behind.
type Guarantee struct {
	Channel ChannelID // the virtual one
	Signer  Account   // of its vouchers
	Cap     unit.Wei
	Fixed   unit.Wei
	BPS     int // of the voucher, in hundredths of a percent
}

// Worth is what g pays for a voucher.
func (g *Guarantee) Worth(voucher unit.Wei) unit.Wei {
	counts := min(voucher, g.Cap)
	whole, rest := counts/10_000, counts%10_000 // so that nothing overflows
	return counts + g.Fixed + whole*unit.Wei(g.BPS) + rest*unit.Wei(g.BPS)/10_000
}

// A Promise is a voucher of a reserve pool: all that Recipient may have of it.
type Promise struct {
	Pool      ChannelID
	Recipient Account // may be TheSplit
	Amount    unit.Wei
	Sig       Signature // the pool's sender's
}

// A DealID numbers the storage deals of a chain from 0.
type DealID uint64

// Calls of the StorageDeals contract.
type (
	// OfferDeal offers Provider the Amount of the Tx for keeping a shard.
	OfferDeal struct {
		Provider       Account
		Root           [32]byte // content id of the shard, by the tree of package token
		Pieces         uint32
		Bond           unit.Wei
		Period, Window time.Duration // of the deal, and to answer a challenge; in whole seconds
		Challenges     uint16
	}
	// CancelDeal takes back an offer that nobody has accepted.
	CancelDeal struct{ Deal DealID }
	// AcceptDeal accepts an offer; the Amount of the Tx is the bond.
	AcceptDeal struct{ Deal DealID }
	// ChallengeDeal asks for a piece that chance picks.
	ChallengeDeal struct{ Deal DealID }
	// ProveDeal shows the piece that is asked for.
	ProveDeal struct {
		Deal  DealID
		Piece []byte
		Path  [][32]byte // from its leaf to the root, lowest step first
	}
	// CollectDeal pays the provider for the time that has passed.
	CollectDeal struct{ Deal DealID }
	// SlashDeal ends a deal whose provider has not answered.
	SlashDeal struct{ Deal DealID }
)

func (TopUp) call()          {}
func (Redeem) call()         {}
func (OpenWords) call()      {}
func (RedeemWords) call()    {}
func (CloseWords) call()     {}
func (RequestWords) call()   {}
func (FinalizeWords) call()  {}
func (Fund) call()           {}
func (RedeemTicket) call()   {}
func (Unlock) call()         {}
func (Lock) call()           {}
func (Reclaim) call()        {}
func (Admit) call()          {}
func (OfferTitle) call()     {}
func (AcceptTitle) call()    {}
func (SetRoyalty) call()     {}
func (OfferSplit) call()     {}
func (AcceptSplit) call()    {}
func (SetShares) call()      {}
func (SetTerms) call()       {}
func (Buy) call()            {}
func (Revoke) call()         {}
func (LockPool) call()       {}
func (RedeemPool) call()     {}
func (ReleasePool) call()    {}
func (OpenLedger) call()     {}
func (RedeemLedger) call()   {}
func (CloseLedger) call()    {}
func (ClaimLedger) call()    {}
func (FinalizeLedger) call() {}
func (OfferDeal) call()      {}
func (CancelDeal) call()     {}
func (AcceptDeal) call()     {}
func (ChallengeDeal) call()  {}
func (ProveDeal) call()      {}
func (CollectDeal) call()    {}
func (SlashDeal) call()      {}

// A Notary computes what the contracts behind a Call compute, and signs for
// them with the accounts' keys.
type Notary interface {
	// Link is the word that follows w in a hash chain.
	Link(w Word) Word
	// WordChain is the id of payer's hash chain with this anchor to the split.
	WordChain(payer Account, anchor Word) ChannelID
	// SignTicket signs t with its sender's key.
	SignTicket(t *Ticket) Signature
	// VerifyTicket reports whether sig is the sender's of t.
	VerifyTicket(t *Ticket, sig *Signature) bool
	// Wins reports whether t wins with this signature and secret.
	Wins(t *Ticket, sig *Signature, secret Word) bool
	// Pool is the id of the n-th reserve pool that sender locks.
	Pool(sender Account, n uint64) ChannelID
	// SignPromise signs p with sender's key and keeps the signature in it.
	SignPromise(sender Account, p *Promise)
	// VerifyPromise reports whether p carries sender's signature.
	VerifyPromise(sender Account, p *Promise) bool
	// Ledger is the id of the n-th ledger channel that payer opens to payee.
	Ledger(payer, payee Account, n uint64) ChannelID
	// SignBalance signs b with by's key and keeps the signature in it.
	SignBalance(by Account, b *Balance)
	// VerifyBalance reports whether b carries by's signature.
	VerifyBalance(by Account, b *Balance) bool
	// SignVirtual signs a voucher of a virtual channel.
	SignVirtual(payer Account, v *Voucher)
	// VerifyVirtual reports whether v, of a virtual channel, carries payer's signature.
	VerifyVirtual(payer Account, v *Voucher) bool
	// Leaf is a guarantee in the tree of a balance.
	Leaf(g *Guarantee) Word
	// Join is the node above two nodes of that tree, in either order.
	Join(a, b Word) Word
	// Asked is the piece that an open challenge of a deal asks for.
	Asked(d DealID) (piece uint32, open bool)
	// Licensed reports whether viewer may watch an asset at a time.
	Licensed(contentID [32]byte, viewer Account, at time.Duration) bool
}
