package payment

import "testing"

// Where signatures are not executed, a forged voucher is worth as little as
// where they are: one that claims more than its payer has promised, one of a
// payer who has promised nothing, one that carries a signature of nobody. Hardly
// any of them would have been sampled. What the payer did promise is taken.
func TestForgedVouchersNeverCount(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		if on.needs.Chain == Nowhere || on.needs.Chance {
			return // nobody signs; or everybody does
		}
		on.Signed, on.Sample = false, 1000
		c := newCounter(on)
		c.open()
		c.play(12, true)
		honest := *c.payer.Voucher()
		if honest.Amount == 0 {
			return // paid by transactions
		}
		forge := func(change func(v *Voucher)) *Voucher {
			v := honest
			change(&v)
			return &v
		}
		for name, v := range map[string]*Voucher{
			"more than promised": forge(func(v *Voucher) { v.Amount += on.Most }),
			"signed by nobody":   forge(func(v *Voucher) { v.Amount += on.Most; v.SetSig(Signature{3: 7}); v.Signed = true }),
			"its flag taken off": forge(func(v *Voucher) { v.Amount += on.Most; v.SetSig(Signature{3: 7}); v.Signed = false }),
			"another recipient":  forge(func(v *Voucher) { v.Amount += on.Most; v.To += 9 }),
		} {
			tab := *c.tab
			if err := tab.Take(c.now, on, viewer, v, second); err == nil {
				t.Errorf("%s: the edge takes it", name)
			}
			collector := NewCollector(on, collector, nil)
			if collector.Take(viewer, v); collector.Claim(viewer) != 0 {
				t.Errorf("%s: the collector claims %v", name, collector.Claim(viewer))
			}
		}
		collector := NewCollector(on, collector, nil)
		if collector.Take(viewer+1, &honest); collector.Claim(viewer+1) != 0 {
			t.Error("a voucher is taken from somebody who has not promised anything")
		}
		if collector.Take(viewer, &honest); collector.Claim(viewer) != honest.Amount {
			t.Errorf("%v of %v promised is claimed", collector.Claim(viewer), honest.Amount)
		}
	})
}

// One in so many is signed and checked for real.
func TestSignaturesAreSampled(t *testing.T) {
	for sample, want := range map[int]int{0: 0, 1: 60, 4: 15, 1000: 0} {
		c := DefaultTerms(t)
		c.Sample = sample
		n := newCounter(c)
		n.open()
		n.play(20, true)
		executed, charged := c.Signatures()
		if executed != want || executed+charged != 60 {
			t.Errorf("1 in %d: %d executed, %d charged", sample, executed, charged)
		}
	}
}

// DefaultTerms are of channels whose vouchers are modelled.
func DefaultTerms(t *testing.T) (terms *Terms) {
	each(t, func(_ *testing.T, on *Terms) {
		if on.Method == Channel && terms == nil {
			terms = on
		}
	})
	terms.Signed = false
	return terms
}
