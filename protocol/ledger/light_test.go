package ledger

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"

	"kinetoscope/protocol/payment"
)

// licensing is a chain on which n accounts from firstPayer on have a licence.
func licensing(t testing.TB, cfg Config, n int) (*desk, [32]byte) {
	t.Helper()
	g := testGenesis(n + int(firstPayer) + 3)
	g.Contracts = []Contract{Licences}
	c, err := New(cfg, 1, g)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{Chain: c, t: t}
	ask := func(call payment.Call) {
		if r := d.do(payment.Tx{Kind: payment.Invoke, From: creator, Call: call}); !r.OK {
			t.Fatalf("%+v: %s", call, r.Reason)
		}
	}
	ask(payment.SetTerms{ContentID: g.ContentID, Period: time.Hour})
	var all []payment.Account
	for i := range n {
		all = append(all, firstPayer+payment.Account(i))
		d.wake(firstPayer + payment.Account(i)) // accounts that have done something
	}
	for part := range slices.Chunk(all, 64) {
		ask(payment.Buy{ContentID: g.ContentID, Viewers: part})
	}
	return d, g.ContentID
}

// Who holds headers alone reads from a proof what the contract says, and knows
// until when the next block was due.
func TestProofsSayWhatTheContractSays(t *testing.T) {
	d, id := licensing(t, testConfig(), 40)
	for a := firstPayer; a < firstPayer+42; a++ { // two of them have none
		end, due, err := d.CheckLicence(id, a, d.ProveLicence(id, a))
		if want := d.LicenceEnd(id, a); err != nil || end != want || due != d.Next() || (want > 0) != (a < firstPayer+40) {
			t.Errorf("account %d: proved until %v, due %v, %v; the contract says %v, next at %v", a, end, due, err, want, d.Next())
		}
	}
	if root := d.head().root; root != d.Root() {
		t.Errorf("the header's root is %x, the state's %x", root, d.Root())
	}
	d.do(payment.Tx{Kind: payment.Invoke, From: creator, Call: payment.Revoke{ContentID: id, Viewer: firstPayer}})
	if end, _, err := d.CheckLicence(id, firstPayer, d.ProveLicence(id, firstPayer)); end != 0 || err != nil {
		t.Errorf("a licence that was taken back is proved until %v, %v", end, err)
	}
}

// A proof is of one viewer, one title and one block, and of nothing once a byte of it changes.
func TestForgedProofsProveNothing(t *testing.T) {
	d, id := licensing(t, testConfig(), 40)
	const bob = firstPayer + 7
	good := d.ProveLicence(id, bob)
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if end, _, err := d.CheckLicence(id, bob, bad); end > 0 || err != nil && !errors.Is(err, ErrProof) {
			t.Fatalf("with byte %d of %d changed it proves %v, %v", i, len(good), end, err)
		}
		if end, _, err := d.CheckLicence(id, bob, good[:i]); end > 0 || err == nil {
			t.Fatalf("%d of %d bytes prove %v, %v", i, len(good), end, err)
		}
	}
	if end, _, _ := d.CheckLicence(id, bob+1, good); end > 0 {
		t.Errorf("it proves another's licence until %v", end)
	}
	if end, _, _ := d.CheckLicence([32]byte{9}, bob, good); end > 0 {
		t.Errorf("it proves a licence of another title until %v", end)
	}
	if _, _, err := d.CheckLicence(id, bob, make([]byte, mostProof+1)); !errors.Is(err, ErrProof) {
		t.Errorf("too many bytes: %v", err)
	}
	var p slotProof
	if err := rlp.DecodeBytes(good, &p); err != nil {
		t.Fatal(err)
	}
	p.Height--
	older, _ := rlp.EncodeToBytes(&p)
	if _, _, err := d.CheckLicence(id, bob, older); !errors.Is(err, ErrProof) {
		t.Errorf("of a block whose header is not held: %v", err)
	}
	// A tree of the forger's own, in which everybody has a licence for ever.
	own := newStore()
	own.put(place{d.extra[Licences], common.Hash(d.licenceSlot(id, bob))}, common.BytesToHash(word(math.MaxUint64)))
	own.accounts.set(d.extra[Licences], account{nonce: 1})
	trees, forged := own.trees(d.extra[Licences]), slotProof{Height: d.height}
	at := d.extra[Licences]
	if err := errors.Join(trees.accounts.Prove(crypto.Keccak256(at[:]), &forged.Account), trees.licences.Prove(crypto.Keccak256(d.licenceSlot(id, bob)), &forged.Slot)); err != nil {
		t.Fatal(err)
	}
	b, _ := rlp.EncodeToBytes(&forged)
	if end, _, err := d.CheckLicence(id, bob, b); end > 0 || !errors.Is(err, ErrProof) {
		t.Errorf("a tree of the forger's own proves %v, %v", end, err)
	}
	d.light.headers[len(d.light.headers)-1].root = trees.accounts.Hash() // whose root nobody compares
	if end, _, err := d.CheckLicence(id, bob, b); end == 0 || err != nil {
		t.Errorf("the forger's tree is no good tree: %v", err)
	}
}

