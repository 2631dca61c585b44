package netem

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

func TestDefaultIsValid(t *testing.T) {
	cfg := Default()
	cfg.Classes = builtin
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	class := func(change func(*Class)) Config {
		c := Class{Name: "boat", Down: 10 * mbit, Up: mbit}
		change(&c)
		return Config{Classes: []Class{c}}
	}
	tests := []struct {
		cfg  Config
		want string // one line for each error
	}{
		{Config{Jitter: -1}, "jitter: -1 is not a factor from 0 to 100"},
		{Config{Jitter: math.NaN()}, "jitter: NaN is not a factor from 0 to 100"},
		{Config{Loss: Bursty, Burst: 0.5}, "burst: 0.5 packets in a row is not between 1 and 1000"},
		{Config{LateLoss: 0.5}, "late_loss: 50%, but nothing is lost: take it out, or write loss: random or bursty"},
		{Config{Queue: time.Minute}, "queue: 1m0s is not between 0s and 10s"},
		{Config{Spread: 0.6}, "spread: 60% is not between 0% and 50%"},
		{Config{Sharing: "fifo"}, "sharing: there is no way of sharing \"fifo\": the names are exact, lazy"},
		{Config{Backbone: []Backbone{{"europe", "atlantis", gbit}}}, "backbone[0].to: there is no region \"atlantis\": the names are " + strings.Join(Regions(), ", ")},
		{Config{Backbone: []Backbone{{"europe", "europe", 0}}}, "backbone[0].rate: 0bit/s is not between 1kbit/s and 1000Gbit/s"},
		{Config{Backbone: []Backbone{{"europe", "na_east", gbit}, {"na_east", "europe", gbit}, {"europe", "na_east", mbit}}},
			"backbone[2]: europe to na_east is limited twice: write each way once"},
		{class(func(c *Class) { c.Name = "" }), "classes[0].name: is missing: name the class"},
		{class(func(c *Class) { c.Down = 0 }), "classes[0].down: 0bit/s is not between 1kbit/s and 1000Gbit/s"},
		{class(func(c *Class) { c.Up = 2 * maxRate }), "classes[0].up: 2000Gbit/s is not between 1kbit/s and 1000Gbit/s"},
		{class(func(c *Class) { c.Latency = -ms }), "classes[0].latency: -1ms is not between 0s and 10s"},
		{class(func(c *Class) { c.Jitter = time.Minute }), "classes[0].jitter: 1m0s is not between 0s and 10s"},
		{class(func(c *Class) { c.Loss = 0.51 }), "classes[0].loss: 51% is not between 0% and 50%: a dark endpoint is a fault, not a class"},
		{Config{Jitter: -1, Classes: []Class{{Name: "a", Down: mbit, Up: mbit}, {Name: "a", Down: mbit}}},
			"jitter: -1 is not a factor from 0 to 100\n" +
				"classes[1].name: \"a\" is defined twice: write each class once\n" +
				"classes[1].up: 0bit/s is not between 1kbit/s and 1000Gbit/s"},
	}
	for _, tt := range tests {
		err := tt.cfg.Validate()
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %v", err, tt.want)
		}
		var key *unit.KeyError
		if !errors.As(err, &key) {
			t.Errorf("%v names no key", err)
		}
	}
}

func TestAccessClasses(t *testing.T) {
	cfg := Config{Classes: []Class{{Name: "boat", Down: mbit, Up: mbit}, {Name: "dsl", Down: 16 * mbit, Up: mbit}}}
	got := cfg.AccessClasses()
	if len(got) != len(builtin)+1 || got[len(builtin)].Name != "boat" {
		t.Errorf("got %v", got)
	}
	i, err := cfg.Class("dsl")
	if err != nil || got[i].Down != 16*mbit || builtin[i].Down != 20*mbit {
		t.Errorf("dsl is %v %v, the built-in one %v", got[i], err, builtin[i])
	}
	if _, err := cfg.Class("train"); err == nil || !strings.Contains(err.Error(), `no access class "train": the names are reliable, home`) ||
		!strings.HasSuffix(err.Error(), "datacenter, boat") {
		t.Errorf("got %v", err)
	}
}

func TestNewNamesTheEndpoint(t *testing.T) {
	for _, tt := range []struct {
		end  Endpoint
		want string
	}{
		{Endpoint{Region: 8}, "netem: endpoint 1: region 8 is not one of the 8"},
		{Endpoint{Class: -1}, "netem: endpoint 1: access class -1 is not one of the 11"},
		{Endpoint{Up: -5}, "netem: endpoint 1: rates -5bit/s up and 0bit/s down are not between 0bit/s and 1000Gbit/s"},
	} {
		_, err := NewTopology(plain(), []Endpoint{{}, tt.end}, draws(1))
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
}

func TestRegions(t *testing.T) {
	am, err := Region("south_america")
	if err != nil {
		t.Fatal(err)
	}
	af, err := Region("south_africa")
	if err != nil {
		t.Fatal(err)
	}
	for a, from := range Regions() {
		for b, to := range Regions() {
			there, back := RegionLatency(a, b), RegionLatency(b, a)
			if odd := a == am && b == af || a == af && b == am; (there != back) != odd || there < 2*ms || there > 220*ms {
				t.Errorf("%s to %s: %v, back %v", from, to, there, back)
			}
		}
	}
	if RegionLatency(am, af) != 195*ms || RegionLatency(af, am) != 190*ms {
		t.Error("the asymmetric pair has changed")
	}
	if i, _ := Region("europe"); NodeWeight(i) != 5599 {
		t.Errorf("europe weighs %v", NodeWeight(i))
	}
	if _, err := Region("mars"); err == nil || !strings.Contains(err.Error(), `no region "mars": the names are australia, east_asia`) {
		t.Errorf("got %v", err)
	}
}
