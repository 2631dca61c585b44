package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
	"github.com/ethereum/go-ethereum/triedb"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A light is what a full node needs to answer those that hold no state, and the
// headers that they hold. Trees are built when somebody first asks for a path
// after a block; most runs never ask.
type light struct {
	headers []header // of blocks that paths were asked for, oldest first
	trees   *trees   // of the last of them
}

// A header is of a block what is looked at by who holds headers alone.
type header struct {
	height uint64
	root   common.Hash
	due    time.Duration // when the next block is due, as known when it was last looked at
}

// Trees are the Merkle-Patricia trees over the accounts, and over the slots of
// the Licences contract.
type trees struct{ accounts, licences *trie.Trie }

// HeaderSize is what a block's header takes on the wire, as RLP.
var HeaderSize = headerSize()

func headerSize() unit.Size {
	var hash common.Hash
	var n uint64
	h := types.Header{Difficulty: new(big.Int), Number: big.NewInt(1 << 24), GasLimit: 60_000_000, GasUsed: 30_000_000, Time: epoch, Extra: make([]byte, 32),
		BaseFee: big.NewInt(gwei), WithdrawalsHash: &hash, BlobGasUsed: &n, ExcessBlobGas: &n, ParentBeaconRoot: &hash, RequestsHash: &hash}
	b, err := rlp.EncodeToBytes(&h)
	if err != nil {
		panic(fmt.Sprintf("ledger: a header: %v", err))
	}
	return unit.Size(len(b))
}

// cut forgets blocks that were taken back: all above height.
func (l *light) cut(height uint64) {
	n := len(l.headers)
	for n > 0 && l.headers[n-1].height > height {
		n--
		l.trees = nil
	}
	l.headers = l.headers[:n]
}

// head is the newest block's header. It and its trees stay as they were when they
// were first asked for, though who first appears on a chain appears between blocks.
func (c *Chain) head() *header {
	l := &c.light
	if n := len(l.headers); n == 0 || l.headers[n-1].height != c.height || l.trees == nil {
		c.world.give()
		l.cut(c.height - 1)
		l.trees = c.world.store.trees(c.extra[Licences])
		l.headers = append(l.headers, header{height: c.height, root: l.trees.accounts.Hash()})
	}
	h := &l.headers[len(l.headers)-1]
	h.due = c.next
	return h
}

// trees builds the trees anew.
func (s *store) trees(licences common.Address) *trees {
	t := &trees{accounts: empty()}
	for _, a := range sorted(s.accounts.keys(), common.Address.Cmp) {
		x := s.accounts.get(a)
		full := types.StateAccount{Nonce: uint64(x.nonce), Balance: x.wei(), Root: types.EmptyRootHash, CodeHash: types.EmptyCodeHash[:]}
		if x.code != 0 {
			full.CodeHash = s.hashes[x.code-1].Bytes()
		}
		if of := s.slots[a]; of.len() > 0 || a == licences {
			slots := empty()
			for _, key := range sorted(of.keys(), common.Hash.Cmp) {
				value := of.get(key)
				put(slots, key[:], bytes.TrimLeft(value[:], "\x00"))
			}
			if full.Root = slots.Hash(); a == licences {
				t.licences = slots
			}
		}
		put(t.accounts, a[:], &full)
	}
	return t
}

func empty() *trie.Trie {
	return trie.NewEmpty(triedb.NewDatabase(rawdb.NewMemoryDatabase(), triedb.HashDefaults))
}

// put writes a value into a tree, as Ethereum keys and encodes them.
func put(t *trie.Trie, key []byte, value any) {
	b, err := rlp.EncodeToBytes(value)
	if err == nil {
		err = t.Update(crypto.Keccak256(key), b)
	}
	if err != nil {
		panic(fmt.Sprintf("ledger: a tree: %v", err))
	}
}

// A path is the nodes of a tree from its root to a key.
type path [][]byte

// Put implements ethdb.KeyValueWriter.
func (p *path) Put(_, node []byte) error { *p = append(*p, node); return nil }

// Delete implements ethdb.KeyValueWriter.
func (p *path) Delete([]byte) error { return errors.ErrUnsupported }

// A slotProof says what a slot holds in the state of a block: the contract's
// account on the path from the state root, and the slot on that from the account's.
type slotProof struct {
	Height        uint64
	Account, Slot path
}

// mostProof bounds a proof that anybody may send: 64 nodes are more than trees of keys
// of 32 bytes can have.
const mostProof = 2 * 64 * 544

// licenceSlot is where the Licences contract keeps until when a viewer may watch: the
// mapping in its slot 1, of a mapping.
func (c *Chain) licenceSlot(contentID [32]byte, viewer payment.Account) []byte {
	inner := crypto.Keccak256(contentID[:], word(1))
	return crypto.Keccak256(pad(c.wallets.address(viewer)), inner)
}

// ProveLicence is what a node of the chain answers to who asks for the end of
// viewer's licence, or its lack, with the path to the newest block's state root, as
// eth_getProof does.
func (c *Chain) ProveLicence(contentID [32]byte, viewer payment.Account) []byte {
	p := slotProof{Height: c.head().height}
	at := c.extra[Licences]
	if err := errors.Join(c.light.trees.accounts.Prove(crypto.Keccak256(at[:]), &p.Account),
		c.light.trees.licences.Prove(crypto.Keccak256(c.licenceSlot(contentID, viewer)), &p.Slot)); err != nil {
		panic(fmt.Sprintf("ledger: a path: %v", err))
	}
	b, err := rlp.EncodeToBytes(&p)
	if err != nil {
		panic(fmt.Sprintf("ledger: a path: %v", err))
	}
	return b
}

