package ledger

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/payment"
)

// MaxAccounts is the most accounts that a chain can have.
const MaxAccounts = 10_000_000

// deployer is the index of the account that deploys the shared contracts; no
// payment.Account reaches it.
const deployer = 1 << 32

// A wallet is what the ledger keeps of one account besides its state on the
// chain. Keys are derived again each time: that is cheap, addresses are not
// (about 40 us), so they are derived once, when first asked for.
type wallet struct {
	address common.Address
	known   bool // address is set
	awake   bool // the genesis allocation is in the state
}

type wallets struct {
	seed uint64
	all  []wallet
}

func newWallets(seed uint64, n int) *wallets {
	return &wallets{seed: seed, all: make([]wallet, n)}
}

// secret is the private key of account i: the SHA-256 of the text "kinetoscope
// account", the seed and i, both as 8 bytes, most significant first.
func secret(seed, i uint64) [32]byte {
	text := binary.BigEndian.AppendUint64([]byte("kinetoscope account"), seed)
	return sha256.Sum256(binary.BigEndian.AppendUint64(text, i))
}

// address derives the address of account i.
func address(seed, i uint64) common.Address {
	k := secret(seed, i)
	key, err := crypto.ToECDSA(k[:])
	if err != nil { // one in 2^128
		panic(fmt.Sprintf("ledger: seed %d gives account %d no valid key: %v", seed, i, err))
	}
	return crypto.PubkeyToAddress(key.PublicKey)
}

// address is the address of a. It panics for an account that does not exist.
func (w *wallets) address(a payment.Account) common.Address {
	x := w.at(a)
	if !x.known {
		x.address, x.known = address(w.seed, uint64(a)), true
	}
	return x.address
}

func (w *wallets) at(a payment.Account) *wallet {
	if int64(a) >= int64(len(w.all)) {
		panic(fmt.Sprintf("ledger: account %d is asked for, there are %d", a, len(w.all)))
	}
	return &w.all[a]
}

// sign signs digest with a's key: r, s, v with v of 27 or 28. The same digest
// gives the same signature (RFC 6979).
func (w *wallets) sign(a payment.Account, digest [32]byte) (sig payment.Signature) {
	w.at(a)
	k := secret(w.seed, uint64(a))
	key := &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: crypto.S256()}, D: new(big.Int).SetBytes(k[:])}
	s, err := crypto.Sign(digest[:], key)
	if err != nil {
		panic(fmt.Sprintf("ledger: account %d cannot sign: %v", a, err))
	}
	copy(sig[:], s)
	sig[64] += 27
	return sig
}
