package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/datasets"
	"kinetoscope/protocol/abr"
	"kinetoscope/scenarios"
	"kinetoscope/sim/replay"
	"kinetoscope/sim/result"
)

// replayFlags are what a replay is asked for.
type replayFlags struct {
	manifest       string
	traces, player []string
	rules          []string
	world, replace string
	latency        time.Duration
	p1203          string
	asJSON         bool
}

func newReplay() *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay --manifest FILE --trace PATH",
		Short: "Play a video over recorded links, without a network, and compare the rules",
		Long: `Replay plays one video, known by the sizes of its segments, on one player over
each recorded trace, as the simulators of adaptive streaming do, and prints what
each rule gives: means over traces with 95 % intervals. Rules and player are
those of the viewers of a scenario. Traces and videos are read in any format
that kscope datasets formats lists.`,
		Example: `  kscope replay --manifest bbb.json --trace rides
  kscope replay --manifest bbb.json --trace bus.json --rule bola-e,robust-mpc --player buffer=25s
  kscope replay --manifest video --trace bus.csv --world pensieve --player buffer=64s --json`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	l := c.Flags()
	l.StringVar(&f.manifest, "manifest", "", "the video: a `file` or folder of sizes of segments")
	l.StringArrayVar(&f.traces, "trace", nil, "a `file` or folder of rates; may be repeated")
	l.StringSliceVar(&f.rules, "rule", nil, "`names` of rules to compare (default: that of --player algorithm, or all)")
	l.StringArrayVar(&f.player, "player", nil, "a `key=value` of the player section of a scenario, like buffer=25s; may be repeated")
	l.StringVar(&f.world, "world", "sabre", "whose `world`: sabre, or pensieve with its 80 ms, 95 % of payload and naps")
	l.StringVar(&f.replace, "replace", "none", "which `segments` of the buffer are fetched once more on a higher rung: none, left or right")
	l.DurationVar(&f.latency, "latency", 100*time.Millisecond, "`time` from a request to its first byte in Sabre's world; its 3G traces say 100ms, its 4G traces 20ms")
	l.StringVar(&f.p1203, "p1203", "", "write what ITU-T P.1203 (mode 0) reads of each session into this `folder`")
	l.BoolVar(&f.asJSON, "json", false, "print one JSON object")
	return c
}

// settings reads the player section and which rules are asked for.
func (f *replayFlags) settings() (abr.Config, []string, error) {
	sets := make([]string, len(f.player))
	chosen := false
	for i, kv := range f.player {
		sets[i] = "player." + kv
		chosen = chosen || strings.HasPrefix(kv, "algorithm=")
	}
	text, _ := scenarios.Builtin("few-ms")
	list, err := scenarios.Load("few-ms", text, sets)
	if err != nil {
		return abr.Config{}, nil, err
	}
	c := list[0].Player
	rules := f.rules
	if len(rules) == 0 && chosen {
		rules = []string{string(c.Algorithm)}
	} else if len(rules) == 0 {
		rules = c.Algorithm.Names()
	}
	return c, rules, nil
}

// place is the world that is asked for.
func (f *replayFlags) place() (w replay.World, err error) {
	switch f.world {
	case "sabre":
		w = replay.Sabre(f.latency)
	case "pensieve":
		w = replay.Pensieve()
	default:
		return w, fmt.Errorf("--world: unknown name %q: write sabre, pensieve", f.world)
	}
	if f.latency < 0 || f.latency > time.Minute {
		return w, fmt.Errorf("--latency %v: allowed is 0s to 1m", f.latency)
	}
	var r abr.Replace
	if err := r.UnmarshalText([]byte(f.replace)); err != nil {
		return w, fmt.Errorf("--replace: %w", err)
	}
	w.Replace = r
	return w, nil
}

// A replayed is what one rule gave on all traces.
type replayed struct {
	Rule     string            `json:"rule"`
	Sessions []replayedSession `json:"sessions"`
}

// A replayedSession is what a rule gave on one trace.
type replayedSession struct {
	Trace   string             `json:"trace"`
	Figures map[string]float64 `json:"figures"`
	watched replay.Watched
}

// figure names in the order of the table.
var figureNames = []string{"bitrate_kbps", "rebuffer_ratio", "stalls", "startup_sec", "switches", "abandoned", "qoe_lin", "qoe_log", "qoe_hd", "sabre_score", "lolp"}