// CheckLicence reads a proof as who holds headers alone does: until when viewer
// may watch by it, and when the block after the one that it is of was due. The error
// says why it proves nothing.
func (c *Chain) CheckLicence(contentID [32]byte, viewer payment.Account, proof []byte) (end, due time.Duration, err error) {
	var p slotProof
	if len(proof) > mostProof {
		return 0, 0, fmt.Errorf("%w: %d bytes", ErrProof, len(proof))
	}
	if err := rlp.DecodeBytes(proof, &p); err != nil {
		return 0, 0, fmt.Errorf("%w: %w", ErrProof, err)
	}
	if p.Height == c.height {
		c.head()
	}
	i, known := slices.BinarySearchFunc(c.light.headers, p.Height, func(h header, n uint64) int { return int(int64(h.height) - int64(n)) })
	if !known {
		return 0, 0, fmt.Errorf("%w: no header of block %d", ErrProof, p.Height)
	}
	h, at := &c.light.headers[i], c.extra[Licences]
	account, err := p.Account.value(h.root, at[:])
	if err != nil {
		return 0, 0, err
	}
	var of types.StateAccount
	if err := rlp.DecodeBytes(account, &of); err != nil {
		return 0, 0, fmt.Errorf("%w: no such contract: %w", ErrProof, err)
	}
	if of.Root == types.EmptyRootHash {
		return 0, h.due, nil
	}
	slot, err := p.Slot.value(of.Root, c.licenceSlot(contentID, viewer))
	if err != nil || slot == nil { // nil: the tree has no such key
		return 0, h.due, err
	}
	_, value, _, err := rlp.Split(slot)
	if err != nil || len(value) > 8 {
		return 0, 0, fmt.Errorf("%w: a slot of %d bytes", ErrProof, len(value))
	}
	return sinceEpoch(new(big.Int).SetBytes(value).Uint64()), h.due, nil
}

// ErrProof is wrapped by the errors of CheckLicence.
var ErrProof = errors.New("ledger: not a proof")

// value is what the tree with a root holds at key, by the nodes of p.
func (p path) value(root common.Hash, key []byte) ([]byte, error) {
	nodes := nodes{}
	for _, n := range p {
		nodes[crypto.Keccak256Hash(n)] = n
	}
	v, err := trie.VerifyProof(root, crypto.Keccak256(key), nodes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return v, nil
}

// nodes are those of a tree, by their hashes.
type nodes map[common.Hash][]byte

// Has implements ethdb.KeyValueReader.
func (n nodes) Has(hash []byte) (bool, error) { return n[common.Hash(hash)] != nil, nil }

// Get implements ethdb.KeyValueReader.
func (n nodes) Get(hash []byte) ([]byte, error) { return n[common.Hash(hash)], nil }

// sinceEpoch is when a block's timestamp is, none being before the start or
// centuries after it.
func sinceEpoch(seconds uint64) time.Duration {
	return time.Duration(min(max(seconds, epoch)-epoch, math.MaxInt64/uint64(time.Second))) * time.Second
}

// LicenceEnd reads until when viewer may watch, as of the last block.
func (c *Chain) LicenceEnd(contentID [32]byte, viewer payment.Account) time.Duration {
	l := c.suite.Licences
	data := l.PackEndsAt(new(big.Int).SetBytes(contentID[:]), c.wallets.address(viewer))
	return sinceEpoch(must(l.UnpackEndsAt(c.world.read(c.extra[Licences], data))))
}

// ProofSize is what a proof takes on average in a state of so many accounts and
// licences with as many titles: branches of both trees, full near the root, and two leaves.
func ProofSize(accounts, slots int) int {
	const shell, leaves = 24, 108 + 40 // of RLP; an account and a slot with what is left of their keys
	return shell + leaves + branches(accounts) + branches(slots)
}

// branches is the size of the nodes above a leaf in a tree of n keys.
func branches(n int) int {
	sum := 0.0
	for others, part := float64(n-1), 1.0; others > 0.01; others, part = others/16, part/16 { // that go the same way so far
		shared := 1 - math.Pow(1-part, float64(n-1)) // there are any, so that there is a node
		children := 16 * (1 - math.Pow(15.0/16, 1+others/shared))
		sum += float64(shared * (20 + float64(32*children)))
	}
	return int(sum)
}

// ---- capabilities

var capabilityType = crypto.Keccak256([]byte("Capability(uint256 contentId,address viewer,uint64 expires)"))

// capability is what an issuer signs (EIP-712): viewer may watch an asset until
// ends, in milliseconds of Unix time.
func (c *Chain) capability(contentID [32]byte, viewer payment.Account, ends time.Duration) [32]byte {
	at := uint64(epoch*1000 + ends.Milliseconds())
	text := crypto.Keccak256(capabilityType, contentID[:], pad(c.wallets.address(viewer)), word(at))
	domain := domain("Kinetoscope Licences", c.signer.chain, c.extra[Licences])
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain[:], text)
}

// SignCapability signs with issuer's key that viewer may watch until ends.
func (c *Chain) SignCapability(issuer payment.Account, contentID [32]byte, viewer payment.Account, ends time.Duration) payment.Signature {
	return c.wallets.sign(issuer, c.capability(contentID, viewer, ends))
}

// VerifyCapability reports whether sig is issuer's under that.
func (c *Chain) VerifyCapability(issuer payment.Account, contentID [32]byte, viewer payment.Account, ends time.Duration, sig payment.Signature) bool {
	return c.world.signers.signedBy(c.wallets.address(issuer), c.capability(contentID, viewer, ends), &sig)
}
