package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// The artefacts are what the compiler made of the sources that lie beside them.
// That the compiler makes them is for "node compile.mjs --check" to show.
func TestArtefactsBelongToSources(t *testing.T) {
	sums, err := os.ReadFile("contracts/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("a line of SHA256SUMS without a name: %s", lines.Text())
		}
		text, err := os.ReadFile(filepath.Join("contracts", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not what was compiled: run node compile.mjs in contracts", name)
		}
		named = append(named, name)
	}
	for _, pattern := range []string{"src/*.sol", "test/*.sol", "build/*.json", "build/test/*.json"} {
		files, _ := filepath.Glob(filepath.Join("contracts", pattern))
		if len(files) == 0 {
			t.Errorf("no %s", pattern)
		}
		for _, f := range files {
			if name, _ := filepath.Rel("contracts", f); !slices.Contains(named, filepath.ToSlash(name)) {
				t.Errorf("%s is not in SHA256SUMS", name)
			}
		}
	}
}

// A lock file that names a registry would tie everybody to that one.
func TestLockFileNamesNoRegistry(t *testing.T) {
	text, err := os.ReadFile("contracts/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(`"resolved"`)) {
		t.Error("package-lock.json has resolved addresses: npm install --omit-lockfile-registry-resolved")
	}
	if n := bytes.Count(text, []byte(`"integrity"`)); n < 9 {
		t.Errorf("package-lock.json has %d integrity hashes", n)
	}
}

