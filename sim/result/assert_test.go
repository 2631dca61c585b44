package result

import (
	"errors"
	"strings"
	"testing"
)

var testVariants = []string{"central", "swarm", "edge 4+2"}

func TestParseAssertion(t *testing.T) {
	cases := []struct {
		text string
		want string // left op factor*right or limit
	}{
		{"rebuffer-ratio[swarm] <= 1%", "rebuffer-ratio[swarm] <= 0.01"},
		{"  startup-p95[swarm]<2s ", "startup-p95[swarm] < 2"},
		{"startup-p95[swarm] < 500 ms", "startup-p95[swarm] < 0.5"},
		{"startup-p95[edge 4+2] > 1.5min", "startup-p95[edge 4+2] > 90"},
		{"rebuffer-ratio[swarm] >= rebuffer-ratio[central]", "rebuffer-ratio[swarm] >= 1 * rebuffer-ratio[central]"},
		{"bitrate[swarm] < 0.5 * bitrate[central]", "bitrate[swarm] < 0.5 * bitrate[central]"},
		{"bitrate[swarm] < 5e-1*bitrate[central]", "bitrate[swarm] < 0.5 * bitrate[central]"},
		{"latency-p95[swarm] > 2 * startup-p50[central]", "latency-p95[swarm] > 2 * startup-p50[central]"},
		{"startup-p95[swarm] > startup-p95[central] + 100ms", "startup-p95[swarm] > 1 * startup-p95[central] + 0.1"},
		{"startup-p95[swarm] > 2*startup-p95[central]+1.5 s", "startup-p95[swarm] > 2 * startup-p95[central] + 1.5"},
		{"bitrate[swarm] >= 2.5Mbit/s", "bitrate[swarm] >= 2.5e+06"},
		{"cost-per-viewer-hour[swarm] < $0.085", "cost-per-viewer-hour[swarm] < 0.085"},
		{"unpaid-bytes[swarm] <= 64KiB", "unpaid-bytes[swarm] <= 65536"},
		{"segments-lost[swarm] == 0", "segments-lost[swarm] == 0"},
		{"gas-per-session[swarm] < 150kgas", "gas-per-session[swarm] < 150000"},
		{"switches[swarm] <= 2/min", "switches[swarm] <= 2"},
		{"peer-share[swarm] > 0.3", "peer-share[swarm] > 0.3"},
		{"expansion[swarm] <= 1.5x", "expansion[swarm] <= 1.5"},
	}
	for _, c := range cases {
		a, err := ParseAssertion(c.text, testVariants)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := describe(a); got != c.want {
			t.Errorf("%q: parsed as %q, want %q", c.text, got, c.want)
		}
	}
}

// A bad assertion must be refused at the right column, with what is allowed.
func TestParseAssertionErrors(t *testing.T) {
	cases := []struct {
		text string
		col  int
		msg  string
	}{
		{"", 1, `no metric ""`},
		{"rebufer-ratio[swarm] < 1%", 1, `no metric "rebufer-ratio" (did you mean "rebuffer-ratio"?); there is startup-p50, `},
		{"  joy[swarm] < 1", 3, `no metric "joy"; there is startup-p50, `},
		{"bitrate[swarm] < bitrate[central] + 1s", 37, `"1s" is no value of bitrate: it is in bit/s`},
		{"bitrate[swarm] < bitrate[central] + more", 37, "a number with its unit must follow the plus"},
		{"bitrate[swrm] < 1bit/s", 9, `no variant "swrm" (did you mean "swarm"?); there is central, swarm, edge 4+2`},
		{"bitrate[swarm < 1bit/s", 8, "this bracket is never closed"},
		{"bitrate < 1bit/s", 8, "a variant in brackets must follow the metric, as in bitrate[central]"},
		{"bitrate[swarm]", 15, `found "" where a comparison must stand: one of < <= > >= ==`},
		{"bitrate[swarm] => 1bit/s", 16, `found "=>" where a comparison must stand`},
		{"bitrate[swarm] is 1bit/s", 16, `found "is" where a comparison must stand`},
		{"bitrate[swarm] < ", 18, `no metric ""`},
		{"bitrate[swarm] < 5", 18, `"5" is no value of bitrate: it is in bit/s, write for example 2.5Mbit/s`},
		{"bitrate[swarm] < 5 MB", 18, `"5 MB" is no value of bitrate`},
		{"bitrate[swarm] < 1.2.3bit/s", 18, `"1.2.3" is no number`},
		{"bitrate[swarm] < 1e999bit/s", 18, `"1e999" is no number`},
		{"rebuffer-ratio[swarm] < 5", 25, `"5" is no share: rebuffer-ratio lies between 0% and 100%`},
		{"rebuffer-ratio[swarm] < 170%", 25, `"170%" is no share`},
		{"cost-per-viewer-hour[swarm] < 0.085", 31, "it is in USD, write for example $0.085"},
		{"bitrate[swarm] < $5bit/s", 18, "is no value of bitrate"},
		{"bitrate[swarm] < 2 * startup-p50[swarm]", 18, "bitrate is in bit/s and startup-p50 in sec: they cannot be compared"},
		{"bitrate[swarm] < 2 * bitrate[cdn]", 30, `no variant "cdn"`},
		{"bitrate[swarm] < 2 *", 21, `no metric ""`},
		{"bitrate[swarm] < 1bit/s or", 25, "nothing may follow here"},
		{"startup-p50[swarm] < 5µm", 22, `"5µm" is no value of startup-p50`},
		{"µ[swarm] < 1", 1, `no metric "µ"`},
		{"bitrate[µ] < 1bit/s !", 9, `no variant "µ"`},
	}
	for _, c := range cases {
		_, err := ParseAssertion(c.text, testVariants)
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("%q: no *ParseError but %v", c.text, err)
			continue
		}
		if pe.Col != c.col || !strings.Contains(pe.Msg, c.msg) {
			t.Errorf("%q:\n got column %d: %s\nwant column %d: %s", c.text, pe.Col, pe.Msg, c.col, c.msg)
		}
	}
}

func FuzzParseAssertion(f *testing.F) {
	for _, seed := range []string{
		"rebuffer-ratio[swarm] <= 1%", "bitrate[swarm] < 0.5 * bitrate[central]", "cost-per-viewer-hour[swarm] < $0.085",
		"startup-p95[swarm] < -1e-3s", "bitrate[", "bitrate[swarm] <", "µ[swarm] == $", "switches[edge 4+2] >= .5/min",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAssertion(text, testVariants)
		if err != nil {
			var pe *ParseError
			if !errors.As(err, &pe) || pe.Col < 1 || pe.Col > len(text)+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := ParseAssertion(a.Text, testVariants)
		if err != nil || describe(again) != describe(a) {
			t.Fatalf("%q is not read back from its own text: %v", a.Text, err)
		}
	})
}
