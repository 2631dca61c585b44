package ledger

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A meter writes down what operations cost.
type meter struct {
	*desk
	rows []gasRow
}

type gasRow struct {
	contract, operation string
	of                  string // the case
	gas                 uint64
}

func (m *meter) row(op operation, of string, gas uint64) {
	m.rows = append(m.rows, gasRow{operations[op].contract, operations[op].name, of, gas})
}

// raw measures a call that no payment.Tx makes.
func (m *meter) raw(contract, operation, of string, c call) outcome {
	m.t.Helper()
	o := m.execute(c)[0]
	if !o.ok {
		m.t.Fatalf("%s %s: %s", contract, operation, m.reason(&o))
	}
	m.rows = append(m.rows, gasRow{contract, operation, of, o.gas})
	return o
}

func (m *meter) do(of string, tx payment.Tx) { m.row(m.operation(&tx), of, m.must(tx).Gas) }

// ask is do for a payment.Call.
func (m *meter) ask(of string, from payment.Account, value unit.Wei, x payment.Call) {
	m.do(of, payment.Tx{Kind: payment.Invoke, From: from, Amount: value, Call: x})
}

func thousands(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// first measures the transactions of the first block.
func (m *meter) first() {
	for op := deployRegistry; int(op) < len(operations); op++ {
		if r := m.gas[op]; r.Count > 0 && op != deploySplit && strings.HasPrefix(operations[op].name, "deploy") {
			m.row(op, "", r.Total)
		}
	}
	m.row(operation(payment.Register), "first of an owner", m.gas[payment.Register].Total)
	m.do("later of an owner", payment.Tx{Kind: payment.Register, From: creator, Channel: payment.ChannelID{1}})
}

// channels measures what a payer and a collector do.
func (m *meter) channels() {
	const p = firstPayer
	for n := range uint64(8) {
		tx := m.open(p, n, 2*milli)
		if n == 0 {
			m.do("first of a payer", tx)
		} else if r := m.must(tx); n == 1 {
			m.row(operation(payment.Open), "later of a payer", r.Gas)
		}
	}
	m.do("split's first income", m.close(p, 0, milli))
	m.do("later", m.close(p, 1, milli))
	m.do("whole deposit", m.close(p, 2, 2*milli))
	m.ask("", p, milli, payment.TopUp{Channel: m.Signer().Channel(p, 3)})
	m.ask("first of a channel", collector, 0, payment.Redeem{Voucher: m.voucher(p, 3, milli)})
	m.ask("later of a channel", collector, 0, payment.Redeem{Voucher: m.voucher(p, 3, 2*milli)})
	m.do("after a redemption", m.close(p, 3, 2*milli+1))
	request := payment.Tx{Kind: payment.Request, From: p, Payer: p, Channel: m.Signer().Channel(p, 4)}
	m.do("", request)
	again := m.close(p, 5, milli)
	again.Sig[0] ^= 1
	m.row(operation(payment.Close), "refused as BadVoucher", m.refused(again, "BadVoucher").Gas)
	m.wait(time.Hour)
	request.Kind = payment.Finalize
	m.do("", request)
	m.do("", payment.Tx{Kind: payment.Pay, From: p, Payer: p, Amount: milli})
}

// split measures what the split of a chain with n payees does, which it pays
// for the first time, then later.
func split(t *testing.T, fork Fork, n int) (rows []gasRow) {
	g := testGenesis(40)
	g.Payees, g.Collector = nil, 30
	for i := range n {
		g.Payees = append(g.Payees, Payee{payment.Account(i), 1})
	}
	g.Payees[0].BPS = 10_000 - (n - 1)
	cfg := testConfig()
	cfg.Fork, cfg.GasLimit, g.Balance = fork, 200_000_000, 15*eth // Amsterdam asks for more
	c, err := New(cfg, 1, g)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{desk: &desk{Chain: c, t: t}}
	of := fmt.Sprintf("%d payees", n)
	if n == 1 {
		of = "1 payee"
	}
	m.row(deploySplit, of, m.gas[deploySplit].Total)
	settle, draw := payment.Tx{Kind: payment.Settle, From: 30}, payment.Tx{Kind: payment.Withdraw, From: 30, Payer: 0}
	for _, when := range []string{"first", "later"} {
		m.execute(call{from: m.address(31), to: &m.Chain.split, value: 123_456_789})
		m.do(of+", "+when, settle)
		if n == 1 {
			m.do(when, draw)
		}
	}
	return m.rows
}

// stranger measures a withdrawal to an address that held nothing before.
func (m *meter) stranger() {
	owners := []common.Address{common.HexToAddress("0xbeef"), m.address(payee2)}
	o := m.execute(call{from: m.address(creator), data: creation(m.suite.Split.Code, m.suite.Split.PackConstructor(owners, []uint16{5000, 5000}))})[0]
	m.pay(o.created, 1000)
	o = m.draw(o.created, owners[0])
	m.row(operation(payment.Withdraw), "to an address new to the chain", o.gas)
}

// measured is the table: sorted by contract, otherwise in the order of
// measurement.
func measured(t *testing.T, fork Fork) []gasRow {
	cfg, g := testConfig(), testGenesis(20)
	cfg.Fork, cfg.GasLimit, g.Balance = fork, 200_000_000, 15*eth // Amsterdam asks for more
	for k := range contractNames {
		g.Contracts = append(g.Contracts, Contract(k))
	}
	c, err := New(cfg, 1, g)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{desk: &desk{Chain: c, t: t}}
	m.first()
	m.channels()
	for _, n := range []int{1, 3, 5, payment.MaxPayees} {
		m.rows = append(m.rows, split(t, fork, n)...)
	}
	m.stranger()
	for _, n := range []int{64, 512} {
		m.tree(n)
	}
	m.tickets()
	m.words()
	m.ownership()
	m.licences()
	m.reserves()
	m.ledgers()
	m.deals()
	m.inbox()
	m.vault()
	slices.SortStableFunc(m.rows, func(a, b gasRow) int { return strings.Compare(a.contract, b.contract) })
	return m.rows
}

func gasTableText(rows, next []gasRow) string {
	var out strings.Builder
	out.WriteString("| contract | operation | case | gas | Amsterdam |\n|---|---|---|---:|---:|\n")
	for i, r := range rows {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", r.contract, r.operation, r.of, thousands(r.gas), thousands(next[i].gas))
	}
	return out.String()
}

// TestGasTable compares every operation's gas with testdata/gas.txt and with
// docs/reference/gas.md. Run with -rewrite to renew both; say in the commit why
// they moved.
func TestGasTable(t *testing.T) {
	table := gasTableText(measured(t, Osaka), measured(t, Amsterdam))
	datadriven.RunTest(t, "testdata/gas.txt", func(t *testing.T, d *datadriven.TestData) string { return table })
	const page = "../../docs/reference/gas.md"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "| contract | operation |"
	head, _, found := strings.Cut(string(old), mark)
	if want := head + table; !found || want != string(old) {
		if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
			err = os.WriteFile(page, []byte(want), 0o644)
		} else {
			err = fmt.Errorf("%s has another table than testdata/gas.txt: run go test ./protocol/ledger -run GasTable -rewrite", page)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// A limit leaves room for what was not foreseen, and not too much: the wallet
// must hold the whole limit at the fee cap.
func TestGasLimitsFit(t *testing.T) {
	most := map[[2]string]uint64{}
	for _, r := range measured(t, Osaka) {
		of := [2]string{r.contract, r.operation}
		most[of] = max(most[of], r.gas)
		if r.of == "from the deposit, later" && (r.gas > payment.TicketGas || r.gas+1000 <= payment.TicketGas) {
			t.Errorf("a winner takes %d gas to redeem, payment says %d", r.gas, payment.TicketGas)
		}
	}
	for op, o := range operations {
		if m := most[[2]string{o.contract, o.name}]; op != int(payment.Invoke) && (m == 0 || o.gasLimit < m+m/4 || o.gasLimit > 4*m) {
			t.Errorf("operation %d, %s: a limit of %d for a use of up to %d", op, o.name, o.gasLimit, m)
		}
	}
}