func figuresOf(w *replay.Watched, p *replay.Player) map[string]float64 {
	return map[string]float64{"bitrate_kbps": 1000 * w.Bitrate(), "rebuffer_ratio": w.RebufferRatio(), "stalls": float64(w.Stalls), "startup_sec": w.Startup.Seconds(),
		"switches": float64(w.Switches), "abandoned": float64(w.Abandoned), "qoe_lin": w.Lin(), "qoe_log": w.Log(), "qoe_hd": w.HD(),
		"sabre_score": w.Sabre().Score, "lolp": w.LoLP(p.Ladder())}
}

func (f *replayFlags) run(c *cobra.Command) error {
	if f.manifest == "" || len(f.traces) == 0 {
		return fmt.Errorf("--manifest and --trace are needed: name the sizes of a video and the rates of a link\nSee '%s --help'", c.CommandPath())
	}
	config, rules, err := f.settings()
	if err != nil {
		return err
	}
	world, err := f.place()
	if err != nil {
		return err
	}
	video, traces, err := f.read()
	if err != nil {
		return err
	}
	var all []replayed
	for _, rule := range rules {
		if err := config.Algorithm.UnmarshalText([]byte(rule)); err != nil {
			return fmt.Errorf("--rule: %w", err)
		}
		p, err := replay.New(config, video, world)
		if err != nil {
			return fmt.Errorf("--player: %w", err)
		}
		r := replayed{Rule: rule}
		for _, t := range traces {
			if err := c.Context().Err(); err != nil {
				return err
			}
			w, err := p.Play(t.Name, t.Steps)
			if err != nil {
				return err
			}
			r.Sessions = append(r.Sessions, replayedSession{t.Name, figuresOf(&w, p), w})
		}
		all = append(all, r)
	}
	if err := f.export(all); err != nil {
		return err
	}
	if f.asJSON {
		return printJSON(c, all)
	}
	return printReplays(c.OutOrStdout(), all)
}

// read opens the video and the traces, which are sorted by name.
func (f *replayFlags) read() (*datasets.Ladder, []datasets.Trace, error) {
	m, err := datasets.Open(f.manifest, datasets.Descriptor{})
	if err != nil {
		return nil, nil, err
	}
	if len(m.Videos) != 1 {
		return nil, nil, fmt.Errorf("--manifest %s: %d videos, read as %s: name one video of the kind %s", f.manifest, len(m.Videos), m.Kind, datasets.Video)
	}
	var traces []datasets.Trace
	for _, path := range f.traces {
		s, err := datasets.Open(path, datasets.Descriptor{})
		if err != nil {
			return nil, nil, err
		}
		if len(s.Traces) == 0 {
			return nil, nil, fmt.Errorf("--trace %s: no trace, read as %s: name rates of a link", path, s.Kind)
		}
		traces = append(traces, s.Traces...)
	}
	return &m.Videos[0], traces, nil
}

// export writes the files for P.1203.
func (f *replayFlags) export(all []replayed) error {
	if f.p1203 == "" {
		return nil
	}
	if err := os.MkdirAll(f.p1203, 0o777); err != nil {
		return fmt.Errorf("--p1203: %w: name a folder where you may write", err)
	}
	for _, r := range all {
		for i, s := range r.Sessions {
			name := filepath.Join(f.p1203, fmt.Sprintf("%s-%03d.json", r.Rule, i+1))
			if err := os.WriteFile(name, s.watched.Detail.P1203(i+1), 0o666); err != nil {
				return fmt.Errorf("--p1203: %w: name a folder where you may write", err)
			}
		}
	}
	return nil
}

// printReplays writes a row for each rule: means, with half the interval.
func printReplays(w io.Writer, all []replayed) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "rule\tn\t%s\n", strings.Join(figureNames, "\t"))
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%d", r.Rule, len(r.Sessions))
		for _, name := range figureNames {
			var xs []float64
			for _, s := range r.Sessions {
				xs = append(xs, s.Figures[name])
			}
			fmt.Fprintf(t, "\t%s", interval(result.NewStat(xs)))
		}
		fmt.Fprintln(t)
	}
	if slices.ContainsFunc(all, func(r replayed) bool { return len(r.Sessions) < 2 }) {
		fmt.Fprintln(t, "one trace: no interval, so no claim")
	}
	return t.Flush()
}

// interval is a mean and half its interval, if it has one.
func interval(s result.Stat) string {
	if !s.HasInterval() {
		return fmt.Sprintf("%.4g", s.Mean)
	}
	return fmt.Sprintf("%.4g ± %.2g", s.Mean, s.Half())
}
