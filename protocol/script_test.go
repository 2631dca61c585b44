package protocol

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// TestScripts plays the scripts in testdata: a handful of nodes on the plainest
// of networks, where a control message takes 50 ms and a bulk one 200 ms. What
// each node is told and wants is printed; the print is the review.
//
//	world [viewers=N] [providers=N] [neighbours=N] [direct] [push] [central] [pollutes] [defaults] [nodecoder] [sealed] [repairs]
//	dark NODE, light NODE
//	spoil SLOT/RENDITION... [undecodable] [foreign] [warn] [hold]
//	at TIME start|stop NODE
//	run UNTIL [show=NODE,...]
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/scripts", func(t *testing.T, path string) {
		var s *stage
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "world":
				s = newStage(t, d)
				return s.cast()
			case "dark", "light":
				s.dark[s.named(t, d.CmdArgs[0].Key)] = d.Cmd == "dark"
			case "spoil":
				s.spoil(t, d.CmdArgs)
			case "at":
				at, err := time.ParseDuration(d.CmdArgs[0].Key)
				if err != nil {
					t.Fatal(err)
				}
				kind := Start
				if d.CmdArgs[1].Key == "stop" {
					kind = Stop
				}
				s.push(at, s.named(t, d.CmdArgs[2].Key), Input{Kind: kind})
			case "run":
				until, err := time.ParseDuration(d.CmdArgs[0].Key)
				if err != nil {
					t.Fatal(err)
				}
				var show string
				maybe(t, d, "show", &show)
				return s.run(until, strings.Split(show, ";"))
			default:
				t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
			}
			return ""
		})
	})
}

// maybe scans an argument that may be absent.
func maybe(t *testing.T, d *datadriven.TestData, key string, to any) {
	if d.HasArg(key) {
		d.ScanArgs(t, key, to)
	}
}

// spoil replaces what the publisher seals.
func (s *stage) spoil(t *testing.T, args []datadriven.CmdArg) {
	var words []string
	for _, a := range args {
		words = append(words, a.Key)
	}
	has := func(word string) bool { return slices.Contains(words, word) }
	p := s.nodes[s.stream.Publisher].(*Publisher)
	for _, w := range words {
		var seq uint32
		var rendition uint8
		if n, _ := fmt.Sscanf(w, "%d/%d", &seq, &rendition); n != 2 {
			continue
		}
		with := Piece{Payload: token.NewPayload([]byte("spoilt " + w)), Flags: token.Independent, Warn: has("warn"), Hold: has("hold")}
		if has("undecodable") {
			with.Flags = token.Undecodable
		}
		if has("foreign") {
			with.Config = token.ConfigID{0xfc}
			s.stream.Foreign = []token.ConfigID{with.Config}
		}
		p.Replace(seq, rendition, with)
	}
}

// A stage is the smallest driver: one loop with the four effects.
type stage struct {
	stream *Stream
	nodes  []Node
	names  []string
	dark   map[NodeID]bool
	queue  []cue
	seq    int
	print  strings.Builder
	show   []string
}

type cue struct {
	at  time.Duration
	seq int
	to  NodeID
	in  Input
}

// signer marks vouchers plainly; the ledger's tests use real keys.
type signer struct{}

func (signer) Channel(p payment.Account, n uint64) payment.ChannelID {
	return payment.ChannelID{0xc0, byte(p), byte(n)}
}
func (s signer) Attest(p payment.Account, v *payment.Voucher) { s.Sign(p, v) }

func (signer) Sign(p payment.Account, v *payment.Voucher) {
	var s payment.Signature
	copy(s[:], fmt.Sprint(p, v.Amount))
	v.SetSig(s)
}
func (signer) Verify(p payment.Account, v *payment.Voucher) bool {
	var w payment.Voucher
	w.Amount = v.Amount
	signer{}.Sign(p, &w)
	return w.Sig() == v.Sig()
}

func newStage(t *testing.T, d *datadriven.TestData) *stage {
	viewers, providers, neighbours := 1, 3, 0
	maybe(t, d, "viewers", &viewers)
	maybe(t, d, "providers", &providers)
	maybe(t, d, "neighbours", &neighbours)
	var traits []string
	for _, a := range d.CmdArgs {
		traits = append(traits, a.Key)
	}
	return stageOf(viewers, providers, neighbours, traits...)
}

