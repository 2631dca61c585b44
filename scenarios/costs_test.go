package scenarios

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A scenario takes the costs of the file that it names, but for those that it
// states; its echo needs the file no more.
func TestCostsBesideTheScenario(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"sub/mine.yaml": "cpu:\n  hash: 8Gbit/s\n  seal: 20us\n", "bad.yaml": "cpu:\n  hash: 0bit/s\n  sael: 3us\n", "nested.yaml": "cpu: {file: bad.yaml}\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Load("sub/x.yaml", []byte("cpu: {file: mine.yaml, seal: 7us}\nvariants: {a: {}, b: {cpu: {hash: 1Gbit/s}}}"), []string{"cpu.check=9us"})
	if err != nil {
		t.Fatal(err)
	}
	def := Default().CPU
	for i, hash := range []int64{8e9, 1e9} {
		want := def
		want.Hash, want.Seal, want.Check = 0, 7*time.Microsecond, 9*time.Microsecond
		got := all[i].CPU
		if int64(got.Hash) != hash {
			t.Errorf("variant %d hashes at %v", i, got.Hash)
		}
		if got.Hash = 0; got != want {
			t.Errorf("variant %d: got %+v, want %+v", i, got, want)
		}
	}
	again, err := Load("elsewhere.yaml", Effective(all), nil)
	if err != nil || again[0].CPU != all[0].CPU || again[1].CPU != all[1].CPU {
		t.Errorf("the echo is another scenario: %v", err)
	}
	for _, c := range []struct{ src, want string }{
		{"cpu: {file: nosuch.yaml}", "sub/x.yaml:1:13: cpu.file: there is no nosuch.yaml in the working directory, and no sub/nosuch.yaml beside the scenario"},
		{"cpu: {file: bad.yaml}", "bad.yaml:3:3: cpu: unknown key sael: did you mean seal?"},
		{"cpu: {file: nested.yaml}", "a file of costs does not name another"},
	} {
		if _, err := Load("sub/x.yaml", []byte(c.src), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.src, err, c.want)
		}
	}
}
