package payment

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSold(t *testing.T) {
	c := Config{Split: []Share{{"a", 0.5}, {"b", 0.3}, {"c", 0.2}},
		Sales: []Sale{{At: 1, Of: "a", To: "x"}, {At: 2, Of: "c", To: "b"}, {At: 2, Of: "x", To: "y"}}}
	for n, want := range []string{"[{a 0.5} {b 0.3} {c 0.2}]", "[{x 0.5} {b 0.3} {c 0.2}]", "[{x 0.5} {b 0.5}]", "[{y 0.5} {b 0.5}]"} {
		if got := fmt.Sprint(plainShares(c.Sold(n))); got != want {
			t.Errorf("after %d sales: %s, not %s", n, got, want)
		}
	}
	if got := strings.Join(c.Payees(), " "); got != "a b c x y" {
		t.Errorf("payees: %s", got)
	}
	if c.Split[0].Payee != "a" || len(c.Split) != 3 {
		t.Error("a sale has changed the split that it was asked of")
	}
}

func plainShares(split []Share) (list []struct {
	payee string
	share float64
}) {
	for _, s := range split {
		list = append(list, struct {
			payee string
			share float64
		}{s.Payee, float64(s.Share)})
	}
	return list
}

func TestBadSales(t *testing.T) {
	for _, tc := range []struct {
		sales []Sale
		want  string
	}{
		{[]Sale{{At: 0, Of: "creator", To: "x"}}, "not after 0s"},
		{[]Sale{{At: 2 * time.Second, Of: "creator", To: "x"}, {At: time.Second, Of: "x", To: "y"}}, "before the sale above it"},
		{[]Sale{{At: 1, Of: "nobody", To: "x"}}, "no share to sell"},
		{[]Sale{{At: 1, Of: "creator", To: "x"}, {At: 1, Of: "creator", To: "y"}}, "no share to sell"},
		{[]Sale{{At: 1, Of: "creator", To: ""}}, "cannot buy it"},
		{[]Sale{{At: 1, Of: "creator", To: "creator"}}, "cannot buy it"},
		{[]Sale{{At: 1, Of: "creator", To: "x", Royalty: maxRoyalty + 1}}, "is above 1ETH: a buyer has no more"},
	} {
		c := Default()
		if c.Sales = tc.sales; c.Validate() == nil || !strings.Contains(c.Validate().Error(), tc.want) {
			t.Errorf("%v: %v, not %q", tc.sales, c.Validate(), tc.want)
		}
	}
	c := Default()
	c.Method, c.Sales = Central, []Sale{{At: 1, Of: "creator", To: "x"}}
	if c.Validate() == nil {
		t.Error("a central ledger sells what it has no contract for")
	}
}
