package scenarios

import (
	"strings"
	"testing"
)

func TestHabitsNeedSomethingToBeAbout(t *testing.T) {
	const shelf = "catalogue={titles: 1, length: 10s}; swarm.neighbours=0; edges={cache: lru, capacity: 1MB}"
	for _, test := range []struct{ sets, want string }{
		{"habits.retries=10%", "habits.pause.law: say how long those who try again (retries) wait"},
		{"habits={retries: 10%, pause: {law: constant, scale: 1s}}", "habits.retries: nobody's patience ends"},
		{"habits.retries=100%", "habits.retries: 100%: at most 99%"},
		{"habits.zaps={law: constant, scale: 1s}", "habits.zaps.law: a live stream has one channel"},
		{"habits.seeks={law: constant, scale: 1s}", "habits.seeks.law: a live stream has one channel"},
		{shelf + "; habits.zaps={law: constant, scale: 1s}", "habits.zaps.law: there is one title"},
		{shelf + "; habits.endures={law: constant, scale: -1s}", "habits.endures."},
	} {
		_, err := Load("x.yaml", []byte("name: x\n"), strings.Split(test.sets, "; "))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want it to say %q", test.sets, err, test.want)
		}
	}
}
