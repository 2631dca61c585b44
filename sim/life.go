package sim

import (
	"context"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// A Subject names one node of a run, as the report does.
type Subject struct {
	Viewer, Edge, Provider int // one of them; -1 for the others
}

// Life plays s once and records what happens to one node between two moments of
// the stream. The run is that of Run, and ends where the record does.
func Life(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64, of Subject, from, to time.Duration) (life *result.Life, err error) {
	w := &world{scenario: s, seed: seed}
	var run *result.Run
	defer w.blameTo(&run, &err)
	if w, err = newWorld(Flows, s, ladder, seed); err != nil {
		return nil, err
	}
	id, err := w.subject(of)
	if err != nil {
		return nil, err
	}
	w.life = &chronicle{id: id, from: from, to: to, record: result.Life{Of: w.who(id)}}
	if err := w.play(ctx, to); err != nil {
		return nil, err
	}
	w.life.ends(w.nodes[id], to)
	return &w.life.record, nil
}

// ends says what is under way when the record ends, and would be stated later: a stall.
func (c *chronicle) ends(node protocol.Node, at time.Duration) {
	v, ok := node.(*protocol.Viewer)
	if !ok {
		return
	}
	if since, stands := v.StandsStill(at); stands {
		c.record.Moments = append(c.record.Moments, result.Moment{At: at, Text: "end of the trace"},
			result.Moment{At: at, Way: result.Stated, Text: fmt.Sprintf("stands still since %v, %v so far", since, at-since), Span: at - since})
	}
}

// A chronicle is a record under way.
type chronicle struct {
	id       protocol.NodeID
	from, to time.Duration
	record   result.Life
}

// subject is the node that is meant.
func (w *world) subject(of Subject) (protocol.NodeID, error) {
	for _, c := range []struct {
		what  string
		index int
		have  int
		first protocol.NodeID
	}{{"viewer", of.Viewer, len(w.viewers), w.viewerID(0)}, {"edge", of.Edge, len(w.edges), w.viewerID(0) - protocol.NodeID(len(w.edges))},
		{"provider", of.Provider, len(w.providers), firstProvider}} {
		switch {
		case c.index < 0:
		case c.have == 0:
			return 0, fmt.Errorf("there is no %s in this variant", c.what)
		case c.index >= c.have:
			return 0, fmt.Errorf("there is no %s %d: they count from 0 to %d", c.what, c.index, c.have-1)
		default:
			return c.first + protocol.NodeID(c.index), nil
		}
	}
	return 0, fmt.Errorf("say whose life: a viewer, an edge or a provider")
}

// who names a node for a reader.
func (w *world) who(id protocol.NodeID) string {
	switch w.roleOf(id) {
	case roleDirectory:
		return "directory"
	case rolePublisher:
		return "publisher"
	case roleProvider:
		return fmt.Sprint("provider ", id-firstProvider)
	case roleEdge:
		return fmt.Sprint("edge ", int(id-firstProvider)-len(w.providers))
	case roleHub:
		return fmt.Sprint("hub ", id-w.viewerID(len(w.viewers)))
	}
	return fmt.Sprint("viewer ", id-w.viewerID(0))
}

// live notes a step of the node whose life is recorded: w.in is what it heard,
// w.out what it does.
func (w *world) live(from protocol.NodeID) {
	l := w.life
	if from != l.id || w.now < l.from || w.now > l.to {
		return
	}
	note := func(m result.Moment) {
		m.At = w.now
		l.record.Moments = append(l.record.Moments, m)
	}
	heard := w.hears()
	if out := &w.out; heard.Text == "wake" && len(out.Sends)+len(out.Facts)+len(out.Txs)+len(out.Cancels) == 0 {
		return
	}
	note(heard)
	if w.out.CPU > 0 {
		note(result.Moment{Way: result.Spent, Text: fmt.Sprintf("processor %v", w.out.CPU), Span: w.out.CPU})
	}
	for i := range w.out.Facts {
		f := &w.out.Facts[i]
		if text, yes := w.checked(f); yes {
			note(result.Moment{Way: result.Stated, Text: text})
		}
		note(stated(f))
	}
	for i := range w.out.Sends {
		s := &w.out.Sends[i]
		m := w.about(&s.Msg)
		m.Way, m.Peer = result.Said, w.who(s.To)
		switch {
		case s.Msg.Kind == protocol.Want:
			m.Role = result.Asks
		case s.Msg.Kind == protocol.Drop:
			m.Role = result.Answered
		default:
			m.Request = ""
		}
		note(m)
	}
	for _, tx := range w.out.Txs {
		note(result.Moment{Way: result.Transacted, Text: fmt.Sprintf("%v %v", tx.Kind, tx.Amount)})
	}
}

// hears is what the node is told.
func (w *world) hears() result.Moment {
	switch in := &w.in; in.Kind {
	case protocol.Deliver:
		m := w.about(in.Msg)
		m.Peer, m.Span = w.who(in.From), in.Took
		switch in.Msg.Kind {
		case protocol.Give, protocol.Part:
			m.Role = result.Comes
			size, _ := w.stream.Wire(in.Msg)
			m.Text += fmt.Sprintf(", %v in %v", size, in.Took.Round(time.Microsecond))
		case protocol.Deny:
			m.Role = result.Answered
		default:
			if m.Role = result.Answered; in.Msg.Kind != protocol.Take || in.Msg.Shard != protocol.Onward {
				m.Role, m.Request = result.NoStep, ""
			}
		}
		return m
	case protocol.Sent:
		text := "sent, whole: "
		if !in.OK {
			text = "sending ended early: "
		}
		return result.Moment{Text: text + "to " + w.who(in.From)}
	case protocol.Confirm:
		return result.Moment{Text: fmt.Sprintf("the chain has executed %v, accepted %v", in.Receipt.Kind, in.Receipt.OK)}
	}
	return result.Moment{Text: w.in.Kind.String()}
}

// about says what a message is about.
func (w *world) about(m *protocol.Message) result.Moment {
	switch m.Kind {
	case protocol.Want, protocol.Take, protocol.Deny, protocol.Drop, protocol.Have, protocol.Give, protocol.Part, protocol.Unlock, protocol.Key:
	case protocol.Pay:
		if m.Voucher != nil {
			return result.Moment{Text: fmt.Sprintf("pay %v in all", m.Voucher.Amount)}
		}
		fallthrough
	default:
		return result.Moment{Text: m.Kind.String()}
	}
	of := result.Moment{Text: fmt.Sprintf("%v %d/%d", m.Kind, m.Seq, m.Rendition), Request: fmt.Sprintf("slot %d", m.Seq)}
	switch asks := m.Kind == protocol.Want || m.Kind == protocol.Take || m.Kind == protocol.Deny || m.Kind == protocol.Drop; {
	case asks && m.Shard == protocol.Onward:
		of.Text += " and what follows"
		of.Request = fmt.Sprintf("subscription from slot %d", m.Seq)
		if m.Kind == protocol.Take {
			of.Text += fmt.Sprintf(", %d from a server", m.Wait+1)
		}
	case m.Kind == protocol.Part || asks && m.Shard != protocol.Whole:
		of.Text += fmt.Sprintf(" shard %d", m.Shard)
		of.Request += fmt.Sprintf("/%d shard %d", m.Rendition, m.Shard)
	}
	if m.Kind == protocol.Deny {
		of.Text += ": " + m.Reason.String()
	}
	return of
}

// checked says what a check has shown, if a fact follows from one.
func (w *world) checked(f *protocol.Fact) (text string, yes bool) {
	by := "signature and hash"
	switch w.scenario.Protection.Check {
	case protocol.CheckNone:
		return "", false
	case protocol.CheckHash:
		by = "hash alone"
	}
	switch f.Kind {
	case protocol.Fetched, protocol.Replaced:
		return fmt.Sprintf("checked %d/%d by %s: it is good", f.Seq, f.Rendition, by), true
	case protocol.Rejected:
		return fmt.Sprintf("checked slot %d by %s: it is bad, and thrown away", f.Seq, by), true
	}
	return "", false
}

// stated is a fact that the node states.
func stated(f *protocol.Fact) result.Moment {
	m := result.Moment{Way: result.Stated, Text: f.String()}
	switch f.Kind {
	case protocol.Fetched:
		m.Request, m.Role, m.Span = fmt.Sprintf("slot %d", f.Seq), result.Done, f.Span
		m.Text = fmt.Sprintf("fetched %d/%d: %d bytes from %v, %v after it was first asked for or due", f.Seq, f.Rendition, f.Value, f.Source, f.Span.Round(time.Microsecond))
	case protocol.Played:
		m.Text = fmt.Sprintf("played %d/%d: %v more in the buffer", f.Seq, f.Rendition, f.Span)
	case protocol.Behind:
		m.Text = fmt.Sprintf("plays %v behind live", f.Span.Round(time.Millisecond))
		if pace := f.Value - 1; pace != 0 {
			m.Text += fmt.Sprintf(", at a pace off by up to %d thousandths", pace)
		}
	case protocol.Stalled:
		m.Span, m.Text = f.Span, fmt.Sprintf("stalled for %v", f.Span)
	case protocol.Started:
		m.Span, m.Text = time.Duration(f.Value), fmt.Sprintf("started: first frame after %v", time.Duration(f.Value))
	case protocol.Sought:
		m.Span, m.Text = f.Span, fmt.Sprintf("shows a picture again, %v after a jump", f.Span)
		if f.Value == 0 {
			m.Text = fmt.Sprintf("leaves without a picture, %v after a jump", f.Span)
		}
	case protocol.Served:
		m.Text = fmt.Sprintf("served %d/%d: %d bytes", f.Seq, f.Rendition, f.Value)
	case protocol.Gathered:
		m.Text = fmt.Sprintf("gathered %d/%d: %d bytes rebuilt from shards in %v", f.Seq, f.Rendition, f.Value, f.Span.Round(time.Microsecond))
	case protocol.Opened:
		m.Text = fmt.Sprintf("its channel is confirmed, %v after asking", f.Span.Round(time.Microsecond))
	case protocol.Searched:
		m.Text = fmt.Sprintf("searched the hash table: asked %d nodes in %v", f.Value, f.Span.Round(time.Microsecond))
	case protocol.Promised, protocol.Accepted:
		m.Text = fmt.Sprintf("%v %v in all", f.Kind, unit.Wei(f.Value))
	}
	return m
}
