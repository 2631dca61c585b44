package ledger

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/payment"
)

// shaky confirms after one block and keeps what it needs to take blocks back,
// which it does only when told to.
func shaky() Config {
	c := testConfig()
	c.Confirmations, c.Reorgs = 1, Reorgs{Rate: 1e-12, Depth: MaxReorg}
	return c
}

// What was confirmed is revoked, waits again, and comes once more.
func TestReorgRevokesAndIncludesAgain(t *testing.T) {
	d := newDesk(t, shaky(), 10)
	var heard []string
	listen := func(r payment.Receipt) {
		heard = append(heard, fmt.Sprintf("%d in block %d, revoked %v", r.ID, r.Height, r.Reorged))
	}
	tx := d.open(firstPayer, 0, milli)
	tx.ID = 7
	d.Submit(0, tx)
	d.Advance(d.Next(), listen)
	d.Advance(d.Next(), listen)
	d.fork(2)
	if d.Pending() != 1 || d.Locked().Sign() != 0 {
		t.Errorf("after the fork %d wait, %v wei are locked", d.Pending(), d.Locked())
	}
	d.Advance(d.Next(), listen)
	d.Advance(d.Next(), listen)
	if want := "[7 in block 2, revoked false 7 in block 2, revoked true 7 in block 4, revoked false]"; fmt.Sprint(heard) != want {
		t.Errorf("heard %v, want %s", heard, want)
	}
	if s := d.Stats(); s.Reorgs != 1 || s.BlocksTakenBack != 2 || s.Reorged != 1 || len(s.Delays) != 1 || s.Delays[0] != 3*d.cfg.BlockTime {
		t.Errorf("%+v", s)
	}
	if d.Locked().Cmp(wei(milli)) != 0 || d.held().Cmp(d.Supply()) != 0 {
		t.Errorf("locked %v, held %v of %v", d.Locked(), d.held(), d.Supply())
	}
}

// A receipt that was not given out is not revoked: its transaction only waits
// again.
func TestReorgBeforeConfirmationIsSilent(t *testing.T) {
	d := newDesk(t, shaky(), 10)
	d.Submit(0, d.open(firstPayer, 0, milli))
	d.Advance(d.Next(), func(r payment.Receipt) { t.Errorf("heard %+v", r) })
	d.fork(1)
	d.Advance(d.Next(), func(r payment.Receipt) { t.Errorf("heard %+v", r) })
	if d.Pending() != 0 || len(d.waiting) != 1 {
		t.Errorf("%d wait, %d to be confirmed", d.Pending(), len(d.waiting))
	}
}

// Taking blocks back leaves the state of before, to the byte, and money whole;
// a chain that has lived through reorganisations ends where its last branch ends.
func TestTakingBackRestoresTheState(t *testing.T) {
	for seed := range uint64(8) {
		d, rng := newDesk(t, shaky(), 40), rand.New(rand.NewPCG(seed, 5))
		for a := range payment.Account(40) { // who comes to life meanwhile stays alive
			d.wake(a)
		}
		type mark struct {
			root  [32]byte
			burnt string
		}
		var marks []mark
		look := func() mark { return mark{d.Root(), d.Burnt().String()} }
		for range 30 {
			for range rng.IntN(12) {
				tx := d.random(rng)
				d.last++
				tx.ID = d.last
				d.Submit(d.Next(), tx)
			}
			marks = append(marks, look())
			d.Advance(d.Next(), func(payment.Receipt) {})
			if rng.IntN(4) > 0 {
				continue
			}
			n := min(1+rng.IntN(MaxReorg), len(d.kept))
			for i := range n {
				d.undo(&d.kept[len(d.kept)-1-i])
			}
			want, got := marks[len(marks)-n], look()
			if want != got {
				t.Fatalf("seed %d: %d blocks back it is %+v, was %+v", seed, n, got, want)
			}
			if d.held().Cmp(d.Supply()) != 0 {
				t.Fatalf("seed %d: %v held of %v", seed, d.held(), d.Supply())
			}
			d.kept, d.waiting, d.height = d.kept[:len(d.kept)-n], nil, d.height-uint64(n)
			marks = marks[:len(marks)-n]
		}
	}
}

// A final block stays.
func TestFinalBlocksStay(t *testing.T) {
	cfg := shaky()
	cfg.Finality = 3 * cfg.BlockTime
	d := newDesk(t, cfg, 10)
	d.wait(10 * cfg.BlockTime)
	d.fork(MaxReorg)
	if got := d.Stats().BlocksTakenBack; got != 2 {
		t.Errorf("%d blocks were taken back; only the newest 2 are younger than %v", got, cfg.Finality)
	}
}

