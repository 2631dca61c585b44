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

// A Chain is where a method's contracts are: a ledger.Chain, or a ledger.Rollup
// on one.
type Chain interface {
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
	Splits() []*big.Int
	Stats() ledger.Stats
	GasByKind() []ledger.GasRow
	LicenceEnd(contentID [32]byte, viewer payment.Account) time.Duration
	ProveLicence(contentID [32]byte, viewer payment.Account) []byte
	CheckLicence(contentID [32]byte, viewer payment.Account, proof []byte) (end, due time.Duration, err error)
	SignCapability(issuer payment.Account, contentID [32]byte, viewer payment.Account, ends time.Duration) payment.Signature
	VerifyCapability(issuer payment.Account, contentID [32]byte, viewer payment.Account, ends time.Duration, sig payment.Signature) bool
}

// Found makes a chain: a rollup, which it gives too, if cfg puts the contracts
// on one. The error says what is wrong with cfg or g.
func Found(cfg ledger.Config, seed uint64, g ledger.Genesis) (Chain, *ledger.Rollup, error) {
	if cfg.Rollup.On {
		r, err := ledger.NewRollup(cfg, seed, g)
		if err != nil {
			return nil, nil, err
		}
		return r, r, nil
	}
	c, err := ledger.New(cfg, seed, g)
	if err != nil {
		return nil, nil, err
	}
	return c, nil, nil
}

// found makes the run's chain.
func (w *world) found(g ledger.Genesis) (err error) {
	w.chain, w.rollup, err = Found(w.scenario.Ledger, w.seed, g)
	return err
}

// posted says whether a rollup has put all that it executed on the first layer.
func (w *world) posted() bool { return w.rollup == nil || w.rollup.Settled() }

// measureChain says how the chain was.
func (w *world) measureChain(r *result.Run) {
	if w.chain != nil {
		MeasureChain(r.Values, &w.scenario.Ledger, w.chain, w.rollup)
	}
}

// MeasureChain fills in the metrics of how a chain was: rollup is it, if it has
// two layers.
func MeasureChain(values []float64, cfg *ledger.Config, c Chain, rollup *ledger.Rollup) {
	s := c.Stats()
	count := func(id result.MetricID, n int) { values[id] = float64(n) }
	if len(s.Delays) > 0 {
		values[result.InclusionP50] = s.Delay(0.50).Seconds()
		values[result.InclusionP95] = s.Delay(0.95).Seconds()
		values[result.FinalP50] = (s.Delay(0.50) + cfg.Finality).Seconds()
	}
	count(result.PoolDepth, s.Deepest)
	values[result.MillionOpens] = million(cfg, c, rollup != nil)
	first := s
	if rollup != nil {
		first = rollup.First().Stats()
		first.Reorged += s.Reorged
		measureRollup(values, cfg, rollup)
	}
	gwei := func(n unit.Wei) float64 { return float64(n) / 1e9 }
	values[result.BaseFeeLow], values[result.BaseFeeHigh] = gwei(first.LowestFee), gwei(first.HighestFee)
	values[result.BlobFeeLow], values[result.BlobFeeHigh] = gwei(first.LowestBlob), gwei(first.HighestBlob)
	count(result.MissedBlocks, first.Missed)
	count(result.Reorged, first.Reorged)
	count(result.Raised, first.Replaced)
}

// million is how long blocks that are used to their target take to open a
// channel for each of a million viewers, in seconds.
func million(l *ledger.Config, c Chain, second bool) float64 {
	limit, every := l.GasLimit, l.BlockTime
	if second {
		limit, every = l.Rollup.GasLimit, l.Rollup.BlockTime
	}
	for _, row := range c.GasByKind() {
		if row.Operation == payment.Open.String() && row.Count > 0 {
			return 1e6 * float64(row.Total) / float64(row.Count) / (float64(limit) / 2) * every.Seconds()
		}
	}
	return math.NaN()
}

// measureRollup says what the second layer cost on the first.
func measureRollup(values []float64, cfg *ledger.Config, rollup *ledger.Rollup) {
	s := rollup.Posting()
	usd := func(wei *big.Int) float64 { return float64(cfg.USD(wei)) / 1e9 }
	posted := ledger.Stats{Delays: s.Delays}
	if len(s.Delays) > 0 {
		at := posted.Delay(0.50)
		values[result.PostedP50] = at.Seconds()
		values[result.FinalP50] = (at + cfg.Finality).Seconds()
		values[result.WithdrawnP50] = (at + cfg.Rollup.WithdrawDelay).Seconds()
	}
	values[result.Batches] = float64(s.Batches)
	values[result.BatchBytes] = ratio(float64(s.Bytes), float64(s.Batches))
	values[result.BatchCost] = ratio(usd(s.Fees), float64(s.Txs))
	values[result.ByteDuty] = ratio(usd(s.Duties), float64(s.Txs))
	values[result.Forced] = float64(s.Forced)
}

// gasFee is what a unit of gas costs in the next block.
func (w *world) gasFee() unit.Wei {
	tip := w.scenario.Ledger.Tip
	if w.rollup != nil {
		tip = w.scenario.Ledger.Rollup.Tip
	}
	return unit.Wei(w.chain.BaseFee().Uint64()) + tip
}

// recipients are the edges, each as who is paid by itself.
func (w *world) recipients() (all []payment.Account) {
	for _, id := range w.stream.Edges {
		all = append(all, payment.Account(id))
	}
	return all
}

// standing is the transactions that viewers, the last of all nodes but hubs, have sent
// before the stream.
func (w *world) standing(nodes int) (txs []payment.Tx) {
	on := w.stream.Terms
	if !on.Needs().Standing {
		return nil
	}
	viewers := nodes - len(w.hubIDs())
	for i := viewers - w.visits; i < viewers; i++ {
		p := payment.NewPayer(on, payment.Account(i))
		txs = append(txs, p.Standing())
	}
	return txs
}

// purse is what every account owns in the beginning. The collector has a purse
// of its own.
func (w *world) purse() unit.Wei {
	return w.scenario.Purse()
}
