package packet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// Config is what packets meet beside the topology: the packets section of a
// scenario.
type Config struct {
	AQM           AQM           `yaml:"aqm" doc:"How links keep their queues: drop_tail drops what comes when the queue is full; fq_codel (RFC 8290) gives each flow its turn and keeps the delay near 5 ms."`
	Queue         time.Duration `yaml:"queue" doc:"Longest time that a packet waits in a drop-tail queue: one that would have to wait longer is dropped, if four of the largest wait already; 0 is no limit."`
	Buffer        unit.Size     `yaml:"buffer" doc:"Most bytes in the queue of a link; 0 is no limit."`
	ReceiveBuffer unit.Size     `yaml:"receive_buffer" doc:"Most bytes that wait in a socket for its reader."`
	MTU           int           `yaml:"mtu" doc:"Largest packet in bytes, with the headers of IP and UDP. A larger one is refused when it is written."`
	Burst         float64       `yaml:"burst" doc:"How many packets in a row a path loses on average (Gilbert 1960) while it loses as many in all as its access classes say; 0 loses each independently."`
	Reorder       bool          `yaml:"reorder" doc:"Whether jitter lets a packet overtake another of its path."`
	Duplicate     unit.Ratio    `yaml:"duplicate" doc:"Share of packets that arrive twice."`
	Corrupt       unit.Ratio    `yaml:"corrupt" doc:"Share of packets in which one bit flips."`
}

// AQM names how the queue of a link is managed.
type AQM string

// Managements of queues.
const (
	DropTail AQM = "drop_tail"
	FQCoDel  AQM = "fq_codel"
)

// Names lists them.
func (AQM) Names() []string { return []string{string(DropTail), string(FQCoDel)} }

// Limits of a Config.
const (
	maxQueue   = time.Minute
	maxBuffer  = unit.Size(1 << 30)
	minReceive = unit.Size(1 << 11)
	minMTU     = 576 // RFC 791: what every host must take
	maxMTU     = 65_535
	maxBurst   = 1000
	maxSpoiled = unit.Ratio(0.5)
)

// Default has drop-tail queues of 100 ms, sockets of 4 MiB and the MTU of
// Ethernet.
func Default() Config {
	return Config{AQM: DropTail, Queue: 100 * time.Millisecond, ReceiveBuffer: 4 << 20, MTU: 1500}
}

// Validate reports every value that is out of its range, each as a
// unit.KeyError.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	check(slices.Contains(c.AQM.Names(), string(c.AQM)), "aqm", "there is no %q: the names are %s", c.AQM, strings.Join(c.AQM.Names(), ", "))
	check(c.Queue >= 0 && c.Queue <= maxQueue, "queue", "%v is not between 0s and %v", c.Queue, maxQueue)
	check(c.Buffer >= 0 && c.Buffer <= maxBuffer, "buffer", "%v is not between 0B and %v", c.Buffer, maxBuffer)
	check(c.Queue != 0 || c.Buffer != 0 || c.AQM != DropTail, "queue", "is 0s and buffer 0B: a drop-tail queue has one limit at least")
	check(c.ReceiveBuffer >= minReceive && c.ReceiveBuffer <= maxBuffer, "receive_buffer", "%v is not between %v and %v", c.ReceiveBuffer, minReceive, maxBuffer)
	check(c.MTU >= minMTU && c.MTU <= maxMTU, "mtu", "%d is not between %d and %d", c.MTU, minMTU, maxMTU)
	check(c.Burst >= 0 && c.Burst <= maxBurst, "burst", "%v is not between 0 and %d", c.Burst, maxBurst)
	check(c.Duplicate >= 0 && c.Duplicate <= maxSpoiled, "duplicate", "%v is not between 0%% and %v", c.Duplicate, maxSpoiled)
	check(c.Corrupt >= 0 && c.Corrupt <= maxSpoiled, "corrupt", "%v is not between 0%% and %v", c.Corrupt, maxSpoiled)
	return errors.Join(errs...)
}
