package result

import (
	"math"
	"reflect"
	"testing"
	"time"
)

// rich is a Run in which no field is empty.
func rich() *Run {
	return &Run{
		Variant: "swarm", Seed: 7, Values: []float64{1, math.NaN(), 3},
		Viewers: []Viewer{{ID: 1, Region: "eu", Class: "fiber, new", Join: time.Second, Leave: time.Minute, Startup: 340 * time.Millisecond,
			Watched: 50 * time.Second, Stalled: 1234567 * time.Nanosecond, Stalls: 2, Switches: 3, Bitrate: 2.5e6, Latency: 4 * time.Second,
			FromPeers: 10, FromEdges: 20, FromProviders: 30, Uploaded: 5, Paid: 1e18, Unpaid: 4, Abandoned: 6, GaveUp: 2, Seeks: 13, Zaps: 14, Climb: 7, QoELin: 8, QoELog: 9, QoEHD: 10, SabreScore: 11, LoLP: 12},
			{ID: 2, Region: "us", Class: "mobile", Startup: -1}},
		Series: []Point{{At: time.Second, Joined: 2, Playing: 1, Stalled: 1, PeerRate: 1, EdgeRate: 2, ProviderRate: 3, SourceRate: 4, Bitrate: 5, BaseFee: 6}},
		Flows:  []Flow{{"creator", 0.5}},
		Notes:  []string{"signatures are modelled"},
	}
}

// Every field of a Run, a Viewer, a Point and a Flow must move the digest.
func TestDigestCoversEveryField(t *testing.T) {
	want := rich().digest()
	if rich().digest() != want {
		t.Fatal("the same run must have the same digest")
	}
	check := func(name string, part func(*Run) reflect.Value) {
		fields := part(rich()).NumField()
		for i := range fields {
			r := rich()
			field := part(r).Type().Field(i).Name
			if field == "Digest" {
				continue
			}
			change(part(r).Field(i))
			if r.digest() == want {
				t.Errorf("%s.%s does not reach the digest", name, field)
			}
		}
	}
	check("Run", func(r *Run) reflect.Value { return reflect.ValueOf(r).Elem() })
	check("Viewer", func(r *Run) reflect.Value { return reflect.ValueOf(&r.Viewers[0]).Elem() })
	check("Point", func(r *Run) reflect.Value { return reflect.ValueOf(&r.Series[0]).Elem() })
	check("Flow", func(r *Run) reflect.Value { return reflect.ValueOf(&r.Flows[0]).Elem() })
}

// change gives a field another value: a slice loses its last element.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Slice:
		v.SetLen(v.Len() - 1)
	case reflect.Struct:
		v.Addr().Interface().(*Histogram).Add(1)
	default:
		panic("a field of a new kind: " + v.Kind().String())
	}
}

func TestDigestTellsListsApart(t *testing.T) {
	a, b := &Run{Notes: []string{"ab", ""}}, &Run{Notes: []string{"a", "b"}}
	if a.digest() == b.digest() {
		t.Error("the border between strings must reach the digest")
	}
	x, y := &Run{Values: []float64{math.NaN()}}, &Run{Values: []float64{math.Float64frombits(0x7ff8000000000123)}}
	if x.digest() != y.digest() {
		t.Error("all NaN must be alike")
	}
}

func TestStamp(t *testing.T) {
	s := pair()
	s.Stamp()
	first := s.Manifest.Digest
	s.Stamp()
	if s.Manifest.Digest != first || len(s.Manifest.Runs) != 6 || s.Manifest.Runs[5].Digest != s.Runs[5].Digest {
		t.Errorf("stamping twice must change nothing: %+v", s.Manifest)
	}
	host := pair()
	host.Manifest.Host = Host{OS: "plan9", WallSeconds: 12}
	host.Stamp()
	if host.Manifest.Digest != first {
		t.Error("the host must not reach the digest")
	}
	other := pair()
	other.Runs[3].Values[Bitrate]++
	other.Stamp()
	if other.Manifest.Digest == first {
		t.Error("a value must reach the digest of the set")
	}
}