// Reorganisations happen as often as configured, as deep as drawn, the same for
// the same seed; the branch draws other randomness; the audit holds all along.
func TestReorgsByChance(t *testing.T) {
	live := func(seed uint64) (Stats, string) {
		cfg := testConfig()
		cfg.Confirmations, cfg.Reorgs, cfg.Missed = 2, Reorgs{Rate: 0.2, Depth: 3}, 0.1
		d, rng := newDesk(t, cfg, 40), rand.New(rand.NewPCG(seed, 2))
		said := map[uint32]int{} // 1 included, 0 revoked
		for range 150 {
			for range rng.IntN(4) {
				tx := d.random(rng)
				d.last++
				tx.ID = d.last
				d.Submit(d.Next(), tx)
			}
			d.Advance(d.Next(), func(r payment.Receipt) {
				if r.Reorged != (said[r.ID] == 1) {
					t.Fatalf("receipt %+v after %d", r, said[r.ID])
				}
				said[r.ID] = 1 - said[r.ID]
			})
		}
		d.cfg.Reorgs.Rate = 0
		d.wait(20 * cfg.BlockTime)
		if d.held().Cmp(d.Supply()) != 0 {
			t.Errorf("%v held of %v", d.held(), d.Supply())
		}
		return d.Stats(), fmt.Sprintf("%x %v", d.Root(), said)
	}
	s, end := live(1)
	if _, again := live(1); again != end {
		t.Error("the same seed gives another end")
	}
	if root, _, _ := strings.Cut(end, " "); root != "231134f1c4fd74a118704ad420abb22d732eb16b111db298db634f93260e4a97" {
		t.Errorf("root %s: what is executed has changed", root)
	}
	if s.Reorgs < 15 || s.Reorgs > 45 || s.BlocksTakenBack < s.Reorgs*3/2 || s.Missed < 5 || s.Missed > 30 || s.Reorged == 0 {
		t.Errorf("of 150 turns: %+v", s)
	}
}

// What is not heard of is not included.
func TestGossipTakesTime(t *testing.T) {
	cfg := testConfig()
	cfg.Gossip = 4 * time.Second
	d := newDesk(t, cfg, 10)
	d.Submit(7*time.Second, d.open(firstPayer, 0, milli))
	d.Submit(9*time.Second, d.open(firstPayer+1, 0, milli))
	for at, want := range map[time.Duration]int{10 * time.Second: 0, 11 * time.Second: 1, 13 * time.Second: 2} {
		if got := len(d.Seen(at)); got != want {
			t.Errorf("at %v %d are seen, not %d", at, got, want)
		}
	}
	n := 0
	d.Advance(d.Next(), func(payment.Receipt) { n++ })
	if n != 1 || d.Pending() != 1 {
		t.Errorf("the block at 12s has %d, %d wait", n, d.Pending())
	}
}

// A sender that waits offers more until it is in, and a replacement by hand
// must be a tenth better.
func TestReplacementByFee(t *testing.T) {
	cfg := testConfig()
	d := newDesk(t, cfg, 10)
	tx := d.open(firstPayer, 0, milli)
	tx.ID = 1
	low := Offer{cfg.Tip, cfg.BaseFee / 2}
	d.SubmitFor(0, tx, low)
	for _, c := range []struct {
		id    uint32
		offer Offer
		want  error
	}{
		{1, Offer{low.Tip * 2, low.Cap}, ErrUnderpriced},
		{1, Offer{low.Tip, low.Cap * 2}, ErrUnderpriced},
		{1, Offer{low.Tip + low.Tip/10 - 1, low.Cap * 2}, ErrUnderpriced},
		{2, Offer{low.Tip * 2, low.Cap * 2}, ErrNotWaiting},
	} {
		if err := d.Replace(firstPayer, c.id, c.offer); err != c.want {
			t.Errorf("%+v: %v, want %v", c, err, c.want)
		}
	}
	if d.Advance(d.Next(), func(r payment.Receipt) { t.Errorf("below the base fee: %+v", r) }); d.Pending() != 1 {
		t.Fatalf("%d wait", d.Pending())
	}
	if err := d.Replace(firstPayer, 1, Offer{low.Tip + low.Tip/10, low.Cap * 4}); err != nil {
		t.Fatal(err)
	}
	got := 0
	d.Advance(d.Next(), func(r payment.Receipt) { got++ })
	if got != 1 {
		t.Error("the better offer is not taken")
	}
}

