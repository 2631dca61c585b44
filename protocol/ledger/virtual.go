package ledger

import (
	"bytes"
	"fmt"

	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/payment"
)

// Ledger is the id of the n-th ledger channel of payer to payee.
func (n notary) Ledger(payer, payee payment.Account, number uint64) payment.ChannelID {
	return payment.ChannelID(crypto.Keccak256Hash(word(n.signer.chain), pad(n.extra[VirtualChannels]), pad(n.wallets.address(payer)),
		pad(n.payee(payee)), word(number)))
}

var (
	balanceType = crypto.Keccak256([]byte("Balance(bytes32 ledger,uint64 version,uint256 amount,bytes32 root)"))
	virtualName = "Kinetoscope VirtualChannels"
)

// typed is the EIP-712 digest of a structure of the VirtualChannels contract.
func (n notary) typed(fields ...[]byte) [32]byte {
	domain := domain(virtualName, n.signer.chain, n.extra[VirtualChannels])
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain[:], crypto.Keccak256(fields...))
}

func (n notary) balance(b *payment.Balance) [32]byte {
	return n.typed(balanceType, b.Ledger[:], word(b.Version), word(uint64(b.Amount)), b.Root[:])
}

func (n notary) virtual(v *payment.Voucher) [32]byte {
	id := v.Channel()
	return n.typed(voucherType, id[:], word(uint64(v.Amount)))
}

// SignBalance signs b with by's key.
func (n notary) SignBalance(by payment.Account, b *payment.Balance) {
	b.Sig = n.wallets.sign(by, n.balance(b))
}

// VerifyBalance reports whether the contract would take b for by's.
func (n notary) VerifyBalance(by payment.Account, b *payment.Balance) bool {
	return n.world.signers.signedBy(n.wallets.address(by), n.balance(b), &b.Sig)
}

// SignVirtual signs a voucher of a virtual channel with payer's key.
func (n notary) SignVirtual(payer payment.Account, v *payment.Voucher) {
	v.SetSig(n.wallets.sign(payer, n.virtual(v)))
	v.Signed = true
}

// VerifyVirtual reports whether the contract would take v for payer's.
func (n notary) VerifyVirtual(payer payment.Account, v *payment.Voucher) bool {
	sig := v.Sig()
	return n.world.signers.signedBy(n.wallets.address(payer), n.virtual(v), &sig)
}

// Leaf is the Keccak-256 of the Keccak-256 of g, as the ABI writes it.
func (n notary) Leaf(g *payment.Guarantee) payment.Word {
	inner := crypto.Keccak256(g.Channel[:], pad(n.wallets.address(g.Signer)), word(uint64(g.Cap)), word(uint64(g.Fixed)), word(uint64(g.BPS)))
	return payment.Word(crypto.Keccak256Hash(inner))
}

// Join is the Keccak-256 of both, the lower one first.
func (n notary) Join(a, b payment.Word) payment.Word {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return payment.Word(crypto.Keccak256Hash(a[:], b[:]))
}

// asksVirtual is asks for the calls of ledger channels.
func asksVirtual(x payment.Call) operation {
	switch x.(type) {
	case payment.OpenLedger:
		return openLedger
	case payment.RedeemLedger:
		return redeemLedger
	case payment.CloseLedger:
		return closeLedger
	case payment.ClaimLedger:
		return claimLedger
	case payment.FinalizeLedger:
		return finalizeLedger
	}
	panic(fmt.Sprintf("ledger: no operation for a %T", x))
}
