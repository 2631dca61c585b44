package ledger

import (
	"bytes"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/payment"
)

// A notary is the off-chain half of the contracts that Genesis.Contracts names.
type notary struct{ *Chain }

// Notary computes and signs what the contracts behind payment.Call check.
func (c *Chain) Notary() payment.Notary { return c.notary() }

func (c *Chain) notary() notary { return notary{c} }

// payee is the address of a, which may be the split.
func (n notary) payee(a payment.Account) common.Address {
	if a == payment.TheSplit {
		return n.split
	}
	return n.wallets.address(a)
}

func (n notary) payees(all []payment.Account) []common.Address {
	out := make([]common.Address, len(all))
	for i, a := range all {
		out[i] = n.payee(a)
	}
	return out
}

// Link is the Keccak-256 of w.
func (n notary) Link(w payment.Word) payment.Word { return payment.Word(crypto.Keccak256Hash(w[:])) }

// WordChain is the id of payer's hash chain to the split.
func (n notary) WordChain(payer payment.Account, anchor payment.Word) payment.ChannelID {
	contract, from := n.extra[HashChain], n.wallets.address(payer)
	return payment.ChannelID(crypto.Keccak256Hash(word(n.signer.chain), pad(contract), pad(from), pad(n.split), anchor[:]))
}

func pad(a common.Address) []byte { return common.LeftPadBytes(a[:], 32) }

var ticketType = crypto.Keccak256([]byte(
	"Ticket(address sender,address recipient,uint256 faceValue,uint256 winProb,uint64 expires,uint64 nonce,bytes32 commitment)"))

// digest is what a sender of tickets signs (EIP-712).
func (n notary) digest(t *payment.Ticket) [32]byte {
	ticket := crypto.Keccak256(ticketType, pad(n.wallets.address(t.Sender)), pad(n.payee(t.Recipient)), word(uint64(t.FaceValue)),
		t.WinProb[:], word(stamp(t.Expires)), word(t.Nonce), t.Commitment[:])
	domain := domain("Kinetoscope Tickets", n.signer.chain, n.extra[Tickets])
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain[:], ticket)
}

// SignTicket signs t with its sender's key.
func (n notary) SignTicket(t *payment.Ticket) payment.Signature {
	return n.wallets.sign(t.Sender, n.digest(t))
}

// VerifyTicket reports whether the contract would take sig for the sender's.
func (n notary) VerifyTicket(t *payment.Ticket, sig *payment.Signature) bool {
	return n.world.signers.signedBy(n.wallets.address(t.Sender), n.digest(t), sig)
}

// Wins reports whether the draw of t is below its WinProb.
func (n notary) Wins(t *payment.Ticket, sig *payment.Signature, secret payment.Word) bool {
	return bytes.Compare(crypto.Keccak256(sig[:], secret[:]), t.WinProb[:]) < 0
}

// Pool is the id of the n-th reserve pool of sender.
func (n notary) Pool(sender payment.Account, number uint64) payment.ChannelID {
	contract, from := n.extra[ReservePool], n.wallets.address(sender)
	return payment.ChannelID(crypto.Keccak256Hash(word(n.signer.chain), pad(contract), pad(from), word(number)))
}

var promiseType = crypto.Keccak256([]byte("Voucher(bytes32 pool,address recipient,uint256 amount)"))

func (n notary) promised(p *payment.Promise) [32]byte {
	voucher := crypto.Keccak256(promiseType, p.Pool[:], pad(n.payee(p.Recipient)), word(uint64(p.Amount)))
	domain := domain("Kinetoscope ReservePool", n.signer.chain, n.extra[ReservePool])
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain[:], voucher)
}

// SignPromise signs p with sender's key.
func (n notary) SignPromise(sender payment.Account, p *payment.Promise) {
	p.Sig = n.wallets.sign(sender, n.promised(p))
}

// VerifyPromise reports whether the contract would take p for sender's.
func (n notary) VerifyPromise(sender payment.Account, p *payment.Promise) bool {
	return n.world.signers.signedBy(n.wallets.address(sender), n.promised(p), &p.Sig)
}

// Asked reads the open challenge of a deal as of the last block.
func (n notary) Asked(d payment.DealID) (piece uint32, open bool) {
	deals := n.suite.StorageDeals
	deal := must(deals.UnpackDeal(n.world.read(n.extra[StorageDeals], deals.PackDeal(new(big.Int).SetUint64(uint64(d))))))
	return deal.Piece, deal.Due != 0
}

// Licensed reads when viewer's licence ends as of the last block.
func (n notary) Licensed(contentID [32]byte, viewer payment.Account, at time.Duration) bool {
	l := n.suite.Licences
	data := l.PackEndsAt(new(big.Int).SetBytes(contentID[:]), n.wallets.address(viewer))
	return stamp(at) < must(l.UnpackEndsAt(n.world.read(n.extra[Licences], data)))
}

// domain is an EIP-712 domain separator of a contract of ours.
func domain(name string, chain uint64, contract common.Address) [32]byte {
	return crypto.Keccak256Hash(
		crypto.Keccak256([]byte("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
		crypto.Keccak256([]byte(name)), crypto.Keccak256([]byte("1")), word(chain), pad(contract))
}
