package sim

import (
	"fmt"
	"math"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// measurePayments says what paying took, and how well what came of it fits what
// was got.
func (w *world) measurePayments(r *result.Run) {
	w.measureLicences(r)
	sessions := float64(w.sessions)
	r.Values[result.PaymentMessages] = ratio(float64(w.payments), sessions)
	r.Values[result.PaymentBytes] = ratio(float64(w.net.Total(classPayment).Sent), sessions)
	r.Values[result.FailedPayments] = float64(w.refused)
	executed, charged := w.stream.Terms.Signatures()
	r.Values[result.SignaturesExecuted], r.Values[result.SignaturesCharged] = float64(executed), float64(charged)
	var over, paid, got, reverted, sum, squares, theory, n float64
	for i := range w.viewers {
		v, claim := &w.viewers[i], w.claim(i)
		paid, got = paid+float64(claim), got+float64(v.due)
		if w.covers != nil {
			reverted += float64(w.covers[i].reverted)
		}
		if claim > v.due {
			over += float64(claim - v.due)
		}
		if v.due == 0 {
			continue
		}
		x := float64(claim) / float64(v.due)
		sum, squares, n = sum+x, squares+float64(x*x), n+1
		theory += w.variance(v.promised)
	}
	mean := ratio(sum, n)
	r.Values[result.Overpaid] = ratio(over, paid)
	r.Values[result.RevertedShare] = ratio(reverted, got)
	r.Values[result.IncomeCV] = ratio(math.Sqrt(max(0, ratio(squares, n)-float64(mean*mean))), mean)
	r.Values[result.TheoryCV] = math.Sqrt(ratio(theory, n))
	if w.chain != nil && w.collector.Phase() == payment.Done {
		r.Values[result.SettleTime] = (w.settledAt - w.end).Seconds()
		w.measureSales(r, paid)
	}
}

// noteSignatures says how many signatures were executed.
func (w *world) noteSignatures() {
	t, cpu := w.stream.Terms, &w.scenario.CPU
	if t.Signed {
		return
	}
	sheet, sample := "shipped", "none"
	if *cpu != protocol.DefaultCosts() {
		sheet = "scenario's"
	}
	if t.Sample > 0 {
		sample = fmt.Sprintf("1 in %d", t.Sample)
	}
	w.note("signatures of vouchers: %s executed, others charged at %v to make and %v to check, from the %s cpu sheet; whatever carries a signature, or reaches a contract, is checked for real",
		sample, cpu.VoucherSign, cpu.VoucherVerify, sheet)
}

// variance is the squared coefficient of variation of what comes of promises,
// by theory.
func (w *world) variance(promised unit.Wei) float64 {
	on := w.stream.Terms
	if !on.Needs().Chance || promised == 0 {
		return 0
	}
	tickets, one := float64(promised/on.Most), float64(on.OneIn)
	return (one - 1) / tickets
}

// stands notes what of a viewer's payments is on the chain and, when one is taken
// back, what the viewer had got that nothing there covers.
func (w *world) stands(r *payment.Receipt) {
	v := w.visitor(protocol.NodeID(r.From))
	if w.covers == nil && !r.Reorged || v == nil || !r.OK || r.Kind != payment.Pay && !w.stream.Terms.Opens(r) {
		return
	}
	c := &w.covers[int(r.From)-int(w.viewerID(0))]
	if !r.Reorged {
		c.standing += r.Amount
		return
	}
	c.standing -= r.Amount
	if v.due > c.standing {
		c.reverted = max(c.reverted, v.due-c.standing)
	}
}

// frees is what of the payer's lock a payout ends.
func (w *world) frees(r *payment.Receipt) unit.Wei {
	lock := w.stream.Terms.Needs().Lock
	if less, skimped := w.skimped[r.Payer]; skimped {
		lock = less
	}
	return w.stream.Terms.Frees(lock, r.Amount)
}
