package hosts

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/libp2p/go-libp2p/gologshim"
)

// A journal is where libp2p's errors go: into the notes of the run, not on the
// terminal. libp2p has one for the whole process.
type journal struct {
	mu   sync.Mutex
	seen map[string]int // times, by message
}

var errata = &journal{seen: map[string]int{}}

// listen makes libp2p write into the journal. It has to be called before
// libp2p has anything to say, and may be called again.
func (j *journal) listen() { gologshim.SetDefaultHandler(j) }

// notes takes what has been written.
func (j *journal) notes() (notes []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, text := range sortedKeys(j.seen) {
		notes = append(notes, fmt.Sprintf("libp2p has reported an error, %d times: %s", j.seen[text], text))
	}
	clear(j.seen)
	return notes
}

// Enabled says that errors are of interest, and nothing else.
func (j *journal) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle counts a message.
func (j *journal) Handle(_ context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen[r.Message]++
	return nil
}

// WithAttrs and WithGroup make loggers that count in the same journal.
func (j *journal) WithAttrs([]slog.Attr) slog.Handler { return j }

// WithGroup is like WithAttrs.
func (j *journal) WithGroup(string) slog.Handler { return j }
