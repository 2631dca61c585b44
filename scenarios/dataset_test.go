package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every key that may name a data set takes one, says in a line what it was, and
// the scenario that is echoed needs the file no more.
func TestDatasets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"rates.csv":   "time_s,down_Mbps\n0,8\n1,0\n2,6\n9,7\n10,5\n11,x\n",
		"nameless":    "1,8\n2,6\n",
		"matrix.txt":  "0\t12\t30\n12\t0\tnan\n30\t\t0\n",
		"stays.csv":   "user,start_s,end_s\na,0,10\nb,5,65\nc,50,90\n",
		"fees.csv":    "time_s,base_fee_wei\n0,1000000000\n12,2000000000\n36,3000000000\n",
		"sizes.json":  `{"segment_duration_ms": 2000, "bitrates_kbps": [400, 800], "segment_sizes_bits": [[700000, 1400000], [900000, 1800000]]}`,
		"stay.csv":    "watch_time_s,survival\n0,1\n60,0.5\n600,0.2\n",
		"ot":          "1700000000\t60\t0.9\t3600\t0.4\tx\n1700003600\t60\t0.8\t3600\t0.6\tx\n1700007200\t60\t0.7\t3600\t0.5\tx\n",
		"markets.csv": "Date,Symbol,Open,High,Low,Close\n2018-06-18,ETHUSD,1,1,1,1\n2018-06-19,ETHUSD,1,1,1,1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	class := func(what string) string {
		return "network: {classes: [{name: tram, trace: {dataset: '" + what + "'}}]}"
	}
	for _, c := range []struct{ yaml, want, line string }{
		{class("rates.csv?up=0.5"), "trace: {steps: [{for: 1s, down: 8Mbit/s, up: 4Mbit/s}, {for: 1s}, {for: 1s, down: 6Mbit/s, up: 3Mbit/s},",
			"network.classes.0.trace: rates.csv?up=0.5, read as bandwidth-csv, SHA-256 0bf842a2d7b51623, licence not known: 1 of 6 rows repaired, 1 dropped: bad-number 1, gap 1, zero-outage 1; the way up was not measured and is 0.5 of the way down"},
		{class("nameless?format=bandwidth-csv&column.down=2&unit=Mbit/s&step=4s&scale=0.5"), "{for: 4s, down: 4Mbit/s, up: 4Mbit/s}, {for: 4s, down: 3Mbit/s, up: 3Mbit/s}", "read as bandwidth-csv"},
		{"population: {session: {dataset: stays.csv}}", "{share: 30%, time: 40s}", "4 quantiles of 3 times"},
		{"population: {session: {dataset: stay.csv}}", "- {share: 50%, time: 1m}", "3 quantiles of 3 shares; the 20.0% that last longer than 10m0s count as that"},
		{"population: {session: {dataset: ot}}", "- {share: 20%, time: 1m}", "the 50.0% that last longer than 1h0m0s count as that"},
		{"population: {arrival: trace, dataset: 'stays.csv?bins=2&every=5s'}", "trace: [{for: 5s, weight: 2}, {for: 5s, weight: 1}]", "2 waves of 5s"},
		{"network: {latency: {dataset: 'matrix.txt?unit=ms'}}", "- {rtt: [12ms, 12ms, 30ms]}", "3 of 3 places, 1 of their times not known and taken to be the median"},
		{"ledger: {fees: {dataset: 'fees.csv?scale=2'}}", "- {for: 24s, base_fee: 4gwei}", "3 rows, all kept as read"},
		{"video: {rungs: synthetic, dataset: sizes.json}", "pattern: [0.875, 1.125]", "in the proportions of"},
		{class("generated/4g?seed=5"), "- {name: tram, trace: {steps: [{for: 1s, down: ", "generated/4g?seed=5, read as a model of bw-ghent-4g-sabre, SHA-256 "},
		{"population: {session: {dataset: generated/sessions}}", "law: quantiles", "generated/sessions"},
		{"population: {arrival: trace, dataset: 'generated/day?bins=24&every=1s'}", "{for: 1s, weight: ", "24 waves of 1s"},
		{"ledger: {fees: {dataset: 'generated/base-fee?every=12s'}}", "{for: 12s, base_fee: ", "generated/base-fee"},
		{"network: {latency: {dataset: generated/ibm-2026}}", "- {rtt: [9ms, 35ms, 32ms, ", "13 of 13 places, 0 of their times not known"},
		{"video: {rungs: synthetic, dataset: generated/envivio}", "- 302229bit/s", "read as a model of vsize-envivio-netllm"},
	} {
		file := filepath.Join(dir, "x.yaml")
		all, err := Load(file, []byte(c.yaml), nil)
		if err != nil {
			t.Errorf("%s: %v", c.yaml, err)
			continue
		}
		echo := string(Effective(all))
		if !strings.Contains(echo, c.want) {
			t.Errorf("%s: no %q in\n%.3000s", c.yaml, c.want, echo)
		}
		if len(all[0].Inputs) != 1 || !strings.Contains(all[0].Inputs[0], c.line) {
			t.Errorf("%s: %q, want %q", c.yaml, all[0].Inputs, c.line)
		}
		if again, err := Load("elsewhere.yaml", []byte(echo), nil); err != nil || string(Effective(again)) != echo {
			t.Errorf("%s: the echo is another: %v", c.yaml, err)
		}
	}
	for _, c := range []struct{ yaml, want string }{
		{class("none.csv"), "no none.csv in the working directory"},
		{class("generated/6g"), "is no generator: use generated/ and one of 3g, 4g"},
		{class("rates.csv?speed=2"), "speed is no option of a data set: use format, unit, unit.ROLE"},
		{class("rates.csv?scale=-1"), "scale and up are above 0"},
		{class("rates.csv?part=2"), "part=2: rates.csv has 1"},
		{class("rates.csv?strict=true"), "bad-number: A cell should be a number"},
		{class("stays.csv"), "is about viewers, and a trace takes bandwidth"},
		{class("bw-oboe/none"), "the set bw-oboe has no file none: kscope datasets list bw-oboe prints them"},
		{class("matrix.txt"), "states no unit: say --unit"},
		{"network: {classes: [{name: tram, trace: {dataset: rates.csv, file: rates.csv}}]}", "the trace has a file or steps too"},
		{"population: {session: {dataset: rates.csv}}", "is about bandwidth, and a law takes times"},
		{"population: {session: {dataset: stays.csv, law: puffer}}", "there is a law too"},
		{"population: {dataset: stays.csv}", "it is read with arrival: trace"},
		{"ledger: {fees: {dataset: markets.csv}}", "has prices, and a chain takes fees in wei"},
		{"video: {dataset: sizes.json}", "write rungs: synthetic"},
	} {
		if _, err := Load(filepath.Join(dir, "x.yaml"), []byte(c.yaml), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.yaml, err, c.want)
		}
	}
}

// A set of the catalogue is taken from the cache when it is proved, and only
// then.
func TestDatasetOfTheCatalogue(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("KSCOPE_DATASETS", dir)
	text := []byte("network: {classes: [{name: bus, trace: {dataset: bw-hsdpa-norway-sabre/report.2010-09-13_1003CEST.json}}]}")
	_, err := Load("x.yaml", text, nil)
	if want := fmt.Sprintf("is absent in %s: get it by kscope datasets pull bw-hsdpa-norway-sabre", dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	path := filepath.Join(dir, "bw-hsdpa-norway-sabre")
	os.Mkdir(path, 0o777)
	os.WriteFile(filepath.Join(path, "report.2010-09-13_1003CEST.json"), []byte("[]"), 0o666)
	if _, err := Load("x.yaml", text, nil); err == nil || !strings.Contains(err.Error(), "json is wrong in ") {
		t.Errorf("%v", err)
	}
}
