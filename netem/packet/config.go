package packet

import (
	"time"

	"kinetoscope/internal/unit"
)

// Config is what packets meet beside the topology.
type Config struct {
	Queue         time.Duration // longest time that a packet waits in the queue of a link; one that would have to wait longer is dropped
	ReceiveBuffer unit.Size     // bytes of payload that a socket keeps for its reader
	MTU           int           // largest packet in bytes, headers included
	Reorder       bool          // whether jitter may let a packet overtake another of its path
}

// Default has queues of 100 ms, sockets of 4 MiB and the MTU of Ethernet.
func Default() Config {
	return Config{Queue: 100 * time.Millisecond, ReceiveBuffer: 4 << 20, MTU: 1500}
}
