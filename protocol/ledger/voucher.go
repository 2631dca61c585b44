package ledger

import (
	"encoding/binary"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A signer makes and checks vouchers exactly as the Channels contract does.
type signer struct {
	wallets  *wallets
	chain    uint64         // id
	channels common.Address // the contract
	split    common.Address // every channel's payee
	signers  *recovery
	domain   [32]byte // EIP-712 domain separator
	asked    lookup   // last: all edges ask for the channel that has opened
}

// A lookup is the id of a channel that was asked for.
type lookup struct {
	payer payment.Account
	n     uint64
	id    payment.ChannelID // zero: none
}

func newSigner(w *wallets, chain uint64, channels, split common.Address, signers *recovery) *signer {
	return &signer{wallets: w, chain: chain, channels: channels, split: split, signers: signers, domain: domain("Kinetoscope Channels", chain, channels)}
}

// word is n in 32 bytes, as the ABI writes it.
func word(n uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 24, 32), n)
}

// Channel is the id of payer's n-th channel to the asset's split.
func (s *signer) Channel(payer payment.Account, n uint64) payment.ChannelID {
	if a := &s.asked; a.payer == payer && a.n == n && a.id != (payment.ChannelID{}) {
		return a.id
	}
	from := s.wallets.address(payer)
	id := payment.ChannelID(crypto.Keccak256Hash(word(s.chain), common.LeftPadBytes(s.channels[:], 32),
		common.LeftPadBytes(from[:], 32), common.LeftPadBytes(s.split[:], 32), word(n)))
	s.asked = lookup{payer, n, id}
	return id
}

var voucherType = crypto.Keccak256([]byte("Voucher(bytes32 channel,uint256 amount)"))

// digest is what a payer signs (EIP-712).
func (s *signer) digest(channel payment.ChannelID, amount unit.Wei) [32]byte {
	voucher := crypto.Keccak256(voucherType, channel[:], word(uint64(amount)))
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, s.domain[:], voucher)
}

// Sign signs v with payer's key and marks it as signed.
func (s *signer) Sign(payer payment.Account, v *payment.Voucher) {
	v.SetSig(s.wallets.sign(payer, s.digest(v.Channel(), v.Amount)))
	v.Signed = true
}

// Attest signs a voucher that was modelled so far and now reaches the contract. What is
// signed with an account's key recovers to its address, so that the machine remembers
// that and does not compute it.
func (s *signer) Attest(payer payment.Account, v *payment.Voucher) {
	s.Sign(payer, v)
	sig := v.Sig()
	s.signers.keep(asked(s.digest(v.Channel(), v.Amount), &sig), s.wallets.address(payer))
}

// Verify reports whether the contract would take v's signature for payer's:
// its v is 27 or 28, its s the lower one of two, and it recovers to payer's
// address.
func (s *signer) Verify(payer payment.Account, v *payment.Voucher) bool {
	sig := v.Sig()
	return s.signers.signedBy(s.wallets.address(payer), s.digest(v.Channel(), v.Amount), &sig)
}
