package packet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kinetoscope/internal/unit"
)

// Config is what packets meet beside the topology: the packets section of a
// scenario.
type Config struct {
	AQM           AQM        `yaml:"aqm" doc:"How links keep their queues: drop_tail drops what would have to wait longer than network.queue says, or does not fit into the buffer; fq_codel (RFC 8290) gives each flow its turn and keeps the delay near 5 ms."`
	Buffer        unit.Size  `yaml:"buffer" doc:"Most bytes in the queue of a link; 0B is no limit."`
	ReceiveBuffer unit.Size  `yaml:"receive_buffer" doc:"Most bytes that wait in a socket for its reader; of TCP also the largest window."`
	MTU           int        `yaml:"mtu" doc:"Largest packet in bytes, with the headers of IP and UDP or TCP. A larger datagram is refused when it is written; TCP cuts what it sends to that size."`
	Reorder       bool       `yaml:"reorder" doc:"Whether jitter lets a packet overtake another of its path."`
	Duplicate     unit.Ratio `yaml:"duplicate" doc:"Share of packets that arrive twice."`
	Corrupt       unit.Ratio `yaml:"corrupt" doc:"Share of packets in which one bit flips."`
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
	maxBuffer  = unit.Size(1 << 30)
	minReceive = unit.Size(1 << 11)
	minMTU     = 576 // RFC 791: what every host must take
	maxMTU     = 65_535
	maxSpoiled = unit.Ratio(0.5)
)

// Default has drop-tail queues limited by the topology alone, sockets of 4 MiB
// and the MTU of Ethernet.
func Default() Config {
	return Config{AQM: DropTail, ReceiveBuffer: 4 << 20, MTU: 1500}
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
	check(c.Buffer >= 0 && c.Buffer <= maxBuffer, "buffer", "%v is not between 0B and %v", c.Buffer, maxBuffer)
	check(c.ReceiveBuffer >= minReceive && c.ReceiveBuffer <= maxBuffer, "receive_buffer", "%v is not between %v and %v", c.ReceiveBuffer, minReceive, maxBuffer)
	check(c.MTU >= minMTU && c.MTU <= maxMTU, "mtu", "%d is not between %d and %d", c.MTU, minMTU, maxMTU)
	check(c.Duplicate >= 0 && c.Duplicate <= maxSpoiled, "duplicate", "%v is not between 0%% and %v", c.Duplicate, maxSpoiled)
	check(c.Corrupt >= 0 && c.Corrupt <= maxSpoiled, "corrupt", "%v is not between 0%% and %v", c.Corrupt, maxSpoiled)
	return errors.Join(errs...)
}
