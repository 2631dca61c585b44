package hosts

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing/synctest"
)

// A run of hosts is the same each time if the process does nothing else and
// the runtime leaves the order of goroutines alone: one processor, no
// preemption, no garbage collection while anybody runs, and random numbers of
// TLS and QUIC that follow from the seed.
const (
	oneProcessor = "GOMAXPROCS=1"
	ownGodebug   = "GODEBUG=asyncpreemptoff=1,cryptocustomrand=1,tlsmlkem=0"
)

// Environment is what a process needs in its environment to play a run that
// can be repeated. The key exchange that TLS has besides X25519, ML-KEM, draws
// random numbers that cannot be given, so it is off: a handshake takes one
// packet less in each direction.
func Environment() []string { return []string{oneProcessor, ownGodebug} }

// Alone makes the process one that plays a single run with that seed and ends:
// it replaces the source of crypto/rand, and leaves the garbage to be collected
// at the instants at which nothing runs. It reports whether the environment is
// right for a run that can be repeated.
func Alone(seed uint64) bool {
	_, value, _ := strings.Cut(ownGodebug, "=")
	alone = runtime.GOMAXPROCS(0) == 1 && strings.Contains(os.Getenv("GODEBUG"), value)
	rand.Reader = newChance(seed)
	debug.SetGCPercent(-1)
	return alone
}

// alone says that this process plays one run that can be repeated.
var alone bool

// chance gives random bytes that follow from a seed.
type chance struct {
	mu   sync.Mutex
	from *mathrand.ChaCha8
}

func newChance(seed uint64) *chance {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	return &chance{from: mathrand.NewChaCha8(s)}
}

// Read never fails. A single byte is zero and takes nothing from the stream:
// the standard library asks for one or not, by chance, so that nobody relies on
// what follows.
func (c *chance) Read(b []byte) (int, error) {
	if len(b) == 1 {
		b[0] = 0
		return 1, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Read(b)
}

// A pause waits until every goroutine waits, and collects garbage then, if this
// process plays one run.
type pause struct {
	count int
	limit uint64
	live  []metrics.Sample
	beat  func()
}

// The heap may grow to twice what was live after the last collection, but by
// no more than mostGrowth, and to leastHeap, which is what 200 hosts need;
// every so many pauses one looks.
const (
	leastHeap  = 512 << 20
	mostGrowth = 128 << 20
	lookEvery  = 64
	heapMetric = "/memory/classes/heap/objects:bytes"
)

func newPause(beat func()) *pause {
	return &pause{limit: leastHeap, live: []metrics.Sample{{Name: heapMetric}}, beat: beat}
}

func (p *pause) wait() {
	synctest.Wait()
	p.beat()
	if p.count++; !alone || p.count%lookEvery != 0 || p.heap() < p.limit {
		return
	}
	runtime.GC()
	live := p.heap()
	p.limit = max(leastHeap, live+min(live, mostGrowth))
}

func (p *pause) heap() uint64 {
	metrics.Read(p.live)
	return p.live[0].Value.Uint64()
}
