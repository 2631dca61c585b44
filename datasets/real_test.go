package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A real file or folder of KSCOPE_DATASETS, with what is known of its dirt.
type real struct {
	path string
	desc Descriptor
	rows int64
	dirt string // rule count, rule count, ...: those that other eyes have counted too
	fail string // or why it is refused
}

// reals hold counts that were made by other programs than this one, where they
// were made. Where this program counts otherwise, the reason stands beside.
var reals = []real{
	{path: "bw-hsdpa-norway-sabre", rows: 12_107, dirt: "zero-outage 8"},
	{path: "bw-ghent-4g-sabre", rows: 4_454, dirt: "zero-outage 37"},
	// One row that goes back falls on a time that there is: 7,966 + 2 as rows stand.
	{path: "bw-ucc-5g", rows: 188_711, dirt: "same-time 7968, out-of-order 1, gap 515, zero-idle 82661, junk 105, missing-cell 1090767"},
	{path: "bw-nyu-mets", rows: 19_025, dirt: "crlf 19025, zero-outage 243, empty-file 1, nested 5"},
	{path: "bw-mahimahi", rows: 242_622},
	{path: "bw-oboe", rows: 2_940},
	{path: "bw-lumos-wifi-4g", rows: 3_606, dirt: "reset 187, beyond-label 1313"},
	{path: "bw-puffer", rows: 45_325, dirt: "near-zero 571, gap 522"},
	{path: "bw-fcc-mixed-netllm", rows: 6_301, dirt: "zero-outage 1, gap 10"},
	{path: "bw-starlink-autobahn", rows: 4_861, dirt: "zero-outage 45, no-step 72, same-time 1"},
	// 1,133 tests in 1,290 rows: not every test stands there three times.
	{path: "bw-sigcomm21-5g", rows: 1_290, dirt: "duplicate 157, missing-cell 2, unread-file 1"},
	{path: "bw-sigcomm21-5g/TCP-Single-Conn-Perf_combined.csv", fail: "may each be the rate (down): say --column down=NAME"},
	{path: "bw-sigcomm21-5g/TCP-Single-Conn-Perf_combined.csv", rows: 215,
		desc: Descriptor{Format: "bandwidth-csv", Columns: map[string]string{"down": "throughput_avg"}, Units: map[string]string{"": "Mbit/s"}, Step: 10e9}},
	{path: "bw-nyu-mets/multivariate-dataset.zip", fail: "8 columns of numbers without a header"},
	{path: "bw-nyu-mets/7Train", fail: "nothing but blanks"},

	{path: "rtt-planetlab/PlanetLabData_1", rows: 240_100, desc: with("ms")},
	{path: "rtt-planetlab/PlanetLabData_10", rows: 240_100, desc: with("ms")},
	{path: "rtt-planetlab", fail: "a matrix, which states no unit: say --unit"},
	{path: "rtt-seattle/SeattleData_1", rows: 9_801, desc: with("s"), dirt: "zero-lost 65, self-pair 7, one-way 21"},
	{path: "rtt-seattle/SeattleData_100", rows: 9_801, desc: with("s"), dirt: "zero-lost 62, self-pair 10, one-way 22"},
	{path: "rtt-seattle/SeattleData_172", rows: 9_801, desc: with("s"), dirt: "zero-lost 65, self-pair 10, one-way 19"},
	{path: "rtt-wondernetwork", rows: 62_350, dirt: "self-pair 245, one-way 335, asymmetric 377, spiky 62, unknown-place 4, crlf 246, no-final-newline 1"},
	{path: "rtt-ibm-cloud", rows: 1_465, dirt: "missing 65"},
	{path: "rtt-ripe-country", rows: 6_827, dirt: "missing-pair 8166, few-samples 652, too-fast 630, too-slow 512, self-pair 115, missing-cell 187"},
	{path: "rtt-fleek-regions", fail: "a JSON object of pairs, which states no unit: say --unit"},
	{path: "rtt-fleek-regions", rows: 4_950, desc: with("ms"), dirt: "zero-lost 4"},
	{path: "rtt-azure-5g-ping", rows: 241},

	{path: "churn-fta-events", rows: 43_325, dirt: "zero-length 122"},
	{path: "churn-bitcoin-dsn/churn0.gpd", rows: 14_885, dirt: "overlap 2671, reversed 3, no-step 19, blank-line 1"},
	{path: "churn-bitcoin-dsn/ot10-v.gpd", rows: 14_856, dirt: "missing 59, horizon 12003"}, // 3,217 for 7 d, 8,189 for 30 d, 597 for less
	{path: "churn-bitcoin-dsn/btcpings.gpd", fail: "2 columns of numbers without a header, which may be many things: say --format"},
	{path: "churn-bitcoin-dsn/btcpings.gpd", rows: 14_881, dirt: "no-step 20",
		desc: Descriptor{Format: "churn-csv", Columns: map[string]string{"time": "1", "count": "2"}, Units: map[string]string{"time": "s"}}},
	{path: "churn-bitcoin-dsn/icmppings.gpd", fail: "say --format"},
	// The row that goes back falls on a time that there is: 21 + 1.
	{path: "churn-bitcoin-luke", rows: 2_857, dirt: "ragged 183, same-time 22, out-of-order 1, missing 1"},

	{path: "viewers-p2p-live/sample.csv", rows: 1_000, dirt: "crlf 1001"},
	{path: "viewers-p2p-live/training_data_2020_05_10.parquet", fail: "Parquet, which is not read: turn it into CSV"},
	// Behind a stamp that goes back the next ones are behind the clock as well: 911 go below the row before.
	{path: "viewers-multilive", rows: 60_566, dirt: "empty-frame 26347, no-name 16, no-step 16, clock-back 972"},
	// One of the 5,521 rows that are older than the one before is a duplicate.
	{path: "viewers-ytlive", rows: 11_544, dirt: "out-of-order 5520, duplicate 2, endless 1739"},
	{path: "viewers-twitch-monthly", rows: 14_271, dirt: "duplicate 6, missing 1, cp1252 2"},
	{path: "viewers-youtube-trending", rows: 477, dirt: "crlf 279, missing-cell 38"}, // tags 29, descriptions 9
	{path: "viewers-puffer-watch", fail: "states no unit for a length: say --unit"},
	{path: "viewers-puffer-watch/watchtimes_puffer_ttp_20190402_bbr.cdf", rows: 24_734, desc: with("s"), dirt: "tie 855"},
	{path: "viewers-puffer-watch/startup_puffer_ttp_20190402_bbr.cdf", rows: 14_373, desc: with("s"), dirt: "tie 12706, zero-time 28"},
	{path: "viewers-youtube-playback", rows: 12_472, dirt: "crlf 12473, missing-cell 68359"}, // -1 67,054, empty 1,305

	{path: "vsize-sabre-bbb/bbb.json", rows: 1_990, dirt: "not-monotone 4"},
	{path: "vsize-sabre-bbb/bbb4k.json", rows: 1_194},
	{path: "vsize-envivio-netllm", rows: 588},

	{path: "fees-etherscan-2018/export-AvgGasPrice.csv", rows: 1_087, dirt: "out-of-order 9, zero-unknown 8"},
	{path: "fees-etherscan-2018/export-EtherPrice.csv", rows: 1_087, dirt: "out-of-order 9, zero-unknown 9"},
	{path: "fees-etherscan-2018/export-TransactionFee.csv", rows: 1_087, dirt: "big 961"},
	{path: "fees-etherscan-2018/export-BlockTime.csv", fail: "which is no fee and no price"},
	{path: "fees-etherscan-2026", rows: 7_922, dirt: "zero-unknown 16, crlf 7924, unread-file 1"},
	{path: "fees-polygon", rows: 292, dirt: "crlf 293"},
	{path: "fees-gdax-hourly", rows: 8_450, dirt: "crlf 8451, newest-first 1, out-of-order 5"},
	{path: "fees-poloniex", fail: `column "date" states no unit for a time: say --unit time=UNIT`},
	{path: "fees-poloniex", rows: 4_612, desc: Descriptor{Units: map[string]string{"": "BTC", "time": "s"}}},

	{path: "media-playlists/sample_mpd_live", fail: "a DASH manifest, which is not read"},
	{path: "media-playlists/media_playlist_empty", fail: "not one row of it is of use"},
	{path: "media-playlists/liveMissingSegmentDuration.m3u8", rows: 3, dirt: "no-duration 2"},
}

