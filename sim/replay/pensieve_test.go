package replay

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
)

// Figures of whole sessions are those of Pensieve's environment under its own
// rules, to the digits that are kept.
func TestLikePensieve(t *testing.T) {
	list, err := KnownOfPensieve()
	if err != nil || len(list) != 9 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	for _, k := range list {
		got, err := k.Play()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range k.Want {
			if math.Abs(got[i]-want) > 2e-6*max(1, math.Abs(want)) {
				t.Errorf("%s in world %d: figure %d is %.6f, Pensieve's %.6f", k.Rule, k.World, i+1, got[i], want)
			}
		}
	}
}

// On links that people watched live television over, the rules stand as they stood
// in Puffer's trial: MPC stalls most and RobustMPC least, and RobustMPC pays with the
// picture.
func TestOrderOnPuffersLinks(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		return // as TestLikeSabre, it has made-up links alone: those of kscope validate
	}
	set, err := datasets.Open(filepath.Join(root, "bw-puffer"), datasets.Descriptor{})
	if err != nil {
		t.Fatal(err)
	}
	means := map[abr.Algorithm]Puffer{}
	for _, rule := range []abr.Algorithm{abr.MPC, abr.BBA, abr.RobustMPC} {
		if means[rule], err = LikePuffer(rule, set.Traces); err != nil {
			t.Fatal(err)
		}
	}
	mpc, bba, robust := means[abr.MPC], means[abr.BBA], means[abr.RobustMPC]
	t.Logf("mpc %+v, bba %+v, robust-mpc %+v", mpc, bba, robust)
	if !(mpc.Stalled > bba.Stalled && bba.Stalled > robust.Stalled) || !(mpc.Bitrate > robust.Bitrate && bba.Bitrate > robust.Bitrate) {
		t.Error("another order")
	}
}

// draws, madeUpTrace and madeUpVideo make the worlds of Sabre's figures.
type draws = Draws

func madeUpVideo(seed draws, kbps ...int64) datasets.Ladder {
	var v datasets.Ladder
	for _, k := range kbps {
		v.Renditions = append(v.Renditions, datasets.Sizes{Rate: unit.Rate(1000 * k)})
	}
	for range 120 {
		thousandths := 600 + seed.Next()%800
		v.Durations = append(v.Durations, 3*time.Second)
		for i, k := range kbps {
			v.Renditions[i].Sizes = append(v.Renditions[i].Sizes, unit.Size(k*3*thousandths/8))
		}
	}
	return v
}
