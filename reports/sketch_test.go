package reports

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// A sketch shows its axes and caption, leaves out what is not finite, and is
// the same bytes each time; without a panel it is a caption.
func TestSketch(t *testing.T) {
	draw := func(p ...Panel) string {
		var b bytes.Buffer
		files, err := Sketch("a", "What it is.", p)
		if err != nil || len(files) != 2 || files[0].Name != "a.svg" || files[1].Name != "a.png" {
			t.Fatal(files, err)
		}
		if err := files[1].Write(&b); err != nil || !strings.HasPrefix(b.String(), "\x89PNG") {
			t.Fatalf("%.8q, %v", b.String(), err)
		}
		b.Reset()
		if err := files[0].Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	p := Panel{X: "seconds", Y: "rate, Mbit/s", Xs: []float64{0, 1, 2, 3}, Ys: []float64{1, math.NaN(), 3, 2}}
	got := draw(p, p)
	for _, want := range []string{"<svg", ">seconds<", ">rate, Mbit/s<", ">What it is.<"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %.300s", want, got)
		}
	}
	if got != draw(p, p) || strings.Contains(got, "NaN") {
		t.Error("drawn twice it differs, or it draws what is no number")
	}
	if none := draw(); !strings.Contains(none, "What it is.") || strings.Contains(none, "seconds") {
		t.Errorf("no panel gives %.300s", none)
	}
}
