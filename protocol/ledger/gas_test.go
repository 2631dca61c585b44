package ledger

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// A meter writes down what operations cost.
type meter struct {
	*desk
	rows []string
}

func (m *meter) row(name string, gas uint64) {
	m.rows = append(m.rows, fmt.Sprintf("| %s | %s |\n", name, thousands(gas)))
}

func (m *meter) do(name string, tx payment.Tx) { m.row(name, m.must(tx).Gas) }

func thousands(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// channels measures what a payer and a collector do.
func (m *meter) channels() {
	for _, r := range m.GasByKind() {
		if r.Operation != "deploy split" {
			m.row(r.Operation, r.Total)
		}
	}
	const p = firstPayer
	m.do("register, owner's second", payment.Tx{Kind: payment.Register, From: creator, Channel: payment.ChannelID{1}})
	m.do("open", m.open(p, 0, 2*milli))
	m.do("open, payer's second", m.open(p, 1, 2*milli))
	for n := range uint64(4) {
		m.must(m.open(p, 2+n, 2*milli))
	}
	m.do("close, split's first income", m.close(p, 0, milli))
	m.do("close", m.close(p, 1, milli))
	m.do("close, whole deposit", m.close(p, 2, 2*milli))
	request := payment.Tx{Kind: payment.Request, From: p, Payer: p, Channel: m.Signer().Channel(p, 3)}
	m.do("request", request)
	again := m.close(p, 4, milli)
	again.Sig[0] ^= 1
	m.row("close, refused as BadVoucher", m.refused(again, "BadVoucher").Gas)
	m.wait(time.Hour)
	request.Kind = payment.Finalize
	m.do("finalize", request)
}

// split measures what the split of a chain with n payees does, which it pays
// for the first time, then later.
func split(t *testing.T, n int) (rows []string) {
	g := testGenesis(40)
	g.Payees, g.Collector = nil, 30
	for i := range n {
		g.Payees = append(g.Payees, Payee{payment.Account(i), 1})
	}
	g.Payees[0].BPS = 10_000 - (n - 1)
	c, err := New(testConfig(), 1, g)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{desk: &desk{Chain: c, t: t}}
	of := fmt.Sprintf("%d payees", n)
	if n == 1 {
		of = "1 payee"
	}
	for _, r := range m.GasByKind() {
		if r.Operation == "deploy split" {
			m.row("deploy split, "+of, r.Total)
		}
	}
	settle, draw := payment.Tx{Kind: payment.Settle, From: 30}, payment.Tx{Kind: payment.Withdraw, From: 30, Payer: 0}
	for _, when := range []string{"first", "later"} {
		m.execute(call{from: m.address(31), to: &m.Chain.split, value: 123_456_789})
		m.do("settle, "+of+", "+when, settle)
		if n == 1 {
			m.do("withdraw, "+when, draw)
		}
	}
	return m.rows
}

// stranger measures a withdrawal to an address that held nothing before.
func (m *meter) stranger() {
	owners := []common.Address{common.HexToAddress("0xbeef"), m.address(payee2)}
	o := m.execute(call{from: m.address(creator), data: m.suite.split.create(owners, []uint16{5000, 5000})})[0]
	m.pay(o.created, 1000)
	o = m.draw(o.created, owners[0])
	m.row("withdraw, to an address new to the chain", o.gas)
}

func measured(t *testing.T) string {
	m := &meter{desk: newDesk(t, testConfig(), 10)}
	m.channels()
	for _, n := range []int{1, 3, 5, payment.MaxPayees} {
		m.rows = append(m.rows, split(t, n)...)
	}
	m.stranger()
	return "| operation | gas |\n|---|---:|\n" + strings.Join(m.rows, "")
}

// TestGasTable compares every operation's gas with testdata/gas.txt. Run with
// -rewrite to renew the file, and the table in docs/reference/contracts.md with
// it; say in the commit why it moved.
func TestGasTable(t *testing.T) {
	datadriven.RunTest(t, "testdata/gas.txt", func(t *testing.T, d *datadriven.TestData) string { return measured(t) })
}

// The reference has the table as it is measured, and every function, error and
// event of our contracts.
func TestReferenceIsComplete(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/contracts.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), measured(t)) {
		t.Error("docs/reference/contracts.md has another gas table than testdata/gas.txt")
	}
	s := loadSuite()
	known := s.registry.abi // of OpenZeppelin's parts only what we wrote is described
	for name := range known.Errors {
		if name != "AlreadyRegistered" {
			delete(known.Errors, name)
		}
	}
	for name := range known.Events {
		if name != "Registered" {
			delete(known.Events, name)
		}
	}
	for name := range known.Methods {
		if name != "register" {
			delete(known.Methods, name)
		}
	}
	for _, c := range []contract{s.registry, s.split, s.channels} {
		var words []string
		for _, x := range c.abi.Methods {
			words = append(words, x.Sig)
		}
		for _, x := range c.abi.Errors {
			words = append(words, x.Sig)
		}
		for _, x := range c.abi.Events {
			words = append(words, x.Sig)
		}
		for _, w := range words {
			if !strings.Contains(string(page), "`"+w+"`") {
				t.Errorf("docs/reference/contracts.md does not name %s", w)
			}
		}
	}
}

// A limit leaves room for what was not foreseen, and not too much: the wallet
// must hold the whole limit at the fee cap.
func TestGasLimitsFit(t *testing.T) {
	most := map[string]uint64{}
	for _, line := range strings.Split(measured(t), "\n") {
		var name, gas string
		if cells := strings.Split(line, " | "); len(cells) == 2 {
			name, gas = strings.TrimPrefix(cells[0], "| "), strings.TrimSuffix(cells[1], " |")
		}
		var n uint64
		if fmt.Sscan(strings.ReplaceAll(gas, ",", ""), &n); n > 0 {
			name, _, _ = strings.Cut(name, ",")
			most[name] = max(most[name], n)
		}
	}
	for op, o := range operations {
		if m := most[o.name]; m == 0 || o.gasLimit < m+m/4 || o.gasLimit > 4*m {
			t.Errorf("operation %d, %s: a limit of %d for a use of up to %d", op, o.name, o.gasLimit, m)
		}
	}
}
