package result

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A Life is what happened to one node of one run, in the order in which it
// happened: what it heard, and behind each of these what it did about it.
type Life struct {
	Of      string // the node: viewer 17
	Moments []Moment
}

// A Way says what a Moment is.
type Way uint8

// Ways.
const (
	Heard      Way = iota // the node was told something: what follows, up to the next of these, it did about it
	Said                  // it sent a message
	Stated                // it stated a fact
	Spent                 // it took its processor
	Transacted            // it sent the chain a transaction
)

// A Moment is one thing in the life of a node.
type Moment struct {
	At   time.Duration
	Way  Way
	Text string        // for a reader
	Peer string        // whom it heard or told; empty for what concerns nobody
	Span time.Duration // how long it had taken; 0 if it took no time
	// Of a request for a token, its answers, and what is stated of it:
	Request string // which: slot 21; empty for all else
	Role    Step   // what the moment is of it
}

// A Step is what a Moment is of a request.
type Step uint8

// Steps of a request.
const (
	NoStep   Step = iota
	Asks          // a holder is asked
	Answered      // by bytes, a refusal, or silence; after it another may be asked
	Comes         // the bytes are here, or the holder has sent them; Span is how long they took
	Done          // the request is over, Span after its beginning
)

var signs = [...]string{Heard: "", Said: "-> ", Stated: "   ", Spent: "   ", Transacted: "=> chain "}

