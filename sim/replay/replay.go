// Package replay plays one video on one player over one recorded link, without
// a network or other viewers: what the simulators of adaptive streaming do, so
// that rules compare with theirs. The rules and the clock are those of the
// viewers of package protocol.
//
// What it leaves out: contention. The trace is what the link carries, whatever
// the player asks for.
package replay

import (
	"math"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/player"
	"kinetoscope/sim/qoe"
)

// A World is what of the world the trace does not say.
type World struct {
	Latency time.Duration // from a request to its first byte
	Payload unit.Ratio    // part of the rate that carries segments
	Frozen  bool          // the trace stands still during the latency
	Nap     time.Duration // a full buffer is waited for in multiples of this; 0: exactly
	First   int           // rung of the first segment
	Shift   int           // sizes are looked up so many segments too far ahead
	Step    unit.Size     // a download is looked at each time when so much has come, and
	Every   time.Duration // so much time has passed; both 0: it is never given up
	Replace abr.Replace   // what is fetched once more
}

// Sabre is the world of the Sabre simulator, with the latency of its traces.
func Sabre(latency time.Duration) World {
	return World{Latency: latency, Payload: 1, Step: 1500, Every: 50 * time.Millisecond, Replace: abr.ReplaceNone}
}

// Pensieve is the world of Pensieve's simulator without its noise
// (fixed_env.py), whose rules look a segment too far ahead for sizes.
func Pensieve() World {
	return World{Latency: 80 * time.Millisecond, Payload: 0.95, Frozen: true, Nap: 500 * time.Millisecond, First: 1, Shift: 1, Replace: abr.ReplaceNone}
}

// A Player replays.
type Player struct {
	world   World
	config  abr.Config
	chooser abr.Chooser
	rates   []unit.Rate
	ladder  *qoe.Ladder
	video   *datasets.Ladder
}

// New prepares the player of a configuration for a video, whose renditions have
// ascending rates.
func New(c abr.Config, video *datasets.Ladder, w World) (*Player, error) {
	rates, err := ratesOf(video)
	if err != nil {
		return nil, err
	}
	chooser, err := abr.New(c, rates)
	if err != nil {
		return nil, err
	}
	return &Player{world: w, config: c, chooser: chooser, rates: rates, ladder: qoe.NewLadder(rates), video: video}, nil
}

// A Watched is what a viewer saw of one play.
type Watched struct {
	qoe.Session
	Detail qoe.Log
}

// Ladder is that of the video.
func (p *Player) Ladder() *qoe.Ladder { return p.ladder }

// Play plays the whole video over a trace.
func (p *Player) Play(name string, steps []netem.Step) (Watched, error) {
	l, err := newLink(name, steps, p.world.Payload)
	if err != nil {
		return Watched{}, err
	}
	s := session{Player: p, link: l, last: -1}
	for s.next < len(p.video.Durations) {
		s.segment()
	}
	s.show(0)
	return s.seen, nil
}

// A session is one play.
type session struct {
	*Player
	link     *link
	now      time.Duration
	clock    player.Clock
	queue    player.Queue
	memory   abr.Memory
	estimate abr.Estimator
	seen     Watched
	next     int // segment to fetch
	last     int // rung of the one before, or that was fallen back to
	began    int // segment at which watching began
}

// segment fetches the next segment, or replaces one, or gives up doing so.
func (s *session) segment() {
	length := s.video.Durations[s.next]
	if over := s.clock.Buffer(s.now) + length - s.config.Buffer; over > 0 {
		s.wait(s.napped(over))
		s.chooser.Waited(&s.memory, over)
	}
	v := s.view(length)
	rung, wait := s.chooser.Choose(&s.memory, v)
	if s.last < 0 {
		rung = s.world.First
	}
	back := 0
	if how := s.world.Replace; how != abr.ReplaceNone {
		back = s.queue.Candidate(how == abr.ReplaceRight, rung, v.Buffer)
	}
	if back == 0 && wait > 0 {
		s.wait(wait)
	}
	d := abr.Download{Rung: rung, Size: s.video.Renditions[rung].Sizes[s.next-back], Segment: length, Replaces: back > 0}
	if to, given := s.fetch(&d, &v, back); given {
		if back == 0 {
			s.seen.Abandoned++
			s.last = to
		}
		s.chooser.GivenUp(&s.memory, d, to)
		return
	}
	s.arrived(&d, back)
}

