package demux

import (
	"fmt"
	"strings"
	"testing"
)

// A script is pictures and sounds as an index names them: V+ a picture that is
// made as it should, V- one that is not, S+ a sound that ends as it must, S- one
// that does not, S? one that cannot tell; and where the index thinks it lies.
// What is left at the end does not depend on how much was read at once.
func TestSoundsAmongPictures(t *testing.T) {
	run := func(n, from int, s string) (out string) {
		for i := range n {
			out += fmt.Sprintf("%s%d ", s, from+i)
		}
		return out
	}
	for _, c := range []struct{ what, script, want string }{
		{"all is well", "V+10 S?20 V+30 S?40 V+50", "20 40"},
		{"behind a wrong picture", "V+10 S?20 V-30 S?40 V+50 S?60 V+70", "20 60"},
		{"behind a wrong picture, sounds first", "S?20 S?40 S?60 V+10 V-30 V+50 V+70", "20 60"},
		{"the last picture is wrong", "V+10 S?20 V-30 S?40 S?50", "20"},
		{"no picture", "S?20 S?40", "20 40"},
		{"another part of the source", "V-10 S?20 V+30 V+5 S?8 V+40 S?45", "8 45"},
		{"another part, sounds of the one before wait", "V+110 V-130 S?120 S?140 V+150 V+10 S?20 V+160", "120 20"},
		{"two odd sounds before the track is in tune", "S-1 S-2 " + run(16, 10, "S+"), strings.TrimSpace(run(16, 10, ""))},
		{"never in tune", "S-1 S-2 " + run(15, 10, "S+") + "S-40", "1 2 " + strings.TrimSpace(run(15, 10, "")) + " 40"},
		{"sounds that are right although a picture is not", "V+1 " + run(16, 2, "S+") + "V-30 S+31 S-32 S+33 V+40", strings.TrimSpace(run(16, 2, "")) + " 31"},
	} {
		want := strings.Fields(c.want)
		for _, often := range []bool{false, true} {
			if got := played(t, c.script, often); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s, settled often %v: %v are left, want %v", c.what, often, got, want)
			}
		}
	}
}

// played reads a script and says where the sounds lie that are left.
func played(t *testing.T, script string, often bool) (left []string) {
	m := &Movie{size: 1 << 20, tabled: true}
	v, a := m.grow(1), m.grow(2)
	v.Kind, a.Kind = Video, Audio
	for i, word := range strings.Fields(script) {
		var at int64
		if _, err := fmt.Sscan(word[2:], &at); err != nil {
			t.Fatal(err)
		}
		s := Sample{Bytes: []byte{0, 1, 7}, At: at, Size: 3, Time: int64(i)}
		switch word[:2] {
		case "V+", "V-":
			v.mark(&s, word[1] == '+')
		case "S?":
			a.Codec = &Codec{Name: "opus", Channels: 1}
			m.add(a, s)
		default:
			a.Codec = &Codec{Name: "mp4a.40.2", Channels: 1}
			if word[1] == '-' {
				s.Bytes[2] = 1
			}
			m.add(a, s)
		}
		if often {
			m.settle(false)
		}
	}
	m.settle(true)
	for i := range a.Samples {
		left = append(left, fmt.Sprint(a.Samples[i].At))
	}
	if a.Total() != len(left) || m.count() != len(left) || m.weight != int64(3*len(left)) {
		t.Errorf("%s: %d of the track, %d of all, %d bytes for %d samples", script, a.Total(), m.count(), m.weight, len(left))
	}
	return left
}
