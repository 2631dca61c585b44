package abr

import "testing"

func TestReplaceRead(t *testing.T) {
	var r Replace
	for _, name := range r.Names() {
		if err := r.UnmarshalText([]byte(name)); err != nil || string(r) != name {
			t.Error(name, err)
		}
	}
	if err := r.UnmarshalText([]byte("both")); err == nil || err.Error() != `unknown name "both": write none, left, right` {
		t.Error(err)
	}
}
