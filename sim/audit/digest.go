package audit

import (
	"bytes"
	"encoding/binary"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/ledger"
)

// num is a number as a word of a contract's data.
func num[T int | int64 | uint64](v T) (w [32]byte) {
	binary.BigEndian.PutUint64(w[24:], uint64(v))
	return w
}

// place is an address as a word.
func place(a common.Address) [32]byte { return common.BytesToHash(a[:]) }

// large is a number that may be more than 64 bits.
func large(v *big.Int) [32]byte { return common.BigToHash(v) }

// hashed is the Keccak-256 of words.
func hashed(words ...[32]byte) [32]byte {
	var all []byte
	for _, w := range words {
		all = append(all, w[:]...)
	}
	return crypto.Keccak256Hash(all)
}

// idOf is the id that a contract gives to what two parties made, told from
// others by a word.
func idOf(contract, from, to common.Address, word [32]byte) [32]byte {
	return hashed(num(ledger.ChainID), place(contract), place(from), place(to), word)
}

// digest is what is signed of a struct by EIP-712, from its type and words, for
// the contract of that name at an address.
func digest(name string, at common.Address, kind string, words ...[32]byte) [32]byte {
	text := func(s string) [32]byte { return crypto.Keccak256Hash([]byte(s)) }
	domain := hashed(text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
		text("Kinetoscope "+name), text("1"), num(ledger.ChainID), place(at))
	message := hashed(append([][32]byte{text(kind)}, words...)...)
	return crypto.Keccak256Hash(bytes.Join([][]byte{{0x19, 0x01}, domain[:], message[:]}, nil))
}
