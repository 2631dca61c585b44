// Package payment moves money from a viewer to the rights holders: the payer's
// and the payee's half of each method, as state machines without I/O.
//
// What it leaves out: the chain itself (protocol/ledger executes a Tx) and the
// network (a role carries a Voucher inside its messages).
package payment

import "kinetoscope/internal/unit"

// An Account is a dense index of somebody who owns a wallet. The driver holds
// the keys; on the chain each account is one address.
type Account uint32

// A ChannelID names one payment channel on the chain.
type ChannelID [32]byte

// A Signature is a 65-byte secp256k1 signature: r, s, v.
type Signature [65]byte

// A TxKind says what a transaction asks of the ledger.
type TxKind uint8

// Kinds of Tx.
const (
	Register TxKind = iota // a creator registers an asset; the split takes its royalties
	Open                   // a payer opens a channel and locks Amount
	Close                  // the collector closes a channel with a voucher for Amount
	Settle                 // anybody divides what the split has received among the payees
	Withdraw               // a payee takes its credit out of the split
	Request                // a payer asks for its deposit back; the challenge period starts
	Finalize               // the payer takes the deposit back after the challenge period
	Invoke                 // whatever the Tx's Call says
	Pay                    // anybody pays Amount into the split
)

var txNames = [...]string{Register: "register", Open: "open", Close: "close", Settle: "settle",
	Withdraw: "withdraw", Request: "request", Finalize: "finalize", Invoke: "invoke", Pay: "pay"}

// String is the kind's name in traces.
func (k TxKind) String() string { return txNames[k] }

// A Tx asks the ledger for one state change.
type Tx struct {
	ID      uint32    // chosen by the sender, handed back in the Receipt
	Kind    TxKind    //
	From    Account   // signs and pays the gas
	Payer   Account   // of the channel (Open, Close); Withdraw: the payee
	Channel ChannelID // Register: the content id
	Nonce   uint64    // Open: which of the payer's channels it is, as in Signer.Channel
	Amount  unit.Wei  // Open: deposit. Close: what the voucher says. Invoke: wei that the call takes along, or that it is to pay out.
	Sig     Signature // Close: the payer's voucher signature
	Split   uint32    // Pay, Settle, Withdraw: which split; 0 is the asset's, others belong to other assets of the driver
	Place   Place     // OnL1: the first layer even if the contracts are on a rollup; else where the contracts are
	Call    Call      // Invoke: what is asked of a contract
}

// A Receipt says what the ledger did with a Tx.
type Receipt struct {
	ID      uint32
	Kind    TxKind
	From    Account
	Payer   Account
	Channel ChannelID
	Amount  unit.Wei // as in the Tx
	Split   uint32   // as in the Tx
	OK      bool
	Gas     uint64   // gas used
	Fee     unit.Wei // gas used times the effective gas price
	Height  uint64   // block number
	Place   Place    // where it was executed
	Reason  string   // why it failed: a custom error's name, or the pool's reason
	Call    Call     // as in the Tx: what everybody can read on the chain
	Reorged bool     // what an earlier receipt said no longer holds: its block was taken back, the transaction waits again
}

// turnedAway says that the transaction was never executed, for want of room, so
// that it may be sent again.
func (r *Receipt) turnedAway() bool { return r.Reason == PoolFull }

// PoolFull is the Reason of a transaction that found no room in the pool.
const PoolFull = "PoolFull"

// A Voucher promises Amount wei in total over the life of its channel: it is
// cumulative, so that the newest one replaces all before it. What it points to never
// changes, so that copies share it.
type Voucher struct {
	channel *ChannelID // nil: none
	Amount  unit.Wei
	sig     *Signature // nil: empty, as of all that are modelled
	Signed  bool       // false: modelled, the signature is empty until a contract asks for it
	Short   bool       // the signature is a Word, and empty behind it
	To      Account    // whom it pays, where each edge is paid by itself: filled in by who gets it
}

// NewVoucher is a voucher without a signature.
func NewVoucher(id ChannelID, amount unit.Wei) Voucher { return Voucher{channel: &id, Amount: amount} }

func (v *Voucher) name(id ChannelID) { v.channel = &id }

// Channel is the voucher's channel, zero if it names none.
func (v *Voucher) Channel() (id ChannelID) {
	if v.channel != nil {
		id = *v.channel
	}
	return id
}

// on says whether the voucher is of the same channel as another one.
func (v *Voucher) on(o *Voucher) bool { return v.channel == o.channel || v.Channel() == o.Channel() }

// Sig is the voucher's signature.
func (v *Voucher) Sig() (s Signature) {
	if v.sig != nil {
		s = *v.sig
	}
	return s
}

// ProofLen is how many bytes of it are sent: a Word is shorter.
func (v *Voucher) ProofLen() int {
	if v.Short {
		return len(Word{})
	}
	return len(Signature{})
}

// Proof is what makes a payment the payer's, a signature or a word, as it is sent.
func (v *Voucher) Proof() []byte {
	s := v.Sig()
	return s[:v.ProofLen()]
}

// SetSig gives the voucher a signature.
func (v *Voucher) SetSig(s Signature) {
	if v.sig = nil; s != (Signature{}) {
		v.sig = &s
	}
}

// With is the voucher with a signature.
func (v Voucher) With(s Signature) Voucher {
	v.SetSig(s)
	return v
}

// Equal says whether two vouchers are the same, signatures included.
func (v *Voucher) Equal(o *Voucher) bool {
	a, b := *v, *o
	a.channel, b.channel, a.sig, b.sig = nil, nil, nil, nil
	return a == b && v.on(o) && v.Sig() == o.Sig()
}

// A Signer signs and checks vouchers with the accounts' keys.
type Signer interface {
	// Channel is the id of the n-th channel that payer opens for the asset.
	Channel(payer Account, n uint64) ChannelID
	// Sign signs the EIP-712 digest of the voucher with payer's key.
	Sign(payer Account, v *Voucher)
	// Attest does so for a contract, which then need not work out who has signed.
	Attest(payer Account, v *Voucher)
	// Verify reports whether v carries payer's signature.
	Verify(payer Account, v *Voucher) bool
}
