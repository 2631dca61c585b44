package sim

import (
	"math"
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
	"kinetoscope/sim/result"
)

// A chain is where a method's contracts are: a ledger.Chain, or a ledger.Rollup
// on one.
type chain interface {
	attack.Chain
	Submit(now time.Duration, tx payment.Tx)
	Next() time.Duration
	Advance(now time.Duration, emit func(payment.Receipt))
	Signer() payment.Signer
	Pending() int
	Busy() bool
	Stand(txs []payment.Tx) []payment.Receipt
	Notary() payment.Notary
	Balance(payment.Account) *big.Int
	Held() *big.Int
	Stats() ledger.Stats
	GasByKind() []ledger.GasRow
}

// found makes the chain: a rollup if the scenario puts the contracts on one.
func (w *world) found(g ledger.Genesis) error {
	cfg := w.scenario.Ledger
	if cfg.Rollup.On {
		r, err := ledger.NewRollup(cfg, w.seed, g)
		if err == nil {
			w.chain, w.rollup = r, r
		}
		return err
	}
	c, err := ledger.New(cfg, w.seed, g)
	if err == nil {
		w.chain = c
	}
	return err
}

// posted says whether a rollup has put all that it executed on the first layer.
func (w *world) posted() bool { return w.rollup == nil || w.rollup.Settled() }

// measureChain says how the chain was.
func (w *world) measureChain(r *result.Run) {
	if w.chain == nil {
		return
	}
	s := w.chain.Stats()
	count := func(id result.MetricID, n int) { r.Values[id] = float64(n) }
	if len(s.Delays) > 0 {
		r.Values[result.InclusionP50] = s.Delay(0.50).Seconds()
		r.Values[result.InclusionP95] = s.Delay(0.95).Seconds()
		r.Values[result.FinalP50] = (s.Delay(0.50) + w.scenario.Ledger.Finality).Seconds()
	}
	count(result.PoolDepth, s.Deepest)
	r.Values[result.MillionOpens] = w.million()
	first := s
	if w.rollup != nil {
		first = w.rollup.First().Stats()
		w.measureRollup(r)
	}
	gwei := func(n unit.Wei) float64 { return float64(n) / 1e9 }
	r.Values[result.BaseFeeLow], r.Values[result.BaseFeeHigh] = gwei(first.LowestFee), gwei(first.HighestFee)
	r.Values[result.BlobFeeLow], r.Values[result.BlobFeeHigh] = gwei(first.LowestBlob), gwei(first.HighestBlob)
	count(result.MissedBlocks, first.Missed)
	count(result.Reorged, first.Reorged)
	count(result.Raised, first.Replaced)
}

// million is how long blocks that are used to their target take to open a
// channel for each of a million viewers, in seconds.
func (w *world) million() float64 {
	l := w.scenario.Ledger
	limit, every := l.GasLimit, l.BlockTime
	if w.rollup != nil {
		limit, every = l.Rollup.GasLimit, l.Rollup.BlockTime
	}
	for _, row := range w.chain.GasByKind() {
		if row.Operation == payment.Open.String() && row.Count > 0 {
			return 1e6 * float64(row.Total) / float64(row.Count) / (float64(limit) / 2) * every.Seconds()
		}
	}
	return math.NaN()
}

// measureRollup says what the second layer cost on the first.
func (w *world) measureRollup(r *result.Run) {
	s := w.rollup.Posting()
	usd := func(wei *big.Int) float64 { return float64(w.scenario.Ledger.USD(wei)) / 1e9 }
	posted := ledger.Stats{Delays: s.Delays}
	if len(s.Delays) > 0 {
		at := posted.Delay(0.50)
		r.Values[result.PostedP50] = at.Seconds()
		r.Values[result.FinalP50] = (at + w.scenario.Ledger.Finality).Seconds()
		r.Values[result.WithdrawnP50] = (at + w.scenario.Ledger.Rollup.WithdrawDelay).Seconds()
	}
	r.Values[result.Batches] = float64(s.Batches)
	r.Values[result.BatchBytes] = ratio(float64(s.Bytes), float64(s.Batches))
	r.Values[result.BatchCost] = ratio(usd(s.Fees), float64(s.Txs))
	r.Values[result.ByteDuty] = ratio(usd(s.Duties), float64(s.Txs))
	r.Values[result.Forced] = float64(s.Forced)
}
