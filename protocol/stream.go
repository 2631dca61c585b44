package protocol

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/cache"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// A Stream is what everybody in one live stream agreed on. Nodes share it and
// never change it.
type Stream struct {
	ID      uint64
	Key     ed25519.PublicKey
	Rates   []unit.Rate     // bitrate of each rendition, ascending
	Slots   []time.Duration // length of each slot of the title, which repeats for ever
	PerHour unit.Wei        // price of an hour of watching
	Ready   time.Duration   // viewers ask for a slot this long after its last picture

	Swarm   swarm.Config
	Player  abr.Config
	Payment payment.Config
	Terms   *payment.Terms // of Payment; Prepare makes them
	Storage storage.Config
	// Licensed asks the chain whether an account may watch at a time; nil: everybody may.
	Licensed func(payment.Account, time.Duration) bool
	// Rights is where viewers have proofs and the publisher capabilities from, and what edges
	// check them with; nil: edges ask themselves.
	Rights     payment.Rights
	Coder      storage.Coder // nil: tokens go whole to the edges
	CPU        Costs
	Tokens     TokenConfig
	Protection Protection
	Host       Host // of the publisher

	Service   Service // of every edge
	Vault     *Vault  // what is watched, of a catalogue; nil: the live stream
	Publisher NodeID
	Directory NodeID
	Providers []NodeID
	Spots     []storage.Spot // of Providers, in the same order
	Edges     []NodeID
	Hubs      [][]NodeID        // first those that viewers have ledger channels with, then those behind, in the same order
	Region    []uint8           // of every node
	Distance  [][]time.Duration // one-way latency between regions, as nodes have measured it

	// Closed says of each rendition which slots of the title decode without an
	// earlier one; nil: all of them.
	Closed [][]bool

	// Foreign names the records of codecs that not every viewer has a decoder
	// for, as a viewer finds out from the record.
	Foreign []token.ConfigID

	kinds map[manner]*seldom // of viewers; looked up, never walked

	starts []time.Duration // of each slot; the last entry is the period
	placer *storage.Placer // with a Coder
	spots  map[NodeID]int  // index of each provider

	pushes   bool     // tokens of a live stream come unasked, to who knows an edge
	executed bool     // headers go as they are, and not as another form would take
	alone    []uint16 // of each slot of the title, bit r: rendition r decodes without an earlier one

	recent   [recentSlots]slot
	rebuilds rebuilds
	checked  [keepSlots][MaxRenditions]checked
}

// A Service is what an edge does for viewers.
type Service struct {
	Up        unit.Rate // its uplink, as its owner pays for it
	Admission Admission
	Cache     cache.Policy // what it keeps; empty is as cache.Ring
	Capacity  unit.Size    // how much of it; not read by the ring
}

// Costs says how long a processor takes for what nodes compute. It is charged
// whether the work is executed for every node, executed once for all, or
// modelled.
type Costs struct {
	File          string        `yaml:"file" doc:"A file of costs that kscope calibrate measured, seen from the working directory or beside the scenario; costs that the scenario states are taken before those of the file."`
	Parse         unit.Rate     `yaml:"parse" doc:"Finding the samples in a container."`
	Cut           unit.Rate     `yaml:"cut" doc:"Copying samples into segments."`
	Hash          unit.Rate     `yaml:"hash" doc:"SHA-256 over payload bytes."`
	Node          time.Duration `yaml:"node" doc:"Hashing one node of a Merkle tree."`
	Erasure       unit.Rate     `yaml:"erasure" doc:"Erasure coding, per payload bit."`
	Cipher        unit.Rate     `yaml:"cipher" doc:"Encrypting or opening a sealed payload."`
	Seal          time.Duration `yaml:"seal" doc:"One Ed25519 signature over a slot."`
	Header        unit.Rate     `yaml:"header" doc:"Writing headers, in any encoding."`
	Check         time.Duration `yaml:"check" doc:"Verifying an Ed25519 signature."`
	VoucherSign   time.Duration `yaml:"voucher_sign" doc:"One secp256k1 signature of a voucher."`
	VoucherVerify time.Duration `yaml:"voucher_verify" doc:"Verifying a voucher's secp256k1 signature."`
	Proof         time.Duration `yaml:"proof" doc:"Verifying a Merkle-Patricia proof of a contract's slot."`
}

