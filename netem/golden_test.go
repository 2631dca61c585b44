package netem

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// golden is what a crowd on a network with every knob on must do, on every
// architecture: amd64 and arm64 have been compared. It changes with whatever
// changes the network on purpose; the test says what it is now.
var golden = map[Sharing]string{
	Exact: "a5ae4d32a1d77f1732b336f199f025d18b3b01dfbb54970d2d7f5700df947b20",
	Lazy:  "08fe07fc72f68f839bc75ce92af24350bdaef8bec1fae8be1d66bb666b43e8ec",
}

// everything is a network with every knob on.
func everything(s Sharing) Config {
	cfg := Default()
	cfg.JitterShape, cfg.Loss, cfg.Burst, cfg.LateLoss, cfg.Sharing = LogNormal, Bursty, 4, 0.3, s
	cfg.NAT.Share, cfg.NAT.Symmetric = 0.5, 0.4
	cfg.Backbone = []Backbone{{"europe", "na_east", 30 * mbit}, {"east_asia", "europe", 20 * mbit}}
	cfg.Classes = []Class{
		{Name: "tram", Latency: 20 * ms, Loss: 0.01, Jitter: 5 * ms, Trace: Trace{Offset: true, Loop: Mirror, Steps: []Step{
			{700 * ms, 20 * mbit, 5 * mbit}, {300 * ms, 0, 0}, {900 * ms, 3 * mbit, mbit}}}},
		{Name: "far", Down: 8 * mbit, Up: 3 * mbit, Latency: 40 * ms, Loss: 0.02, Jitter: 8 * ms},
	}
	return cfg
}

// A commotion sends at random among its nodes and notes all that comes of it.
type commotion struct {
	n     *Network
	r     *rand.Rand
	notes []byte
	flows []FlowID
	down  int32 // the node that is dark; -1 if none is
}

func (c *commotion) note(v ...uint64) {
	for _, x := range v {
		c.notes = binary.LittleEndian.AppendUint64(c.notes, x)
	}
}

func (c *commotion) gone(id uint64) { c.note('g', id) }

func (c *commotion) left(a Arrival) {
	c.note('a', a.ID, uint64(a.At))
	c.n.Arrive(a.From, a.To, a.Size, a.Traffic)
}

// pass lets time go on, with what traces change meanwhile.
func (c *commotion) pass(now time.Duration) {
	for at := c.n.NextTurn(); at <= now; at = c.n.NextTurn() {
		c.n.Advance(at, c.left)
		var nodes []int32
		c.n.Turn(at, func(node int32) { nodes = append(nodes, node) })
		c.n.Changed(at, nodes, c.gone)
	}
	c.n.Advance(now, c.left)
}

// act does one thing at a time.
func (c *commotion) act(now time.Duration, turn uint64) {
	nodes := int32(c.n.Nodes())
	from := c.r.Int32N(nodes)
	to := (from + 1 + c.r.Int32N(nodes-1)) % nodes
	switch p := c.r.IntN(100); {
	case p < 55:
		size := unit.Size(1 + c.r.IntN(5000))
		at, ok := c.n.SendControl(now, from, to, size, 1)
		if c.note('m', uint64(at)); ok {
			c.n.Arrive(from, to, size, 1)
		}
	case p < 88:
		c.flows = append(c.flows, c.n.SendBulk(now, from, to, unit.Size(1+c.r.IntN(800_000)), 2, turn))
	case p < 91 && len(c.flows) > 0:
		c.note('c', uint64(c.n.Cancel(now, c.flows[c.r.IntN(len(c.flows))])))
	case p < 93:
		if c.down >= 0 {
			c.n.SetDown(now, c.down, false, nil)
			c.down = -1
			break
		}
		c.down = from
		c.n.SetDown(now, from, true, c.gone)
	case p < 95:
		c.n.Cut(0, []int32{from}, Direction(turn%4), now+time.Second)
		c.n.Changed(now, []int32{from}, c.gone)
		c.pass(now + time.Duration(turn%50)*ms)
		c.n.Heal(0)
		c.n.Changed(c.n.now, []int32{from}, c.gone)
	case p < 97:
		c.n.Degrade(1, []int32{from, to}, Degradation{Rate: 0.3, Latency: 7 * ms, Loss: 0.05})
		c.n.Changed(now, []int32{from, to}, c.gone)
		c.pass(now + 200*ms)
		c.n.Repair(1)
		c.n.Changed(c.n.now, []int32{from, to}, c.gone)
	}
}

func digest(t *testing.T, s Sharing) string {
	cfg := everything(s)
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	c := commotion{r: rand.New(rand.NewPCG(7, 8)), down: -1}
	ends := make([]Endpoint, 40)
	for i := range ends {
		ends[i] = Endpoint{Region: i % len(regions), Class: i % len(cfg.AccessClasses())}
	}
	c.n = network(t, cfg, ends...)
	for turn := range uint64(4000) {
		c.pass(c.n.now + time.Duration(c.r.IntN(int(8*ms))))
		c.act(c.n.now, turn)
	}
	c.pass(c.n.now + time.Hour)
	if err := c.n.Check(); err != nil {
		t.Error(err)
	}
	if m := c.n.Measured(); m.Transfers == 0 || m.Resent == 0 || m.Blocked == 0 || m.Relayed == 0 {
		t.Errorf("the crowd does not see all there is: %+v", m)
	}
	sum := sha256.Sum256(fmt.Appendf(c.notes, "%+v", c.n.Measured()))
	return hex.EncodeToString(sum[:])
}

func TestGolden(t *testing.T) {
	for s, want := range golden {
		for _, cores := range []int{1, 2} {
			before := runtime.GOMAXPROCS(cores)
			got := digest(t, s)
			runtime.GOMAXPROCS(before)
			if got != want {
				t.Errorf("%s on %s with %d cores: %s, want %s", s, runtime.GOARCH, cores, got, want)
			}
		}
	}
}
