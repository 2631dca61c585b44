package reports

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kinetoscope/sim/result"
)

// comparisonHTML is the page of a comparison.
func comparisonHTML(t *testing.T, c *result.Comparison) string {
	t.Helper()
	var b bytes.Buffer
	if err := ComparisonPage(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// moved is two made-up records on three seeds, of which the second starts later.
func moved(t *testing.T) *result.Comparison {
	t.Helper()
	before, after := sample(40, 1, 2, 3), sample(40, 1, 2, 3)
	before.From, after.From, after.Manifest.Digest = "before", "after", "other"
	for i, r := range after.Runs {
		r.Values[result.StartupP95] *= 1.5 + float64(i%3)/50
	}
	c, err := result.Compare(before, []*result.Set{after}, result.Rule{Least: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComparisonPage(t *testing.T) {
	c := moved(t)
	html := comparisonHTML(t, c)
	wellFormed(t, "comparison", html, false)
	body, _, _ := strings.Cut(html, "<script>")
	for _, banned := range []string{"http:", "https:", "<script src", "@import", "url(", "plots/", "NaN"} {
		if strings.Contains(body, banned) {
			t.Errorf("the page contains %q", banned)
		}
	}
	for _, wanted := range []string{"Content-Security-Policy", "3 worsened", "startup-p95", "figure-changes", "figure-seeds", "Paired over 3 common seeds"} {
		if !strings.Contains(html, wanted) {
			t.Errorf("the page does not contain %q", wanted)
		}
	}
	if html != comparisonHTML(t, moved(t)) {
		t.Error("equal comparisons give different pages")
	}
	for _, f := range comparisonFigures(c) {
		if why := lacks(f.picture); why != "" {
			t.Errorf("%s: %s: %s", f.name, why, f.caption)
		}
	}
	if files := ComparisonPlots(c); len(files) != 4 {
		t.Errorf("%d files of plots", len(files))
	}
	same, err := result.Compare(c.Before, []*result.Set{c.Before}, result.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	if html := comparisonHTML(t, same); !strings.Contains(html, "identical") || strings.Contains(html, "<figure") {
		t.Error("of what is identical there is nothing to show")
	}
	c.Before.Variants[0].Name, c.Before.From, c.Warnings = "<script>x", "<script>y", []string{"<script>z"}
	if html := comparisonHTML(t, c); strings.Count(html, "<script>") != 1 {
		t.Error("a name is not escaped")
	}
}

// A node's life is drawn as an example: it says that it is no sample.
func TestLifePicture(t *testing.T) {
	sec := time.Second
	life := &result.Life{Of: "viewer 3", Moments: []result.Moment{
		{At: 1 * sec, Way: result.Said, Peer: "edge 0", Text: "ask for slot 1", Request: "slot 1", Role: result.Asks},
		{At: 2 * sec, Way: result.Said, Peer: "edge 1", Text: "ask for slot 2", Request: "slot 2", Role: result.Asks},
		{At: 3 * sec, Way: result.Heard, Peer: "edge 0", Text: "slot 1", Request: "slot 1", Role: result.Comes, Span: sec},
		{At: 3 * sec, Way: result.Stated, Text: "has slot 1", Request: "slot 1", Role: result.Done, Span: 2 * sec},
		{At: 4 * sec, Way: result.Spent, Text: "checks", Span: sec / 2},
		{At: 5 * sec, Way: result.Transacted, Text: "open"},
		{At: 8 * sec, Way: result.Stated, Text: "stalled", Span: 2 * sec},
	}}
	p := lifePlot(life, "hello, variant base, seed 1", 0, 10*sec)
	if !strings.Contains(p.caption, "viewer 3 in hello, variant base, seed 1") || !strings.Contains(p.caption, "n=1, no interval") {
		t.Error(p.caption)
	}
	if rows := packed(life.Requests()); len(rows) != 2 || rows[0][0].To != 3*sec || len(rows[0][0].Transfers) != 1 || rows[1][0].To != 2*sec {
		t.Errorf("%+v", rows)
	}
	text := recorded(p)
	for _, word := range []string{"seconds since", "heard", "said", "computed", "paid", "waited"} {
		if !strings.Contains(string(text), word) {
			t.Errorf("the picture does not say %q", word)
		}
	}
	golden(t, "plots/life.txt", text)
}

// trial does with a page what a reader does: points at figures, switches a
// variant off, sorts, looks in the dark.
func (b *browser) trial(t *testing.T, column, shot string) {
	t.Helper()
	const tip = `(() => { // of the first piece of each figure that says something
		let said = 0;
		for (const plot of document.querySelectorAll(".plot")) {
			const g = plot.querySelector("[data-says]"), svg = plot.querySelector("svg");
			if (!g) continue;
			plot.scrollIntoView();
			const first = (g.dataset.points || "").split("|")[0].split(" "), box = g.getBBox();
			const at = new DOMPoint(g.dataset.points ? +first[0] : box.x + box.width / 2, g.dataset.points ? +first[1] : box.y + box.height / 2).matrixTransform(svg.getScreenCTM());
			plot.dispatchEvent(new PointerEvent("pointermove", { clientX: at.x, clientY: at.y }));
			if (!document.getElementById("tip").hidden && document.getElementById("tip").textContent.length > 4) said++;
			else return "nothing said by " + plot.parentElement.id;
		}
		return said > 0;
	})()`
	b.expect(t, "pointing at figures", tip, "true")
	shown := `[...document.querySelectorAll('[data-v="1"]')].filter(e => getComputedStyle(e).display != "none").length`
	before := b.ask(t, shown)
	b.do(t, chromedp.Click("#switches label:nth-of-type(2)", chromedp.ByQuery))
	b.expect(t, "pieces switched off", shown, "0")
	b.do(t, chromedp.Click("#switches label:nth-of-type(2)", chromedp.ByQuery))
	if after := b.ask(t, shown); after != before || before == "0" {
		t.Errorf("%s pieces of a variant, %s when it is back", before, after)
	}
	head := `[...document.querySelectorAll("thead button.sort")].find(e => e.textContent == "` + column + `")`
	b.do(t, chromedp.Evaluate(head+`.click()`, nil))
	b.expect(t, "sorted", head+`.parentElement.getAttribute("aria-sort")`, "descending")
	sorted := `(() => { const th = ` + head + `.parentElement, plain = th.closest("table").dataset.sort == "value";
		return [...th.closest("table").tBodies[0].rows].map(r => parseFloat(r.cells[th.cellIndex].dataset.change)).filter(v => !Number.isNaN(v)).map(v => plain ? v : Math.abs(v)).every((v, i, a) => !i || a[i-1] >= v); })()`
	b.expect(t, "the order", sorted, "true")
	light := b.ask(t, `getComputedStyle(document.body).backgroundColor`)
	b.do(t, chromedp.Click("#theme", chromedp.ByQuery))
	if dark := b.ask(t, `getComputedStyle(document.body).backgroundColor`); dark == light {
		t.Errorf("light and dark are both %s", dark)
	}
	b.do(t, chromedp.Click("#theme", chromedp.ByQuery))
	b.expect(t, "nameless", `[...document.querySelectorAll("button, input, [role=img], [role=region]")].filter(e => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim() || e.closest("label"))).length`, "0")
	if len(b.wrong) > 0 {
		t.Errorf("on the console, or leaving the page: %q", b.wrong)
	}
	if shots := os.Getenv("KSCOPE_SHOTS"); shots != "" {
		var png []byte
		b.do(t, chromedp.FullScreenshot(&png, 100))
		if err := os.WriteFile(filepath.Join(shots, shot), png, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestComparisonPageInABrowser(t *testing.T) {
	page := filepath.Join(t.TempDir(), "changes.html")
	if err := os.WriteFile(page, []byte(comparisonHTML(t, moved(t))), 0o666); err != nil {
		t.Fatal(err)
	}
	browse(t, page).trial(t, "change", "comparison.png")
}

func TestSweepPageInABrowser(t *testing.T) {
	points := grown([][]string{{"edges.up=2Mbit/s"}, {"edges.up=4Mbit/s"}, {"edges.up=8Mbit/s"}}, 3, func(set []string, variant int) float64 {
		return float64(len(set[0])*(variant+1)) + float64(variant)
	})
	files, err := SweepFiles(points)
	if err != nil {
		t.Fatal(err)
	}
	var html bytes.Buffer
	if err := files[len(files)-1].Write(&html); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(page, html.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	browse(t, page).trial(t, "startup-p50", "sweep.png")
}
