package unit

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	sum := func(values []string) (int, error) {
		a, err := strconv.Atoi(values[0])
		b, also := strconv.Atoi(values[1])
		if err == nil {
			err = also
		}
		return a + b, err
	}
	for _, c := range []struct{ text, want string }{
		{"\ufeff# made up\n\na, b\n 1 ,2\r\n3,4", "[3 7]"},
		{"a,b\n", "there is no step: write a,b, then a line like 1,2 for each"},
		{"", "there is no step"},
		{"1,2\n", `line 1: "1,2" is not the header: write a,b`},
		{"a,b\n1\n", `line 2: "1" has 1 values: write 2, like 1,2`},
		{"a,b\n1,2,3\n", `line 2: "1,2,3" has 3 values`},
		{"a,b\n1,x\n", `line 2: strconv.Atoi: parsing "x"`},
		{"a,b\n1,2\n3,4\n5,6\n7,8\n", "line 5: there may be at most 3 steps"},
		{"a,b\n" + strings.Repeat("1", 1<<17) + "\n", "a line is too long"},
	} {
		got, err := Steps([]byte(c.text), "a,b", "1,2", 3, sum)
		switch {
		case err != nil && !strings.HasPrefix(err.Error(), c.want):
			t.Errorf("%.20q: %v, want %s", c.text, err, c.want)
		case err == nil && (c.want != "[3 7]" || !slices.Equal(got, []int{3, 7})):
			t.Errorf("%.20q: %v, want %s", c.text, got, c.want)
		}
	}
}