// DefaultCosts are the costs measured on one 2-vCPU Xeon core (SHA-NI): SHA-256
// 1.96 GB/s, Reed-Solomon 10+4 44 GB/s, Ed25519 15/36 us, secp256k1 23/27 us;
// and on one EPYC core: the shipped clip parsed at 3.8 GB/s and cut at 7.3 GB/s
// (BenchmarkParse and BenchmarkCut of protocol/media, the second of which does
// both, at 2.5; they cost by the sample, and pictures of 20 kB go at 29 and 13), a node in
// 145 ns, headers as tagged fields at 0.5 GB/s (binary ones 9, JSON 0.34).
func DefaultCosts() Costs {
	return Costs{Parse: 30_400_000_000, Cut: 58_400_000_000, Node: 145 * time.Nanosecond, Header: 4_000_000_000, Hash: 15_680_000_000, Erasure: 352_000_000_000, Cipher: 40_000_000_000, Seal: 15 * time.Microsecond,
		Check: 36 * time.Microsecond, VoucherSign: 23 * time.Microsecond, VoucherVerify: 27 * time.Microsecond, Proof: 30 * time.Microsecond}
}

// Validate reports every cost that makes no sense.
func (c Costs) Validate() error {
	var errs []error
	for _, r := range []struct {
		key, does string
		r         unit.Rate
	}{{"parse", "parses", c.Parse}, {"cut", "cuts", c.Cut}, {"hash", "hashes", c.Hash}, {"erasure", "codes", c.Erasure}, {"cipher", "encrypts", c.Cipher},
		{"header", "writes", c.Header}} {
		if r.r <= 0 {
			errs = append(errs, unit.Bad(r.key, "a processor "+r.does+" more than 0 bit/s"))
		}
	}
	for _, d := range []struct {
		key string
		d   time.Duration
	}{{"node", c.Node}, {"seal", c.Seal}, {"check", c.Check}, {"voucher_sign", c.VoucherSign}, {"voucher_verify", c.VoucherVerify}, {"proof", c.Proof}} {
		if d.d < 0 {
			errs = append(errs, unit.Bad(d.key, fmt.Sprintf("%v is negative", d.d)))
		}
	}
	return errors.Join(errs...)
}

// Prepare computes what the methods below look up. It is called once, before
// any node sees the stream.
func (s *Stream) Prepare() error {
	if len(s.Rates) == 0 || len(s.Rates) > MaxRenditions || len(s.Slots) == 0 {
		return fmt.Errorf("a stream has 1 to %d renditions and at least one slot, not %d and %d",
			MaxRenditions, len(s.Rates), len(s.Slots))
	}
	if err := s.Host.check(); err != nil {
		return err
	}
	s.starts = make([]time.Duration, 1, len(s.Slots)+1)
	for _, d := range s.Slots {
		if d <= 0 {
			return fmt.Errorf("a slot of %v is no slot", d)
		}
		s.starts = append(s.starts, s.starts[len(s.starts)-1]+d)
	}
	if s.Coder != nil {
		s.placer, s.spots = storage.NewPlacer(s.Storage, s.Spots, s.ID), map[NodeID]int{}
		for i, id := range s.Providers {
			s.spots[id] = i
		}
	}
	s.pushes = s.Swarm.Delivery == swarm.Push && s.Swarm.Servers == swarm.FromEdges
	s.executed = s.Tokens.Executed()
	s.alone = make([]uint16, len(s.Slots))
	for i := range s.alone {
		for r := range s.Rates {
			if s.Closed == nil || s.Closed[r][i] {
				s.alone[i] |= 1 << r
			}
		}
	}
	for seq := range uint32(recentSlots) {
		s.derive(seq)
	}
	var most unit.Wei
	for seq := range s.Slots {
		most = max(most, s.Price(uint32(seq)))
	}
	s.Terms = payment.NewTerms(s.Payment, s.PerHour, most)
	s.Terms.Edges = len(s.Edges)
	return nil
}

// MaxRenditions is the most that an announcement can tell apart.
const MaxRenditions = 16

// A slot is what follows from a slot's number.
type slot struct {
	seq    uint32
	alone  uint16 // bit r: rendition r decodes without an earlier slot
	start  time.Duration
	length time.Duration
	price  unit.Wei
}

// recentSlots is how many are remembered: everybody is busy with the same few.
const recentSlots = 64

// slot is what follows from seq, derived once while it is recent.
func (s *Stream) slot(seq uint32) *slot {
	if k := &s.recent[seq%recentSlots]; k.seq == seq {
		return k
	}
	return s.derive(seq)
}