// A block that was taken back is none whose header counts.
func TestProofsOfBlocksTakenBack(t *testing.T) {
	d, id := licensing(t, shaky(), 1)
	d.do(payment.Tx{Kind: payment.Invoke, From: creator, Call: payment.Revoke{ContentID: id, Viewer: firstPayer}})
	d.do(payment.Tx{Kind: payment.Invoke, From: creator, Call: payment.Buy{ContentID: id, Viewers: []payment.Account{firstPayer}}})
	proof := d.ProveLicence(id, firstPayer)
	if end, _, err := d.CheckLicence(id, firstPayer, proof); end == 0 || err != nil {
		t.Fatalf("before: %v, %v", end, err)
	}
	d.fork(2)
	if end, _, err := d.CheckLicence(id, firstPayer, proof); end > 0 || !errors.Is(err, ErrProof) {
		t.Errorf("after its block was taken back it proves %v, %v", end, err)
	}
	if end, _, err := d.CheckLicence(id, firstPayer, d.ProveLicence(id, firstPayer)); end > 0 || err != nil {
		t.Errorf("the new block proves %v, %v", end, err)
	}
}

// A capability is of one viewer, one title, one end and one issuer.
func TestCapabilities(t *testing.T) {
	d, id := licensing(t, testConfig(), 2)
	const bob, end = firstPayer, 90 * time.Second
	sig := d.SignCapability(collector, id, bob, end)
	malleable := sig
	malleable[64] ^= 7
	for _, tc := range []struct {
		name   string
		issuer payment.Account
		id     [32]byte
		viewer payment.Account
		end    time.Duration
		sig    payment.Signature
		ok     bool
	}{
		{"as signed", collector, id, bob, end, sig, true},
		{"another issuer", creator, id, bob, end, sig, false},
		{"another title", collector, [32]byte{9}, bob, end, sig, false},
		{"another viewer", collector, id, bob + 1, end, sig, false},
		{"a later end", collector, id, bob, end + time.Millisecond, sig, false},
		{"no signature", collector, id, bob, end, payment.Signature{}, false},
		{"another v", collector, id, bob, end, malleable, false},
	} {
		if d.VerifyCapability(tc.issuer, tc.id, tc.viewer, tc.end, tc.sig) != tc.ok {
			t.Errorf("%s: not %v", tc.name, tc.ok)
		}
	}
}

// What a proof is charged for where none is made is what one takes.
func TestProofSize(t *testing.T) {
	for _, n := range []int{5, 40, 400} {
		d, id := licensing(t, testConfig(), n)
		sum := 0
		for i := range n {
			sum += len(d.ProveLicence(id, firstPayer+payment.Account(i)))
		}
		real, model := sum/n, ProofSize(d.world.store.accounts.len(), n)
		if math.Abs(float64(model)/float64(real)-1) > 0.1 {
			t.Errorf("%d licences, %d accounts: proofs take %d bytes, the model says %d", n, d.world.store.accounts.len(), real, model)
		}
	}
	var h types.Header
	b, _ := rlp.EncodeToBytes(&types.Header{})
	if err := rlp.DecodeBytes(b, &h); err == nil && int(HeaderSize) < len(b) {
		t.Errorf("a header of %v is smaller than an empty one", HeaderSize)
	}
	if HeaderSize < 580 || HeaderSize > 660 { // those of mainnet take some 640
		t.Errorf("a header takes %v", HeaderSize)
	}
}

func BenchmarkCheckLicence(b *testing.B) {
	d, id := licensing(b, testConfig(), 400)
	proof := d.ProveLicence(id, firstPayer)
	for b.Loop() {
		if _, _, err := d.CheckLicence(id, firstPayer, proof); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever bytes are shown: they prove what the contract says, or nothing.
func FuzzCheckLicence(f *testing.F) {
	d, id := licensing(f, testConfig(), 3)
	for a := firstPayer; a < firstPayer+4; a++ {
		f.Add(d.ProveLicence(id, a))
	}
	f.Add([]byte{0xc3, 0x80, 0xc0, 0xc0})
	f.Fuzz(func(t *testing.T, proof []byte) {
		for a := firstPayer; a < firstPayer+4; a++ {
			end, _, err := d.CheckLicence(id, a, proof)
			if want := d.LicenceEnd(id, a); err != nil && !errors.Is(err, ErrProof) || err == nil && end != want {
				t.Errorf("account %d: proved until %v, %v; the contract says %v", a, end, err, want)
			}
		}
	})
}
