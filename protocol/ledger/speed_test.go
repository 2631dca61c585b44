//go:build unix

package ledger

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"golang.org/x/sys/unix"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// spent is the processor time of this process so far, garbage collection
// included, so that a busy machine does not blur it.
func spent(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

// Who sends, and how many transactions there are in a block.
const (
	crowd = 2000
	full  = 500
)

// A job is a transaction of one kind or the other.
type job struct {
	tx  payment.Tx
	raw *call
}

func (d *desk) hand(j job) {
	if j.raw == nil {
		d.Submit(d.Next(), j.tx)
		return
	}
	d.wake(j.tx.From)
	d.send(slot{tx: j.tx, price: d.usual().price(), gas: j.raw.gasLimit, since: d.Next(), other: j.raw})
}

// gift is a plain transfer.
func (d *desk) gift(from payment.Account, to common.Address, amount unit.Wei) job {
	return job{payment.Tx{Kind: other, From: from}, &call{from: d.wallets.address(from), to: &to, value: uint64(amount), gasLimit: 50_000}}
}

// A workload makes the i-th job, after one that is not measured if before is set.
type workload struct {
	name         string
	before, make func(d *desk, i int) job
}

func sender(i int) payment.Account { return firstPayer + payment.Account(i%crowd) }

func workloads() []workload {
	open := func(d *desk, i int) job { return job{tx: d.open(sender(i), uint64(i/crowd), 1000)} }
	return []workload{
		{"transfer", nil, func(d *desk, i int) job { return d.gift(sender(i), d.wallets.address(sender(i+1)), 1) }},
		{"mint", nil, func(d *desk, i int) job {
			id := payment.ChannelID(crypto.Keccak256Hash(word(uint64(i))))
			return job{tx: payment.Tx{Kind: payment.Register, From: sender(i), Channel: id}}
		}},
		{"split", nil, func(d *desk, i int) job { // one pays in, the next divides it among three
			if i%2 == 0 {
				return d.gift(sender(i), d.split, 1000)
			}
			return job{tx: payment.Tx{Kind: payment.Settle, From: sender(i)}}
		}},
		{"open", nil, open},
		{"close", open, func(d *desk, i int) job { return job{tx: d.close(sender(i), uint64(i/crowd), 500)} }},
		{"close-checked", open, func(d *desk, i int) job { // by its edge, when the voucher came: as in a run
			tx := d.close(sender(i), uint64(i/crowd), 500)
			if !d.Signer().Verify(tx.Payer, new(payment.NewVoucher(tx.Channel, tx.Amount).With(tx.Sig))) {
				d.t.Fatal("refused")
			}
			return job{tx: tx}
		}},
	}
}

// Transactions per second of processor time: submitted, ordered, executed,
// audited, their receipts given out. With root the state is hashed after every
// block of 500; signed recovers each sender from a signature first, as a node
// that trusts nobody does. Beside each the interpreter alone, right after it.
func BenchmarkTransactions(b *testing.B) {
	for _, w := range workloads() {
		for _, mode := range []string{"trusted", "trusted+root", "signed+root"} {
			b.Run(w.name+"/"+mode, func(b *testing.B) { w.measure(b, mode) })
		}
	}
}

func (w *workload) measure(b *testing.B, mode string) {
	cfg := testConfig()
	cfg.GasLimit, cfg.FeeCap = MaxGasLimit, MaxFeeCap/10
	d := newDesk(b, cfg, crowd+int(firstPayer))
	secret := secret(1, uint64(firstPayer))
	key, err := crypto.ToECDSA(secret[:])
	if err != nil {
		b.Fatal(err)
	}
	signer := types.LatestSignerForChainID(big.NewInt(ChainID))
	signed := types.MustSignNewTx(key, signer, &types.DynamicFeeTx{ChainID: big.NewInt(ChainID), Gas: 100_000,
		GasFeeCap: big.NewInt(gwei), GasTipCap: big.NewInt(1), Data: make([]byte, 100)})
	var used time.Duration
	next, count, gas := 0, 0, uint64(0)
	for b.Loop() {
		if w.before != nil {
			for i := range full {
				d.hand(w.before(d, next+i))
			}
			d.wait(cfg.BlockTime)
		}
		jobs := make([]job, full)
		for i := range jobs {
			jobs[i] = w.make(d, next+i)
			d.wake(jobs[i].tx.From)
		}
		next += full
		d.baseFee = uint64(cfg.BaseFee)
		start := spent(b)
		for i := range jobs {
			if mode == "signed+root" {
				if _, err := signer.Sender(signed); err != nil {
					b.Fatal(err)
				}
			}
			d.hand(jobs[i])
		}
		d.Advance(d.Next(), func(r payment.Receipt) {
			if count, gas = count+1, gas+r.Gas; !r.OK {
				b.Fatal(r.Reason)
			}
		})
		if mode != "trusted" {
			d.Root()
		}
		used += spent(b) - start
	}
	if d.Pending() > 0 || count != next {
		b.Fatalf("%d of %d in a block", count, next)
	}
	b.ReportMetric(float64(count)/used.Seconds(), "tx/cpu-sec")
	b.ReportMetric(float64(gas)/1e6/used.Seconds(), "Mgas/cpu-sec")
	run := bare(b)
	gas, used = 0, 0
	for range 4 { // at once, since a busy machine has another speed by and by
		g, t := run()
		gas, used = gas+g, used+t
	}
	b.ReportMetric(float64(gas)/1e6/used.Seconds(), "bare-Mgas/cpu-sec")
}

// bare is the interpreter alone: each run is 16 million gas of a loop of three
// instructions.
func bare(b *testing.B) (run func() (gas uint64, used time.Duration)) {
	d := newDesk(b, testConfig(), 10)
	loop := common.FromHex("625b5f565f526003601df3") // deploys JUMPDEST PUSH0 JUMP
	at := d.execute(call{from: d.address(creator), data: loop})[0].created
	return func() (uint64, time.Duration) {
		start := spent(b)
		o := d.execute(call{from: d.address(creator), to: &at, gasLimit: 16_000_000})[0]
		return o.gas, spent(b) - start
	}
}

func BenchmarkInterpreter(b *testing.B) {
	run, all, spent := bare(b), uint64(0), time.Duration(0)
	for b.Loop() {
		gas, used := run()
		all, spent = all+gas, spent+used
	}
	b.ReportMetric(float64(all)/1e6/spent.Seconds(), "Mgas/cpu-sec")
}

// A crowd that presses play within five minutes and opens a channel each on the
// first layer, with 60M gas a block: how long the chain takes in virtual hours,
// and the simulator in seconds of processor time. All offer the same cap, so
// the base fee rises to it and blocks are then full to their target.
func BenchmarkFlashCrowd(b *testing.B) {
	sizes := []int{10_000}
	if !testing.Short() {
		sizes = append(sizes, 100_000, 1_000_000)
	}
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				begin := spent(b)
				cfg := Default()
				cfg.Confirmations = 0
				d, open := newDesk(b, cfg, n+int(firstPayer)), 0
				var last time.Duration
				count := func(r payment.Receipt) {
					if open++; !r.OK {
						b.Fatal(r.Reason)
					}
					last = d.Next()
				}
				for i := range n {
					at := 5 * time.Minute * time.Duration(i) / time.Duration(n)
					for d.Next() < at {
						d.Advance(d.Next(), count)
					}
					d.Submit(at, d.open(firstPayer+payment.Account(i), 0, milli))
				}
				for open < n {
					d.Advance(d.Next(), count)
				}
				s := d.Stats()
				b.ReportMetric(last.Hours(), "virtual-h")
				b.ReportMetric((spent(b) - begin).Seconds(), "cpu-sec")
				b.ReportMetric(float64(s.HighestFee)/gwei, "base-fee-gwei")
				b.ReportMetric(s.Delay(0.5).Hours(), "delay-p50-h")
				b.ReportMetric(float64(s.Deepest), "waiting")
			}
		})
	}
}

// A block of 500 transactions while nobody else waits, and while 100,000 do
// whose caps, of a thousand heights, are below the base fee.
func BenchmarkBusyBlock(b *testing.B) {
	for _, waiting := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			cfg := testConfig()
			d := newDesk(b, cfg, crowd+int(firstPayer)+waiting)
			settle := func(a payment.Account) payment.Tx { return payment.Tx{Kind: payment.Settle, From: a} }
			for i := range waiting {
				low := Offer{cfg.Tip / 2, cfg.BaseFee*9/10 + unit.Wei(i%1000)}
				d.SubmitFor(0, settle(firstPayer+payment.Account(crowd+i)), low)
			}
			var used time.Duration
			n := 0
			for b.Loop() {
				d.baseFee = uint64(cfg.BaseFee)
				start := spent(b)
				for i := range full {
					d.Submit(d.Next(), settle(sender(i)))
				}
				d.Advance(d.Next(), func(payment.Receipt) { n++ })
				used += spent(b) - start
			}
			if n != full*b.N || d.Pending() != waiting {
				b.Fatalf("%d in %d blocks, %d wait", n, b.N, d.Pending())
			}
			b.ReportMetric(used.Seconds()*1000/float64(b.N), "cpu-ms/block")
		})
	}
}