func (s *Stream) derive(seq uint32) *slot {
	k, n := &s.recent[seq%recentSlots], uint32(len(s.Slots))
	i, length := seq%n, s.Slots[seq%n]
	// A day at 18 ETH an hour stays below 2^64 only in parts: wei per hour times
	// microseconds would overflow, so whole milliseconds are used.
	*k = slot{seq: seq, alone: s.alone[i], start: time.Duration(seq/n)*s.starts[n] + s.starts[i], length: length,
		price: s.PerHour / 3_600_000 * unit.Wei(length/time.Millisecond)}
	return k
}

// Start is when the first picture of slot seq is taken.
func (s *Stream) Start(seq uint32) time.Duration { return s.slot(seq).start }

// Length is how long slot seq plays.
func (s *Stream) Length(seq uint32) time.Duration { return s.slot(seq).length }

// End is when the last picture of slot seq has been taken.
func (s *Stream) End(seq uint32) time.Duration {
	k := s.slot(seq)
	return k.start + k.length
}

// At is the slot whose pictures are taken at t.
func (s *Stream) At(t time.Duration) uint32 {
	if t < 0 {
		return 0
	}
	n := len(s.Slots)
	period := s.starts[n]
	seq := uint32(t/period) * uint32(n)
	for t %= period; s.starts[seq%uint32(n)+1] <= t; seq++ {
	}
	return seq
}

// Independent says whether a rendition of slot seq decodes without an earlier
// segment, so that a viewer may join or switch there.
func (s *Stream) Independent(seq uint32, rendition int) bool {
	return s.slot(seq).alone>>rendition&1 == 1
}

// Entry is the newest slot up to seq at which a viewer can join in some
// rendition; seq itself if a whole title back there is none.
func (s *Stream) Entry(seq uint32) uint32 {
	for back := range min(seq+1, uint32(len(s.Slots)), keepSlots/2) {
		for r := range s.Rates {
			if s.Independent(seq-back, r) {
				return seq - back
			}
		}
	}
	return seq
}

// Price is what slot seq costs, rounded down to a wei.
func (s *Stream) Price(seq uint32) unit.Wei { return s.slot(seq).price }

// Place says which provider keeps which shard of a token: the i-th result keeps
// shard i.
func (s *Stream) Place(seq uint32, rendition uint8) []NodeID {
	at := s.placer.Place(tokenKey(seq, rendition))
	nodes := make([]NodeID, len(at))
	for i, k := range at {
		nodes[i] = s.Providers[k]
	}
	return nodes
}

// Apart is the one-way latency between two nodes, as they have measured it.
func (s *Stream) Apart(a, b NodeID) time.Duration { return s.Distance[s.Region[a]][s.Region[b]] }

// answering is how long a node may take to answer another before that counts as
// silence: three round trips, as for QUIC's first probe (RFC 9002, section
// 6.2.2, where nothing is known of the variance), and a queue on the way.
func (s *Stream) answering(a, b NodeID) time.Duration {
	return min(s.Swarm.Hedge, 6*s.Apart(a, b)+queueing)
}

// queueing is how long a small message may wait in queues, there and back.
const queueing = 100 * time.Millisecond

// Description encodes what a newcomer must know: key, id, price, renditions
// and slots. It travels in a Welcome.
func (s *Stream) Description() []byte {
	b := append([]byte(nil), s.Key...)
	b = binary.BigEndian.AppendUint64(b, s.ID)
	b = binary.AppendUvarint(b, uint64(s.PerHour))
	b = binary.AppendUvarint(b, uint64(len(s.Rates)))
	for _, r := range s.Rates {
		b = binary.AppendUvarint(b, uint64(r))
	}
	b = binary.AppendUvarint(b, uint64(len(s.Slots)))
	for _, d := range s.Slots {
		b = binary.AppendUvarint(b, uint64(d/time.Microsecond))
	}
	return b
}

// paying is the time that payments take.
func (c *Costs) paying(w payment.Work) time.Duration {
	return time.Duration(w.Signs)*c.VoucherSign + time.Duration(w.Verifies)*c.VoucherVerify + time.Duration(w.Hashes)*c.Node
}

// hashing is the time to hash n bytes.
func (c *Costs) hashing(n int) time.Duration { return c.Hash.Time(unit.Size(n)) }

// coding is the time to code n payload bytes.
func (c *Costs) coding(n int) time.Duration { return c.Erasure.Time(unit.Size(n)) }
