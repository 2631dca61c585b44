package media

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestReportJSON(t *testing.T) {
	r := Tokenize("cut.mp4", clipFile(t, "180p.mp4")[:60_000], 2*time.Second)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	r.Rendition = Rendition{}
	if !reflect.DeepEqual(r, &back) {
		t.Errorf("%s reads back as %+v", b, back)
	}
	if len(b) > 4000 || bytes.Contains(b, []byte("Payload")) {
		t.Errorf("%d bytes of JSON", len(b))
	}
}