// Real files are read with the dirt that others have counted, or are refused
// with the right sentence. Without KSCOPE_DATASETS the specimens are, as files.
func TestRealDirt(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		root = specimenFiles(t)
		for i, c := range specimens {
			s, err := Open(filepath.Join(root, strconv.Itoa(i), c.name), c.desc)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got := fmt.Sprintf("%s: %v: %s", s.Format, &s.Repairs, brief(s))
			if got = strings.Replace(got, "no-file 1, ", "", 1); got != c.want { // a playlist's files are looked for beside it
				t.Errorf("%s %.60q:\n got %s\nwant %s", c.name, c.text, got, c.want)
			}
		}
		return
	}
	for _, c := range reals {
		s, err := Open(filepath.Join(root, c.path), c.desc)
		switch {
		case c.fail != "":
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%s: %v, want %s", c.path, err, c.fail)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		balanced(t, s)
		if s.Repairs.Rows != c.rows {
			t.Errorf("%s: %d rows, want %d", c.path, s.Repairs.Rows, c.rows)
		}
		for _, want := range strings.FieldsFunc(c.dirt, func(x rune) bool { return x == ',' }) {
			rule, count, _ := strings.Cut(strings.TrimSpace(want), " ")
			if got := strings.ReplaceAll(Grouped(s.Repairs.Count(rule)), ",", ""); got != count {
				t.Errorf("%s: %s %s, want %s", c.path, rule, got, count)
			}
		}
	}
}