// Text writes the life line by line. What the node did about what it heard
// stands indented below that. A life in which nothing happened says so.
func (l *Life) Text(w io.Writer) error {
	if len(l.Moments) == 0 {
		_, err := fmt.Fprintf(w, "nothing happens to %s in this time\n", l.Of)
		return err
	}
	for _, m := range l.Moments {
		var err error
		switch {
		case m.Way != Heard:
			peer := m.Peer
			if peer != "" {
				peer += ": "
			}
			_, err = fmt.Fprintf(w, "             %s%s%s\n", signs[m.Way], peer, m.Text)
		case m.Peer != "":
			_, err = fmt.Fprintf(w, "%10.6fs  <- %s: %s\n", m.At.Seconds(), m.Peer, m.Text)
		default:
			_, err = fmt.Fprintf(w, "%10.6fs  %s\n", m.At.Seconds(), m.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// An event is one entry of the Trace Event Format ("Trace Event Format", The
// Chromium Authors), which Perfetto and chrome://tracing open. Times are in
// microseconds.
type event struct {
	Name     string            `json:"name"`
	Category string            `json:"cat,omitempty"`
	Phase    string            `json:"ph"`
	At       float64           `json:"ts"`
	Length   float64           `json:"dur,omitempty"`
	Process  int               `json:"pid"`
	Thread   int               `json:"tid"`
	ID       string            `json:"id,omitempty"`
	Scope    string            `json:"s,omitempty"`
	Args     map[string]string `json:"args,omitempty"`
}

// Lanes of the exported trace. Requests are not on one: each is a track of its own.
const (
	laneMessages = 1 + iota
	lanePlayer
	laneProcessor
	lanePayments
)

var lanes = map[int]string{laneMessages: "messages", lanePlayer: "player", laneProcessor: "processor", lanePayments: "payments"}

// Chrome writes the life as a trace that Perfetto opens. A request is a span;
// in it lie the attempts to have it answered, one behind the other, and in
// these the transfers. What lasts in the player and on the processor is a span
// too; messages and transactions are instants.
func (l *Life) Chrome(w io.Writer) error {
	events := []event{{Name: "process_name", Phase: "M", Process: 1, Args: map[string]string{"name": l.Of}}}
	for lane := laneMessages; lane <= lanePayments; lane++ {
		events = append(events, event{Name: "thread_name", Phase: "M", Process: 1, Thread: lane, Args: map[string]string{"name": lanes[lane]}})
	}
	r := requests{open: map[string]*opened{}}
	for i := range l.Moments {
		m := &l.Moments[i]
		r.note(m)
		events = append(events, m.event())
	}
	events = append(events, r.close()...)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(struct {
		Events []event `json:"traceEvents"`
		Unit   string  `json:"displayTimeUnit"`
	}{events, "ms"})
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// event is the moment on its lane.
func (m *Moment) event() event {
	e := event{Name: m.Text, Phase: "i", At: micros(m.At), Process: 1, Thread: laneMessages, Scope: "t"}
	if m.Peer != "" {
		e.Name = signs[m.Way] + m.Peer + ": " + m.Text
	}
	switch m.Way {
	case Stated:
		e.Thread = lanePlayer
		if m.Request == "" && m.Span > 0 {
			e.Phase, e.Scope, e.At, e.Length = "X", "", micros(m.At-m.Span), micros(m.Span)
		}
	case Spent:
		e.Thread, e.Phase, e.Scope, e.Length = laneProcessor, "X", "", micros(m.Span)
	case Transacted:
		e.Thread = lanePayments
	}
	return e
}

// requests makes spans of the steps of requests.
type requests struct {
	open  map[string]*opened // looked up only
	order []*opened
}

// An opened request has its attempts, each with its transfer.
type opened struct {
	name     string
	from, to time.Duration
	attempts []attempt
}

type attempt struct {
	peer           string
	from, to       time.Duration
	carried, ended bool
	began          time.Duration // of the transfer
}

// note takes a moment that is a step of a request.
func (r *requests) note(m *Moment) {
	if m.Role == NoStep {
		return
	}
	o := r.open[m.Request]
	if o == nil {
		o = &opened{name: m.Request, from: m.At}
		if m.Role == Comes || m.Role == Done { // it began before the trace does
			o.from = m.At - m.Span
		}
		r.open[m.Request], r.order = o, append(r.order, o)
	}
	o.to = max(o.to, m.At)
	if m.Role == Asks {
		o.attempts = append(o.attempts, attempt{peer: m.Peer, from: m.At})
		return
	}
	if n := len(o.attempts); m.Role == Comes && (n == 0 || o.attempts[n-1].ended || o.attempts[n-1].peer != m.Peer) { // unasked
		o.attempts = append(o.attempts, attempt{m.Peer, m.At - m.Span, m.At, true, true, m.At - m.Span})
		o.from = min(o.from, m.At-m.Span)
	} else if n > 0 && !o.attempts[n-1].ended {
		a := &o.attempts[n-1]
		a.to, a.ended = m.At, true
		if m.Role == Comes {
			a.carried, a.began = true, max(a.from, m.At-m.Span)
		}
	}
	if m.Role == Done {
		delete(r.open, m.Request)
	}
}

// close is the spans of all requests: each begins before and ends after what
// lies in it.
func (r *requests) close() (events []event) {
	for i, o := range r.order {
		id := fmt.Sprint(i + 1)
		span := func(name string, from, to time.Duration, inside func()) {
			e := event{Name: name, Category: "request", Phase: "b", At: micros(from), Process: 1, ID: id}
			events = append(events, e)
			inside()
			e.Phase, e.At = "e", micros(to)
			events = append(events, e)
		}
		span(o.name, o.from, o.to, func() {
			for k := range o.attempts {
				a := &o.attempts[k]
				end := a.to
				if !a.ended { // nobody answered: until the next is asked
					end = o.to
				}
				if k+1 < len(o.attempts) {
					end = min(end, o.attempts[k+1].from)
				}
				span(a.peer, a.from, max(a.from, end), func() {
					if a.carried && a.began < end {
						span("transfer", a.began, end, func() {})
					}
				})
			}
		})
	}
	return events
}

// A Span is one request of a Life: from its beginning to its end, or to the last
// that was heard of it; its transfers are when bytes came for it.
type Span struct {
	Name      string
	From, To  time.Duration
	Transfers [][2]time.Duration
}

// Requests are the spans of all requests, in the order in which they began.
func (l *Life) Requests() (list []Span) {
	r := requests{open: map[string]*opened{}}
	for i := range l.Moments {
		r.note(&l.Moments[i])
	}
	for _, o := range r.order {
		s := Span{Name: o.name, From: o.from, To: o.to}
		for _, a := range o.attempts {
			if a.carried {
				s.Transfers = append(s.Transfers, [2]time.Duration{a.began, a.to})
			}
		}
		list = append(list, s)
	}
	return list
}