// stageOf builds a stage; traits are the bare words of the world command.
func stageOf(viewers, providers, neighbours int, traits ...string) *stage {
	is := func(word string) bool { return slices.Contains(traits, word) }
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	st := &Stream{ID: 7, Key: key.Public().(ed25519.PublicKey), Rates: []unit.Rate{4000, 8000},
		Slots: []time.Duration{time.Second, time.Second}, PerHour: 36_000_000_000, Ready: 100 * time.Millisecond,
		Swarm: swarm.Default(), Player: abr.Default(), Payment: payment.Default(), CPU: DefaultCosts(), Host: DefaultHost(),
		Storage:   storage.Config{Scheme: storage.ReedSolomon, K: 2, N: 3, Placement: storage.Domains},
		Publisher: 1, Distance: [][]time.Duration{{50 * time.Millisecond}}}
	st.Swarm.Neighbours, st.Swarm.SeedShare = neighbours, 0
	st.Player.Start, st.Player.Resume, st.Player.Buffer = time.Second, time.Second, 4*time.Second
	s := &stage{stream: st, dark: map[NodeID]bool{}, names: []string{"directory", "publisher"}}
	if is("push") {
		st.Swarm.Delivery = swarm.Push
	}
	if is("dht") {
		st.Swarm.Discovery = swarm.ByDHT
	}
	if is("repairs") {
		st.Storage.Repair, st.Storage.Audit, st.Storage.Detect = storage.Eager, time.Second, 500*time.Millisecond
	}
	st.Tokens.Sealed = is("sealed")
	if is("central") {
		st.Payment.Method = payment.Central
	}
	if !is("direct") {
		var err error
		if st.Coder, err = storage.New(st.Storage); err != nil {
			panic(err)
		}
		for i := range providers {
			st.Providers = append(st.Providers, NodeID(len(s.names)))
			st.Spots = append(st.Spots, storage.Spot{Node: uint32(len(s.names)), Domain: uint32(i)})
			s.names = append(s.names, fmt.Sprint("provider", i))
		}
	}
	st.Edges = []NodeID{NodeID(len(s.names))}
	s.names = append(s.names, "edge")
	first := len(s.names)
	for i := range viewers {
		s.names = append(s.names, fmt.Sprint("viewer", i))
	}
	st.Region = make([]uint8, len(s.names))
	if err := st.Prepare(); err != nil {
		panic(err)
	}
	st.Terms.Signer, st.Terms.Signed = signer{}, true
	s.people(key, first, viewers, is("pollutes"), is("defaults"), is("nodecoder"))
	return s
}

func (s *stage) people(key ed25519.PrivateKey, first, viewers int, pollutes, defaults, noDecoder bool) {
	st := s.stream
	title := make([][]Piece, 2)
	for r := range title {
		for slot := range 2 {
			bytes := bytes.Repeat([]byte{byte(10*r + slot)}, 500*(r+1))
			title[r] = append(title[r], Piece{Payload: token.NewPayload(bytes), Flags: token.Independent})
		}
	}
	collector := payment.NewCollector(st.Terms, 1, []payment.Account{90, 91, 92, 93, 94})
	s.nodes = append(s.nodes, NewDirectory(st, rand.New(rand.NewPCG(1, 1))),
		NewPublisher(st, key, title, 20*time.Second, collector))
	for _, id := range st.Providers {
		s.nodes = append(s.nodes, NewProvider(st, id))
	}
	s.nodes = append(s.nodes, NewEdge(st, st.Edges[0]))
	chooser, err := abr.New(st.Player, st.Rates)
	if err != nil {
		panic(err)
	}
	live := &Live{Delay: 3 * time.Second, Behind: 8 * time.Second}
	for i := range viewers {
		var tr Traits
		tr.Pollutes = i == 0 && pollutes
		tr.Defaults = i == 0 && defaults
		tr.NoDecoder = i == 0 && noDecoder
		s.nodes = append(s.nodes, NewViewer(st, live, NodeID(first+i), chooser, *rand.NewPCG(2, uint64(i)), tr))
	}
}

func (s *stage) cast() string { return strings.Join(s.names, " ") }

func (s *stage) named(t *testing.T, name string) NodeID {
	for i, n := range s.names {
		if n == name {
			return NodeID(i)
		}
	}
	t.Fatalf("nobody is called %q: there are %s", name, s.cast())
	return 0
}

func (s *stage) push(at time.Duration, to NodeID, in Input) {
	s.seq++
	s.queue = append(s.queue, cue{at, s.seq, to, in})
	sort.Slice(s.queue, func(i, k int) bool {
		a, b := s.queue[i], s.queue[k]
		return a.at < b.at || a.at == b.at && a.seq < b.seq
	})
}

// run plays until a time and returns what the chosen nodes did.
func (s *stage) run(until time.Duration, show []string) string {
	s.print.Reset()
	s.show = show
	var out Output
	for len(s.queue) > 0 && s.queue[0].at <= until {
		c := s.queue[0]
		s.queue = s.queue[1:]
		if s.dark[c.to] {
			continue
		}
		out.Reset()
		s.nodes[c.to].Step(c.at, &c.in, &out)
		s.trace(c, &out)
		s.carry(c.at+out.Wait+out.CPU, c.to, &out)
	}
	return s.print.String()
}

