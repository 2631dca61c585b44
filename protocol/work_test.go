package protocol

import (
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// slowDelays is serve by the letter: a clock that ticks, streams whose slots end
// on their ticks, one queue, one processor. Times are ticks; the result is the
// delay of each slot in the order of their ends.
func slowDelays(cuts Cuts, streams, slot int, work []int) (delays []int) {
	type job struct{ end, work int }
	var queue []job
	busy := 0 // ticks that the job at the head of the queue still needs
	for now := 1; len(delays) < streams*len(work); now++ {
		if busy > 0 {
			if busy--; busy == 0 {
				delays = append(delays, now-queue[0].end)
				queue = queue[1:]
			}
		}
		for seq, w := range work {
			for i := range streams {
				end := (seq + 1) * slot
				if cuts == Spread {
					end -= slot / streams * (streams - 1 - i)
				}
				if end == now {
					queue = append(queue, job{now, w})
				}
			}
		}
		if busy == 0 && len(queue) > 0 {
			busy = queue[0].work
		}
	}
	return delays
}

func TestProcessorServesOneAfterTheOther(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		streams := 1 + draw.IntN(6)
		slot := streams * (1 + draw.IntN(8))
		cuts := []Cuts{Spread, Together}[draw.IntN(2)]
		work := make([]int, 1+draw.IntN(6))
		for i := range work {
			work[i] = 1 + draw.IntN(2*slot/streams+1) // from idle to far too much
		}
		host := Host{Speed: 1, Streams: streams, Cuts: cuts}
		var got []int
		var free time.Duration
		for seq, w := range work {
			now := time.Duration((seq + 1) * slot)
			free = host.serve(now, time.Duration(slot), time.Duration(w), free, func(_ int, d time.Duration) { got = append(got, int(d)) })
		}
		want := slowDelays(cuts, streams, slot, work)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%d streams %s, slots of %d, work %v: delays %v, want %v", streams, cuts, slot, work, got, want)
			}
		}
	}
}

// work is the labour of one slot of four renditions of a quarter of a megabyte.
func work(t *testing.T, change func(*Stream)) (w [Stages]time.Duration) {
	s := &Stream{CPU: DefaultCosts(), Tokens: DefaultTokens(), Host: DefaultHost()}
	change(s)
	return s.labour(sealedSlot(t, 4, 250_000, 7, 1, token.ConfigID{1}))
}

func TestWhatMakesStagesLonger(t *testing.T) {
	plain := work(t, func(*Stream) {})
	for stage, d := range plain {
		if (d == 0) != (Stage(stage) == StageCode || Stage(stage) == StageCipher) {
			t.Errorf("without a code and a seal, %v takes %v", Stage(stage), d)
		}
	}
	code := func(s *Stream) {
		var err error
		if s.Coder, err = storage.New(storage.Config{Scheme: storage.ReedSolomon, K: 4, N: 6, Placement: storage.Domains}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*Stream)
		longer []Stage // the others stay
	}{
		{"seal", func(s *Stream) { s.Tokens.Sealed = true }, []Stage{StageCipher}},
		{"code", code, []Stage{StageCode, StageHeader}},
		{"code and fragments", func(s *Stream) { code(s); s.Tokens.Fragment = 4 << 10 },
			[]Stage{StageHash, StageMerkle, StageCode, StageHeader}},
		{"paths", func(s *Stream) { s.Tokens.Fragment = 4 << 10 }, []Stage{StageMerkle, StageHeader}},
		{"list", func(s *Stream) { s.Tokens.Fragment, s.Tokens.Proof = 4<<10, ByList }, []Stage{StageMerkle, StageHeader}},
		{"signatures", func(s *Stream) { s.Tokens.Fragment, s.Tokens.Proof = 4<<10, BySignature }, []Stage{StageSign, StageHeader}},
		{"large headers", func(s *Stream) { s.Tokens.Header = 4 << 10 }, []Stage{StageHeader}},
		{"JSON", func(s *Stream) { s.Tokens.Encoding = JSON }, []Stage{StageHeader}},
	} {
		got := work(t, c.change)
		for stage := range Stages {
			longer := false
			for _, l := range c.longer {
				longer = longer || l == stage
			}
			if (got[stage] > plain[stage]) != longer || got[stage] < plain[stage] {
				t.Errorf("%s: %v takes %v, %v without", c.name, stage, got[stage], plain[stage])
			}
		}
	}
	if got, want := work(t, func(s *Stream) { s.Host.Speed = 0.25 })[StageHash], 4*plain[StageHash]; got != want {
		t.Errorf("at a quarter of the speed hashing takes %v, want %v", got, want)
	}
	signed := work(t, func(s *Stream) { s.Tokens.Fragment, s.Tokens.Proof = 4<<10, BySignature })[StageSign]
	if want := 4 * 62 * DefaultCosts().Seal; signed != want { // 250,000 bytes are 62 fragments
		t.Errorf("a signature for each fragment takes %v, want %v", signed, want)
	}
}

