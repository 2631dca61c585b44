package scenarios

import (
	"strings"
	"testing"
)

// Push is refused where nobody could send what follows, and would do nothing.
func TestWherePushIsRefused(t *testing.T) {
	for sets, want := range map[string]string{
		"swarm.servers=storage": "push does not go with swarm.servers: storage",
		"catalogue={titles: 1, length: 10s}; swarm.neighbours=0; edges={cache: lru, capacity: 1MB}": "push: viewers of a catalogue ask for each segment",
	} {
		_, err := Load("push.yaml", []byte("swarm: {delivery: push}"), strings.Split(sets, "; "))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", sets, err)
		}
	}
}