// carry brings the four effects about.
func (s *stage) carry(now time.Duration, from NodeID, out *Output) {
	for _, m := range out.Sends {
		msg := m.Msg
		if msg.Voucher != nil {
			v := *msg.Voucher
			msg.Voucher = &v
		}
		delay := 50 * time.Millisecond
		if msg.Kind.Bulk() {
			delay = 200 * time.Millisecond
			if m.ID != 0 {
				s.push(now+150*time.Millisecond, from, Input{Kind: Sent, From: m.To, Send: m.ID, OK: !s.dark[m.To]})
			}
		}
		if !s.dark[from] && !s.dark[m.To] {
			s.push(now+delay, m.To, Input{Kind: Deliver, From: from, Msg: &msg, Took: 150 * time.Millisecond})
		}
	}
	for _, t := range out.Timers {
		s.push(max(now, t.At), from, Input{Kind: Wake, Timer: t.ID})
	}
	for _, tx := range out.Txs {
		r := &payment.Receipt{ID: tx.ID, Kind: tx.Kind, From: tx.From, Payer: tx.Payer, Channel: tx.Channel, Amount: tx.Amount, OK: true, Gas: 1}
		s.push(now+time.Second, from, Input{Kind: Confirm, Receipt: r})
		if tx.Kind == payment.Open {
			s.push(now+time.Second, s.stream.Edges[0], Input{Kind: Confirm, Receipt: r})
		}
	}
}

// trace prints one step of a node that is shown, unless nothing came of it.
func (s *stage) trace(c cue, out *Output) {
	shown := false
	for _, n := range s.show {
		shown = shown || n == s.names[c.to]
	}
	if !shown || len(out.Sends)+len(out.Cancels)+len(out.Facts)+len(out.Txs) == 0 {
		return
	}
	fmt.Fprintf(&s.print, "%6.3fs %s: %s\n", c.at.Seconds(), s.names[c.to], s.input(&c.in))
	for _, f := range out.Facts {
		fmt.Fprintf(&s.print, "         %s\n", f)
	}
	for _, c := range out.Cancels {
		fmt.Fprintf(&s.print, "         cancel %d\n", c.ID)
	}
	for _, m := range out.Sends {
		fmt.Fprintf(&s.print, "         -> %s %s\n", s.names[m.To], s.message(&m.Msg))
	}
	for _, tx := range out.Txs {
		fmt.Fprintf(&s.print, "         tx %v of %s, %d wei\n", tx.Kind, s.who(NodeID(tx.Payer)), tx.Amount)
	}
}

func (s *stage) who(id NodeID) string {
	if int(id) < len(s.names) {
		return s.names[id]
	}
	return fmt.Sprint("account ", id)
}

func (s *stage) input(in *Input) string {
	switch in.Kind {
	case Deliver:
		return "<- " + s.names[in.From] + " " + s.message(in.Msg)
	case Confirm:
		return fmt.Sprintf("confirmed %v of %s", in.Receipt.Kind, s.who(NodeID(in.Receipt.Payer)))
	}
	return in.Kind.String()
}

func (s *stage) message(m *Message) string {
	switch m.Kind {
	case Hello, Bye, Link, Linked, Full:
		return m.Kind.String()
	case Welcome:
		return fmt.Sprintf("welcome: edges %d, peers %d", len(m.Welcome.Edges), len(m.Welcome.Peers))
	case Pay:
		return fmt.Sprintf("pay %d wei in all, last %v", m.Voucher.Amount, m.Last)
	case Warn:
		return fmt.Sprintf("warn %d: %d headers, %d bytes", m.Seq, len(m.Warning.Tokens), m.Size())
	case Moved:
		text := fmt.Sprintf("moved %d/%d:", m.Seq, m.Rendition)
		for _, n := range s.stream.keepers(m.Bytes) {
			text += " " + s.who(n)
		}
		return strings.ReplaceAll(text, fmt.Sprint("account ", Nobody), "-")
	case Have, Give, Unlock, Key:
		return fmt.Sprintf("%v %d/%d", m.Kind, m.Seq, m.Rendition)
	}
	if m.Shard == Onward {
		return fmt.Sprintf("%v %d/%d and so on, %d", m.Kind, m.Seq, m.Rendition, m.Wait)
	}
	if m.Shard == Whole {
		return fmt.Sprintf("%v %d/%d", m.Kind, m.Seq, m.Rendition)
	}
	return fmt.Sprintf("%v %d/%d shard %d", m.Kind, m.Seq, m.Rendition, m.Shard)
}