func TestSplitRefusesBadPayees(t *testing.T) {
	d := newDesk(t, testConfig(), 40)
	a := func(n int) (all []common.Address) {
		for i := range n {
			all = append(all, d.address(payment.Account(i)))
		}
		return all
	}
	even := func(n int, each uint16) []uint16 { return slices.Repeat([]uint16{each}, n) }
	for _, c := range []struct {
		name   string
		payees []common.Address
		shares []uint16
		want   string
	}{
		{"nobody", nil, nil, "BadLength"},
		{"seventeen", a(17), even(17, 588), "BadLength"},
		{"more payees than shares", a(2), []uint16{10_000}, "BadLength"},
		{"more shares than payees", a(1), []uint16{5000, 5000}, "BadLength"},
		{"too little", a(2), []uint16{5000, 4999}, "BadSum"},
		{"too much", a(2), []uint16{5000, 5001}, "BadSum"},
		{"more than 16 bits hold", a(16), even(16, 65_535), "BadSum"},
		{"the zero address", []common.Address{{}, a(1)[0]}, []uint16{5000, 5000}, "ZeroPayee"},
		{"no share", a(2), []uint16{10_000, 0}, "ZeroShare"},
		{"twice", slices.Concat(a(2), a(1)), []uint16{5000, 2500, 2500}, "DuplicatePayee"},
		{"one", a(1), []uint16{10_000}, ""},
		{"sixteen", a(16), even(16, 625), ""},
	} {
		o := d.execute(call{from: d.address(creator), data: creation(d.suite.Split.Code, d.suite.Split.PackConstructor(c.payees, c.shares))})[0]
		if got := d.reason(&o); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNewPassesOnWhatTheSplitSays(t *testing.T) {
	g := testGenesis(10)
	g.Payees[1].BPS++
	if _, err := New(testConfig(), 1, g); err == nil || err.Error() != "genesis: deploy split: the contract says BadSum" {
		t.Errorf("shares of 100.01%%: %v", err)
	}
}

func TestRegistryKnowsOwnerAndRoyalty(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	registry, id := d.suite.Registry, new(big.Int).SetBytes([]byte{0xc0, 31: 0})
	owner := must(registry.UnpackOwnerOf(d.world.read(d.registry, registry.PackOwnerOf(id))))
	if owner != d.address(creator) {
		t.Errorf("the asset belongs to %v, not to the creator", owner)
	}
	price := new(big.Int).SetUint64(1_000_000)
	r := must(registry.UnpackRoyaltyInfo(d.world.read(d.registry, registry.PackRoyaltyInfo(id, price))))
	if r.Receiver != d.split || r.Amount.Cmp(big.NewInt(50_000)) != 0 {
		t.Errorf("5%% of %v go to %v: %v; want the split %v", price, r.Receiver, r.Amount, d.split)
	}
	for name, id := range map[string][4]byte{"ERC-721": {0x80, 0xac, 0x58, 0xcd}, "ERC-2981": {0x2a, 0x55, 0x20, 0x5a}, "ERC-165": {0x01, 0xff, 0xc9, 0xa7}} {
		if ok := must(registry.UnpackSupportsInterface(d.world.read(d.registry, registry.PackSupportsInterface(id)))); !ok {
			t.Errorf("%s is not supported", name)
		}
	}
	from := d.address(creator)
	for _, c := range []struct {
		split common.Address
		bps   int64
		want  string
	}{{d.split, 10_001, "ERC2981InvalidTokenRoyalty"}, {common.Address{}, 500, "ERC2981InvalidTokenRoyaltyReceiver"}, {d.split, 10_000, ""}} {
		o := d.execute(call{from: from, to: &d.registry, data: registry.PackRegister(big.NewInt(9), c.split, big.NewInt(c.bps))})[0]
		if got := d.reason(&o); got != c.want {
			t.Errorf("a royalty of %d to %v: %q, want %q", c.bps, c.split, got, c.want)
		}
	}
}

// heard executes a call and holds that the event that unpack reads says want.
func heard[E any](d *desk, unpack func(*types.Log) (*E, error), c call, want E) {
	d.t.Helper()
	o := d.execute(c)[0]
	if !o.ok {
		d.t.Fatalf("%T: %s", want, d.reason(&o))
	}
	got := said(d.t, &o, unpack)
	reflect.ValueOf(got).Elem().FieldByName("Raw").SetZero()
	if !reflect.DeepEqual(*got, want) {
		d.t.Errorf("%T says\n%v, want\n%v", want, *got, want)
	}
}

// Every event says what happened.
func TestEvents(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	id, from, to := [32]byte(d.Signer().Channel(firstPayer, 0)), d.address(firstPayer), d.address(collector)
	s, n := d.suite, big.NewInt
	heard(d, s.Channels.UnpackOpenedEvent, call{from: from, to: &d.channels, value: 1000, data: s.Channels.PackOpen(d.split, to, 0, 60)},
		contracts.ChannelsOpened{Id: id, Payer: from, Payee: d.split, Collector: to, Deposit: n(1000), ChallengePeriod: 60})
	closesAt := epoch + uint64(d.next.Seconds()) + 60
	heard(d, s.Channels.UnpackCloseRequestedEvent, call{from: from, to: &d.channels, data: s.Channels.PackRequestClose(id)},
		contracts.ChannelsCloseRequested{Id: id, ClosesAt: closesAt})
	tx := d.close(firstPayer, 0, 700)
	heard(d, s.Channels.UnpackClosedEvent, call{from: to, to: &d.channels, data: s.Channels.PackClose(tx.Channel, n(700), tx.Sig[:])},
		contracts.ChannelsClosed{Id: id, Amount: n(700), Refund: n(300)})
	heard(d, s.Split.UnpackSettledEvent, call{from: to, to: &d.split, data: s.Split.PackSettle()}, contracts.SplitSettled{Amount: n(700)})
	heard(d, s.Split.UnpackWithdrawnEvent, call{from: to, to: &d.split, data: s.Split.PackWithdraw(d.address(payee1))},
		contracts.SplitWithdrawn{Payee: d.address(payee1), Amount: n(490)})
	heard(d, s.Registry.UnpackRegisteredEvent, call{from: from, to: &d.registry, data: s.Registry.PackRegister(n(9), d.split, n(100))},
		contracts.RegistryRegistered{ContentId: n(9), Owner: from, Split: d.split, RoyaltyBps: n(100)})
}

func FuzzReason(f *testing.F) {
	s := contracts.New()
	f.Add([]byte{})
	f.Add([]byte{0x08, 0xc3, 0x79, 0xa0})
	f.Add([]byte{0x4e, 0x48, 0x7b, 0x71, 0, 1})
	bad := contracts.ChannelsBadVoucherErrorID()
	f.Add(bad[:4])
	f.Fuzz(func(t *testing.T, data []byte) {
		why := s.Reason(data)
		if why == "" || len(data) < 4 && why != "Reverted" {
			t.Errorf("%x means %q", data, why)
		}
	})
}