// arrived puts a segment into the buffer and tells the rules.
func (s *session) arrived(d *abr.Download, back int) {
	switch {
	case back == 0:
		s.push(player.Segment{Rung: d.Rung, Length: d.Segment})
		s.next++
		s.last = d.Rung
	case back <= s.queue.Len() && s.clock.Buffer(s.now) >= s.queue.From(back):
		s.queue.Replace(back, d.Rung)
	}
	d.Buffer = s.clock.Buffer(s.now)
	s.estimate.Add(d.Size, d.Took-d.Latency)
	s.chooser.Fetched(&s.memory, *d)
}

func (s *session) view(length time.Duration) abr.View {
	return abr.View{Buffer: s.clock.Buffer(s.now), BufferMax: s.config.Buffer, Segment: length, Throughput: s.estimate.Rate(),
		Last: s.last, Watched: s.next - s.began, Left: len(s.video.Durations) - s.next, Upcoming: s}
}

// Size is that of a segment to come.
func (s *session) Size(ahead, rung int) unit.Size {
	if i := s.next + ahead + s.world.Shift; i < len(s.video.Renditions[rung].Sizes) {
		return s.video.Renditions[rung].Sizes[i]
	}
	return 0
}

// napped is how long a player waits that wakes only now and then.
func (s *session) napped(d time.Duration) time.Duration {
	if n := s.world.Nap; n > 0 {
		return (d + n - 1) / n * n
	}
	return d
}

// wait lets time go by without a download.
func (s *session) wait(d time.Duration) {
	s.link.idle(float64(d))
	s.pass(d)
}

// pass lets the player play on.
func (s *session) pass(d time.Duration) {
	s.now += d
	s.show(s.clock.Buffer(s.now))
}

// show counts the segments whose showing has begun when so much is left ahead.
func (s *session) show(ahead time.Duration) {
	if s.clock.Playing() {
		s.queue.Show(ahead, func(g player.Segment) {
			s.seen.Show(s.ladder, g.Rung, g.Length)
			s.seen.Detail.Show(s.rates[g.Rung], g.Length)
		})
	}
}

// push puts a segment into the buffer.
func (s *session) push(g player.Segment) {
	s.queue.Push(g)
	e := s.clock.Push(s.now, g.Length, player.Thresholds{Start: s.config.Start, Resume: s.config.Resume})
	switch {
	case e.Began:
		s.seen.Startup = s.now
		s.seen.Detail.Stall(s.now, 0)
	case e.Resumed:
		s.seen.Stall(e.Stalled)
		s.seen.Detail.Stall(e.Stalled, 0)
	}
}

// fetch downloads and says when that was given up, and for which rung. Time
// passes for the player at the end, as one piece.
func (s *session) fetch(d *abr.Download, v *abr.View, back int) (to int, given bool) {
	d.Took, d.Latency = s.world.Latency, s.world.Latency
	if !s.world.Frozen {
		s.link.idle(float64(d.Latency))
	}
	ahead := s.clock.Buffer(s.now)
	step, every := float64(8*s.world.Step), float64(s.world.Every)
	if s.world.Step == 0 || s.last < 0 {
		step = float64(8 * d.Size)
	}
	left, took, span := float64(8*d.Size), 0.0, every-float64(d.Latency)
	for left > 0 && !given {
		bits, ns := s.link.carry(left, step, span)
		left, took, span = left-bits, took+ns, every
		d.Got, d.Took = d.Size-unit.Size(math.Ceil(left/8)), d.Latency+time.Duration(math.Round(took))
		d.Buffer = max(0, ahead-d.Took)
		if left > 0 {
			to, given = s.giveUp(d, v, back)
		}
	}
	s.pass(d.Took)
	d.Buffer = s.clock.Buffer(s.now)
	return to, given
}

// giveUp asks whether to go on with a download.
func (s *session) giveUp(d *abr.Download, v *abr.View, back int) (to int, yes bool) {
	if back > 0 {
		return d.Rung, d.Buffer <= s.queue.From(back)
	}
	return s.chooser.Abandon(&s.memory, *v, *d)
}
