package ledger

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// TestScripts plays testdata/scripts and compares what is printed. Run with
// -rewrite to renew the files, then read the difference.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/scripts", func(t *testing.T, path string) {
		var s *script
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "chain" {
				s = newScript(t, d)
				return s.line()
			}
			return s.play(t, d)
		})
	})
}

// A script is a chain that is driven by the lines of a file.
type script struct {
	*desk
	now time.Duration
}

// newScript makes the chain of a line like "chain accounts=10 confirmations=1".
func newScript(t *testing.T, d *datadriven.TestData) *script {
	cfg, accounts := testConfig(), 10
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "accounts":
			a.Scan(t, 0, &accounts)
		case "confirmations":
			a.Scan(t, 0, &cfg.Confirmations)
		case "pool":
			a.Scan(t, 0, &cfg.Pool)
		case "fee_cap":
			cfg.FeeCap = amount(t, a.Vals[0])
		case "background":
			if err := cfg.Background.UnmarshalText([]byte(a.Vals[0])); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("no argument %s", a.Key)
		}
	}
	return &script{desk: newDesk(t, cfg, accounts)}
}

func amount(t *testing.T, text string) (w unit.Wei) {
	if err := w.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return w
}

// play does one line: a transaction to submit, time to pass, or a look.
func (s *script) play(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "advance":
		var by string
		d.ScanArgs(t, "by", &by)
		return s.advance(t, by)
	case "show":
		return s.show()
	}
	tx := s.parse(t, d)
	s.last++
	tx.ID = s.last
	s.Submit(s.now, tx)
	return fmt.Sprintf("%d waits, %d in the pool\n", tx.ID, s.Pending())
}

// parse reads a transaction: its kind, who sends it, and what belongs to it.
func (s *script) parse(t *testing.T, d *datadriven.TestData) payment.Tx {
	number := func(key string) (n uint64) {
		if d.HasArg(key) {
			d.ScanArgs(t, key, &n)
		}
		return n
	}
	tx := payment.Tx{From: payment.Account(number("from")), Payer: payment.Account(number("payer")), Nonce: number("nonce")}
	if d.HasArg("amount") {
		var text string
		d.ScanArgs(t, "amount", &text)
		tx.Amount = amount(t, text)
	}
	if tx.Payer != 0 && int(tx.Payer) < s.genesis.Accounts {
		tx.Channel = s.Signer().Channel(tx.Payer, tx.Nonce)
	}
	for k := payment.Register; k <= payment.Finalize; k++ {
		if operations[k].name == d.Cmd {
			tx.Kind = k
		}
	}
	switch tx.Kind {
	case payment.Register:
		tx.Channel[0] = byte(tx.Nonce)
	case payment.Close:
		signer := tx.Payer
		if d.HasArg("signer") {
			signer = payment.Account(number("signer"))
		}
		v := payment.NewVoucher(tx.Channel, tx.Amount)
		s.Signer().Sign(signer, &v)
		tx.Sig = v.Sig()
	}
	return tx
}

func (s *script) advance(t *testing.T, by string) string {
	d, err := time.ParseDuration(by)
	if err != nil {
		t.Fatal(err)
	}
	s.now += d
	var out strings.Builder
	s.Advance(s.now, func(r payment.Receipt) {
		result := "ok"
		if !r.OK {
			result = r.Reason
		}
		fmt.Fprintf(&out, "%d %s by %d: %s, block %d, %d gas, fee %v\n", r.ID, operations[r.Kind].name, r.From, result, r.Height, r.Gas, r.Fee)
	})
	return out.String() + s.line()
}

func (s *script) line() string {
	return fmt.Sprintf("at %v: block %d, next at %v, base fee %v, %d in the pool\n", s.now, s.Height(), s.Next(),
		unit.Wei(s.BaseFee().Uint64()), s.Pending())
}

// show prints who holds what, of accounts 2 to 6 only: the others have purses.
func (s *script) show() string {
	var out strings.Builder
	for a := payee1; a <= firstPayer+1; a++ {
		fmt.Fprintf(&out, "account %d holds %v wei\n", a, s.Balance(a))
	}
	fmt.Fprintf(&out, "locked %v, split %v, credits %v\n", s.Locked(), s.SplitBalance(), s.Credits())
	fmt.Fprintf(&out, "burnt %v, tips %v, unaccounted %v\n", s.Burnt(), s.Tips(), new(big.Int).Sub(s.Supply(), s.held()))
	return out.String()
}