// With bump_after a sender begins with twice the base fee and follows a fee
// that rises beyond it.
func TestSendersFollowTheFee(t *testing.T) {
	waits := func(bump time.Duration) (n int) {
		cfg := testConfig()
		cfg.BumpAfter = bump
		cfg.Fees.Steps = []Fee{{For: time.Hour, BaseFee: 6 * cfg.BaseFee}}
		cfg.Background = 0.5
		d := newDesk(t, cfg, 10)
		tx := d.open(firstPayer, 0, milli)
		d.SubmitFor(0, tx, Offer{cfg.Tip, cfg.BaseFee / 2})
		if bump == 0 {
			d.SubmitFor(0, d.open(firstPayer+1, 0, milli), Offer{cfg.Tip, cfg.BaseFee / 2})
		}
		d.wait(40 * cfg.BlockTime)
		return d.Pending()
	}
	if got := waits(0); got != 2 {
		t.Errorf("%d wait without raises", got)
	}
	if got := waits(12 * time.Second); got != 0 {
		t.Errorf("%d wait although they offer more every block", got)
	}
}

// The chain's base fee goes where a series goes.
func TestFeesFollowASeries(t *testing.T) {
	cfg := testConfig()
	cfg.Background = 0.5
	cfg.Fees.Steps = []Fee{{For: 30 * time.Minute, BaseFee: 4 * cfg.BaseFee}, {For: 30 * time.Minute, BaseFee: cfg.BaseFee / 4}}
	d := newDesk(t, cfg, 10)
	near := func(at time.Duration, want uint64) {
		d.wait(at - d.Next())
		if got := d.BaseFee().Uint64(); got < want*95/100 || got > want*105/100 {
			t.Errorf("at %v a base fee of %d, the series has %d", at, got, want)
		}
	}
	near(29*time.Minute, 4*uint64(cfg.BaseFee))
	near(59*time.Minute, uint64(cfg.BaseFee)/4)
	near(89*time.Minute, 4*uint64(cfg.BaseFee)) // once more
	cfg.Fees.Loop = Hold
	d = newDesk(t, cfg, 10)
	near(89*time.Minute, uint64(cfg.BaseFee)/4)
}

// Other forks run the same contracts; Amsterdam asks for more gas.
func TestForks(t *testing.T) {
	gas := map[Fork]uint64{}
	for _, name := range Osaka.Names() {
		cfg := testConfig()
		cfg.Fork = Fork(name)
		d := newDesk(t, cfg, 10)
		d.must(d.open(firstPayer, 0, milli))
		gas[cfg.Fork] = d.must(d.open(firstPayer+1, 0, milli)).Gas
		d.must(d.close(firstPayer, 0, milli/2))
		d.must(payment.Tx{Kind: payment.Settle, From: collector})
		d.must(d.withdraw(payee1))
		d.must(d.withdraw(payee2))
		if d.held().Cmp(d.Supply()) != 0 {
			t.Errorf("%s: %v held of %v", name, d.held(), d.Supply())
		}
	}
	if gas[Cancun] != gas[Osaka] || gas[Prague] != gas[Osaka] || gas[Amsterdam] < 2*gas[Osaka] {
		t.Errorf("gas of an open: %v", gas)
	}
}

// The blob fee rises above the target, and does not fall below a sixteenth of
// the base fee from Osaka on (EIP-7918).
func TestBlobFee(t *testing.T) {
	after := func(f Fork, background float64) (float64, uint64) {
		cfg := testConfig()
		cfg.Fork, cfg.BlobFee, cfg.Background = f, gwei/16, 0.5
		cfg.BlobBackground.UnmarshalText(fmt.Appendf(nil, "%v%%", background))
		d := newDesk(t, cfg, 10)
		d.wait(2000 * cfg.BlockTime)
		return float64(d.BlobFee()), d.baseFee
	}
	if fee, base := after(Osaka, 0); fee < 0.85*float64(base)/16 || fee > float64(base)/16 {
		t.Errorf("unused blobs cost %v at a base fee of %d", fee, base)
	}
	if fee, _ := after(Prague, 0); fee > 1e6 {
		t.Errorf("before Osaka unused blobs cost %v", fee)
	}
	if fee, _ := after(Osaka, 100); fee < 1.2*gwei/16 {
		t.Errorf("wanted blobs cost %v", fee)
	}
}
