package sim

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

func TestTry(t *testing.T) {
	text, err := os.ReadFile("../scenarios/library/flash-crowd.yaml")
	if err != nil { t.Fatal(err) }
	all, err := scenarios.Load("flash-crowd.yaml", text, nil)
	if err != nil { t.Fatal(err) }
	l, err := media.Load(all[0].Video)
	if err != nil { t.Fatal(err) }
	for _, r := range l.Renditions { fmt.Println(r.Name, r.Bitrate, len(r.Segments), r.Codecs) }
	for _, s := range all {
		b := time.Now()
		r, err := Run(context.Background(), s, l, 1)
		if err != nil { t.Error(err); continue }
		fmt.Println("==", s.Variant, time.Since(b), r.Digest[:8])
		for i, m := range result.Metrics { fmt.Printf("  %-26s %12.5g %s\n", m.Name, r.Values[i], m.Unit) }
		for _, n := range r.Notes { fmt.Println(n) }
	}
}
