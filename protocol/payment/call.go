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

func (TopUp) call()         {}
func (Redeem) call()        {}
func (OpenWords) call()     {}
func (RedeemWords) call()   {}
func (CloseWords) call()    {}
func (RequestWords) call()  {}
func (FinalizeWords) call() {}
func (Fund) call()          {}
func (RedeemTicket) call()  {}
func (Unlock) call()        {}
func (Lock) call()          {}
func (Reclaim) call()       {}
func (Admit) call()         {}

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
}