// reasons are the sentences of which one stands in every refusal.
var reasons = []string{"states no unit", "say --unit", "say --column", "say --format", "say --step", "say which with --format", "which is not read", "which is no fee", "no video that can be cut",
	"there is nothing to read", "of no format that is known", "not one row of it is of use"}

// specimenFiles is a folder with every specimen in a folder of its own, and a
// manifest of them.
func specimenFiles(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	manifest := "set\tkind\tfile\n"
	for i, c := range specimens {
		name := filepath.Join(strconv.Itoa(i), c.name)
		if err := errors.Join(os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o777), os.WriteFile(filepath.Join(root, name), []byte(c.text), 0o666)); err != nil {
			t.Fatal(err)
		}
		manifest += "specimens\tspecimen\t" + filepath.ToSlash(name) + "\n"
	}
	if err := os.WriteFile(filepath.Join(root, "MANIFEST.tsv"), []byte(manifest), 0o666); err != nil {
		t.Fatal(err)
	}
	return root
}

// Every file of the manifest is read, or refused with one of the sentences that
// say what to do. Without KSCOPE_DATASETS the specimens are.
func TestRealFiles(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		root = specimenFiles(t)
	}
	text, err := os.ReadFile(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	read, refused := map[string]int{}, map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cells := strings.Split(line, "\t")
		kind, file := cells[1], cells[2]
		s, err := Open(filepath.Join(root, file), Descriptor{})
		if err == nil {
			balanced(t, s)
			read[kind]++
			continue
		}
		refused[kind]++
		if !slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(err.Error(), r) }) {
			t.Errorf("%s: %v", file, err)
		}
	}
	t.Logf("read %v, refused %v", read, refused)
}
