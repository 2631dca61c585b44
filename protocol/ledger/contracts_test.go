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
		o := d.execute(call{from: d.address(creator), data: d.suite.split.create(c.payees, c.shares)})[0]
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
	registry, id := &d.suite.registry, new(big.Int).SetBytes([]byte{0xc0, 31: 0})
	owner := registry.result("ownerOf", d.world.read(d.registry, registry.call("ownerOf", id)))[0]
	if owner != d.address(creator) {
		t.Errorf("the asset belongs to %v, not to the creator", owner)
	}
	price := new(big.Int).SetUint64(1_000_000)
	r := registry.result("royaltyInfo", d.world.read(d.registry, registry.call("royaltyInfo", id, price)))
	if r[0] != d.split || r[1].(*big.Int).Cmp(big.NewInt(50_000)) != 0 {
		t.Errorf("5%% of %v go to %v: %v; want the split %v", price, r[0], r[1], d.split)
	}
	for name, id := range map[string][4]byte{"ERC-721": {0x80, 0xac, 0x58, 0xcd}, "ERC-2981": {0x2a, 0x55, 0x20, 0x5a}, "ERC-165": {0x01, 0xff, 0xc9, 0xa7}} {
		if ok := registry.result("supportsInterface", d.world.read(d.registry, registry.call("supportsInterface", id)))[0]; ok != true {
			t.Errorf("%s is not supported", name)
		}
	}
	from := d.address(creator)
	for _, c := range []struct {
		split common.Address
		bps   int64
		want  string
	}{{d.split, 10_001, "ERC2981InvalidTokenRoyalty"}, {common.Address{}, 500, "ERC2981InvalidTokenRoyaltyReceiver"}, {d.split, 10_000, ""}} {
		o := d.execute(call{from: from, to: &d.registry, data: registry.call("register", big.NewInt(9), c.split, big.NewInt(c.bps))})[0]
		if got := d.reason(&o); got != c.want {
			t.Errorf("a royalty of %d to %v: %q, want %q", c.bps, c.split, got, c.want)
		}
	}
}

// Every event says what happened.
func TestEvents(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	id, from, to := d.Signer().Channel(firstPayer, 0), d.address(firstPayer), d.address(collector)
	channels, split := &d.suite.channels, &d.suite.split
	check := func(c *contract, at common.Address, sender common.Address, value uint64, data []byte, event string, want map[string]any) {
		t.Helper()
		o := d.execute(call{from: sender, to: &at, value: value, data: data})[0]
		if !o.ok {
			t.Fatalf("%s: %s", event, d.reason(&o))
		}
		if got := said(t, c, &o, event); !reflect.DeepEqual(got, want) {
			t.Errorf("%s says\n%v, want\n%v", event, got, want)
		}
	}
	n := func(n int64) *big.Int { return big.NewInt(n) }
	check(channels, d.channels, from, 1000, channels.call("open", d.split, to, uint64(0), uint32(60)), "Opened",
		map[string]any{"id": [32]byte(id), "payer": from, "payee": d.split, "collector": to, "deposit": n(1000), "challengePeriod": uint32(60)})
	closesAt := epoch + uint64(d.next.Seconds()) + 60
	check(channels, d.channels, from, 0, channels.call("requestClose", id), "CloseRequested",
		map[string]any{"id": [32]byte(id), "closesAt": closesAt})
	tx := d.close(firstPayer, 0, 700)
	check(channels, d.channels, to, 0, channels.call("close", tx.Channel, n(700), tx.Sig[:]), "Closed",
		map[string]any{"id": [32]byte(id), "amount": n(700), "refund": n(300)})
	check(split, d.split, to, 0, split.call("settle"), "Settled", map[string]any{"amount": n(700)})
	check(split, d.split, to, 0, split.call("withdraw", d.address(payee1)), "Withdrawn",
		map[string]any{"payee": d.address(payee1), "amount": n(490)})
	check(&d.suite.registry, d.registry, from, 0, d.suite.registry.call("register", n(9), d.split, n(100)), "Registered",
		map[string]any{"contentId": n(9), "owner": from, "split": d.split, "royaltyBps": n(100)})
}

func FuzzReason(f *testing.F) {
	s := loadSuite()
	f.Add([]byte{})
	f.Add([]byte{0x08, 0xc3, 0x79, 0xa0})
	f.Add([]byte{0x4e, 0x48, 0x7b, 0x71, 0, 1})
	bad := s.channels.abi.Errors["BadVoucher"].ID
	f.Add(bad[:4])
	f.Fuzz(func(t *testing.T, data []byte) {
		why := s.reason(data)
		if why == "" || len(data) < 4 && why != "Reverted" {
			t.Errorf("%x means %q", data, why)
		}
	})
}