// Checking takes a signature for each fragment or one for all.
func TestWhatCheckingTakes(t *testing.T) {
	c := DefaultCosts()
	const n = 250_000 // 16 pieces of 16 KiB, 62 fragments of 4 KiB
	for _, tc := range []struct {
		tokens TokenConfig
		nodes  int
		checks int
	}{
		{TokenConfig{Proof: ByPath}, 15, 1},
		{TokenConfig{Proof: BySignature}, 15, 1},
		{TokenConfig{Proof: ByPath, Fragment: 4 << 10}, 15 + 61, 1},
		{TokenConfig{Proof: ByList, Fragment: 4 << 10}, 15 + 31, 1},
		{TokenConfig{Proof: BySignature, Fragment: 4 << 10}, 15, 62},
		{TokenConfig{Proof: ByPath, Fragment: 1 << 20}, 15, 1},
	} {
		s := &Stream{CPU: c, Tokens: tc.tokens}
		want := c.hashing(n) + time.Duration(tc.nodes)*c.Node + time.Duration(tc.checks)*c.Check
		if got := s.verifying(n); got != want {
			t.Errorf("%+v: %v, want %v", tc.tokens, got, want)
		}
	}
}

// A slot leaves when the processor has served who came before, done its work,
// and the delay asked for is over.
func TestASlotWaitsForTheProcessor(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Stream)
		wait   func(total time.Duration) time.Duration
	}{
		{"alone", func(*Stream) {}, func(time.Duration) time.Duration { return 0 }},
		{"delayed", func(s *Stream) { s.Tokens.Delay = 5 * time.Millisecond }, func(time.Duration) time.Duration { return 5 * time.Millisecond }},
		{"last of three", func(s *Stream) { s.Host.Streams, s.Host.Cuts = 3, Together }, func(total time.Duration) time.Duration { return 2 * total }},
		{"spread", func(s *Stream) { s.Host.Streams = 3 }, func(time.Duration) time.Duration { return 0 }},
	} {
		st := stageOf(1, 3, 0)
		c.change(st.stream)
		var out Output
		st.nodes[1].Step(time.Second, &Input{Kind: Wake}, &out)
		var total time.Duration
		delays := 0
		for _, f := range out.Facts {
			switch f.Kind {
			case Worked:
				total += f.Span
			case Delayed:
				delays++
			case Published:
				if f.Span != out.Wait+out.CPU {
					t.Errorf("%s: published %v after the slot, its sends leave after %v", c.name, f.Span, out.Wait+out.CPU)
				}
			}
		}
		if out.CPU != total || out.Wait != c.wait(total) || delays != st.stream.Host.Streams {
			t.Errorf("%s: work %v, waits %v, %d delays; want %v, %v", c.name, out.CPU, out.Wait, delays, total, c.wait(total))
		}
	}
}

func TestAHostThatIsNone(t *testing.T) {
	for _, h := range []Host{{}, {Speed: 1}, {Streams: 1}, {Speed: -1, Streams: 1}} {
		s := stageOf(1, 3, 0).stream
		s.Host = h
		if err := s.Prepare(); err == nil {
			t.Errorf("%+v is taken", h)
		}
	}
}
