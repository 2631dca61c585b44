package protocol

import (
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A viewer that has paid one edge much says goodbye to another with an old
// payment: the publisher asks around before it closes, and closes with the
// newest one. Who asks later hears that the viewer has left.
func TestGoodbyeIsHeardEverywhere(t *testing.T) {
	s := stageOf(1, 0, 0, "direct")
	st := s.stream
	st.Edges = []NodeID{20, 21, 22}
	const viewer = payment.Account(30)
	p := s.nodes[st.Publisher].(*Publisher)
	now := time.Second
	tell := func(in Input) (out Output) {
		p.Step(now, &in, &out)
		return out
	}
	says := func(from NodeID, amount unit.Wei, last bool) Output {
		v := payment.NewVoucher(signer{}.Channel(viewer, 0), amount)
		signer{}.Sign(viewer, &v)
		return tell(Input{Kind: Deliver, From: from, Msg: &Message{Kind: Pay, Payer: viewer, Voucher: &v, Last: last}})
	}
	asks := func(from NodeID) Output {
		return tell(Input{Kind: Deliver, From: from, Msg: &Message{Kind: Agree, Payer: viewer}})
	}
	for _, e := range st.Edges[:2] {
		if out := asks(e); len(out.Sends) > 0 {
			t.Errorf("a newcomer's edge hears %v", out.Sends)
		}
	}
	out := says(20, 10, true)
	if len(out.Sends) != 1 || out.Sends[0].To != 21 || !out.Sends[0].Msg.Last || len(out.Txs) != 0 || len(out.Timers) != 1 {
		t.Fatalf("after a goodbye the publisher sends %v, with %d transactions and %d timers", out.Sends, len(out.Txs), len(out.Timers))
	}
	says(21, 50, false)
	if out := asks(22); len(out.Sends) != 1 || !out.Sends[0].Msg.Last || out.Sends[0].Msg.Voucher.Amount != 50 {
		t.Errorf("an edge that asks later hears %v", out.Sends)
	}
	if out := says(20, 10, true); len(out.Sends)+len(out.Txs) > 0 {
		t.Error("a second goodbye begins it all again")
	}
	now = out.Timers[0].At
	if out := tell(Input{Kind: Wake, Timer: out.Timers[0].ID}); len(out.Txs) != 1 || out.Txs[0].Amount != 50 {
		t.Errorf("closed by %v, not with the newest payment", out.Txs)
	}
}

// An edge that hears of a goodbye hands in what is newer, once, and serves no more;
// so it does if only the chain says that the channel is closed.
func TestEdgeHearsOfAGoodbye(t *testing.T) {
	for _, chain := range []bool{false, true} {
		s := busy()
		st, viewer := s.stream, NodeID(len(s.nodes)-1)
		e := s.nodes[st.Edges[0]].(*Edge)
		g := e.guests.of(payment.Account(viewer))
		old := g.Best
		old.Amount--
		in := Input{Kind: Deliver, From: st.Publisher, Msg: &Message{Kind: Pay, Payer: payment.Account(viewer), Voucher: &old, Last: true}}
		if chain {
			in = Input{Kind: Confirm, Receipt: &payment.Receipt{Kind: payment.Close, From: payment.Account(st.Publisher), Payer: payment.Account(viewer), OK: true}}
		}
		var out Output
		e.Step(6*time.Second, &in, &out)
		if handed := len(out.Sends) == 1 && out.Sends[0].To == st.Publisher && out.Sends[0].Msg.Voucher.Amount == g.Best.Amount; handed == chain {
			t.Errorf("chain %v: the edge sends %v", chain, out.Sends)
		}
		if !g.Owes(6*time.Second, st.Terms, 1) {
			t.Errorf("chain %v: it is still served", chain)
		}
	}
}
