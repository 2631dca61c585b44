package replay_test

import (
	"fmt"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol/abr"
	"kinetoscope/sim/replay"
)

// A minute of video over a link that falls to a fifth half way.
func Example() {
	video := datasets.Ladder{Name: "made up", Renditions: []datasets.Sizes{{Rate: 500_000}, {Rate: 2_000_000}}}
	for range 30 {
		video.Durations = append(video.Durations, 2*time.Second)
		video.Renditions[0].Sizes = append(video.Renditions[0].Sizes, 125*unit.Size(1000))
		video.Renditions[1].Sizes = append(video.Renditions[1].Sizes, 500*unit.Size(1000))
	}
	trace := []netem.Step{{For: 30 * time.Second, Down: 5_000_000}, {For: time.Minute, Down: 1_000_000}}
	config := abr.Default()
	config.Algorithm = abr.Throughput
	player, err := replay.New(config, &video, replay.Sabre(100*time.Millisecond))
	if err != nil {
		fmt.Println(err)
		return
	}
	seen, err := player.Play("falling", trace)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d segments, %.2f Mbit/s, %d switches, %v stalled\n", seen.Segments, seen.Bitrate(), seen.Switches, seen.Stalled)
	// Output: 30 segments, 1.60 Mbit/s, 2 switches, 0s stalled
}
