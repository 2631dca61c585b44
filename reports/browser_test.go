package reports

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser opens the page as a reader does and keeps what goes wrong: errors
// on the console, and requests that leave the page.
type browser struct {
	context.Context
	wrong []string
}

func browse(t *testing.T, page string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine: the page is not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1100, 900))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	b := &browser{Context: tab}
	chromedp.ListenTarget(tab, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.wrong = append(b.wrong, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			b.wrong = append(b.wrong, e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			b.wrong = append(b.wrong, "console: "+string(e.Type))
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; !strings.HasPrefix(url, "file:///") && !strings.HasPrefix(url, "data:") {
				b.wrong = append(b.wrong, "asks for "+url)
			}
		}
	})
	if err := chromedp.Run(tab); err != nil { // the browser lives as long as the context of its first step
		t.Fatalf("the browser does not start: %v", err)
	}
	still := emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}})
	b.do(t, still, log.Enable(), network.Enable(), chromedp.Navigate("file://"+page), chromedp.WaitReady("#switches"))
	return b
}

// do drives the browser; a step that takes too long is stuck.
func (b *browser) do(t *testing.T, steps ...chromedp.Action) {
	t.Helper()
	patience, stop := context.WithTimeout(b, time.Minute)
	defer stop()
	if err := chromedp.Run(patience, steps...); err != nil {
		t.Fatalf("the browser: %v", err)
	}
}

// ask evaluates an expression on the page.
func (b *browser) ask(t *testing.T, expression string) (answer string) {
	t.Helper()
	b.do(t, chromedp.Evaluate("String("+expression+")", &answer))
	return answer
}

// expect compares what an expression gives.
func (b *browser) expect(t *testing.T, what, expression, want string) {
	t.Helper()
	if got := b.ask(t, expression); got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestPageInABrowser(t *testing.T) {
	dir := t.TempDir()
	if err := Write(filepath.Join(dir, "run"), sample(60, 1, 2, 3)); err != nil {
		t.Fatal(err)
	}
	b := browse(t, filepath.Join(dir, "run", "report.html"))

	// A pointer on a curve is told what it sees; beside everything, nothing.
	b.do(t, chromedp.Evaluate(`document.querySelector("#figure-startup").scrollIntoView()`, nil))
	hover := func(spot string) chromedp.Action {
		return chromedp.ActionFunc(func(c context.Context) error {
			var at []float64
			err := chromedp.Evaluate(`(() => {
				const g = document.querySelector('`+spot+`'), svg = g.ownerSVGElement;
				const point = g.dataset.points ? g.dataset.points.split("|")[200].split(" ") : [g.getBBox().x + 1, g.getBBox().y + 1];
				const p = new DOMPoint(+point[0], +point[1]).matrixTransform(svg.getScreenCTM());
				return [p.x, p.y];
			})()`, &at).Do(c)
			if err != nil {
				return err
			}
			return chromedp.MouseEvent("mouseMoved", at[0], at[1]).Do(c)
		})
	}
	b.do(t, hover(`#figure-startup [data-v="1"][data-says]`))
	if tip := b.ask(t, `document.getElementById("tip").hidden ? "" : tip.textContent`); !strings.HasPrefix(tip, "swarm, ") || !strings.Contains(tip, " s: ") {
		t.Errorf("the tip says %q", tip)
	}
	b.do(t, chromedp.Evaluate(`document.querySelector("#figure-money").scrollIntoView()`, nil), hover(`#figure-money [data-says]`))
	if tip := b.ask(t, `document.getElementById("tip").textContent`); !strings.HasPrefix(tip, "central, ") || !strings.HasSuffix(tip, "%") {
		t.Errorf("the tip says %q", tip)
	}
	b.do(t, chromedp.MouseEvent("mouseMoved", 2, 2))
	b.expect(t, "the tip beside everything", `document.getElementById("tip").hidden`, "true")

	// The same by keyboard.
	b.do(t, chromedp.Focus("#figure-quality .plot"), chromedp.Evaluate(`
		document.querySelector("#figure-quality .plot").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown"}))`, nil))
	if tip := b.ask(t, `document.getElementById("tip").hidden ? "" : tip.textContent`); !strings.Contains(tip, "startup-p95: ") {
		t.Errorf("by keyboard the tip says %q", tip)
	}

	// A variant goes from figures and tables, and comes back.
	shown := func(what string) string {
		return `[...document.querySelectorAll('` + what + `')].filter(e => getComputedStyle(e).display != "none").length`
	}
	curves, cells := b.ask(t, shown(`[data-v="1"]`)), b.ask(t, shown(`[data-column="1"]`))
	if curves == "0" || cells == "0" {
		t.Fatalf("%s pieces and %s cells of a variant", curves, cells)
	}
	b.do(t, chromedp.Click("#switches label:nth-of-type(2)", chromedp.ByQuery))
	b.expect(t, "pieces switched off", shown(`[data-v="1"]`), "0")
	b.expect(t, "cells switched off", shown(`[data-column="1"]`), "0")
	b.do(t, chromedp.Click("#switches label:nth-of-type(2)", chromedp.ByQuery))
	b.expect(t, "pieces switched on", shown(`[data-v="1"]`), curves)

	// Sorted by difference, by name, and as it was.
	first := `document.querySelector("#numbers tbody tr th a").textContent`
	original := b.ask(t, first)
	b.do(t, chromedp.Click(`#numbers table thead th:nth-child(3) button`, chromedp.ByQuery))
	b.expect(t, "sorted", `document.querySelector("#numbers thead th:nth-child(3)").getAttribute("aria-sort")`, "descending")
	if order := b.ask(t, `[...document.querySelector("#numbers table").tBodies[0].rows].map(r => Math.abs(parseFloat(r.cells[2].dataset.change))).filter(v => v >= 0).every((v, i, a) => !i || a[i-1] >= v)`); order != "true" {
		t.Error("the rows are not in the order of their differences")
	}
	b.do(t, chromedp.Click(`#numbers table thead th:nth-child(3) button`, chromedp.ByQuery))
	b.expect(t, "as it was", first, original)

	// Filtered.
	b.do(t, chromedp.SendKeys(`.filter input`, "startup", chromedp.ByQuery))
	b.expect(t, "filtered", `[...document.querySelector("#numbers table").tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[0].querySelector("a").textContent)`, "startup-p50,startup-p95")

	// The caption of a table too wide for the page stays in sight when it is scrolled.
	b.do(t, chromedp.Evaluate(`document.querySelector("#numbers table").style.width = "4000px"; document.querySelector("#numbers .scroll").scrollLeft = 2000`, nil))
	b.expect(t, "a caption scrolled away", `(() => {
		const scroll = document.querySelector("#numbers .scroll"), words = document.createRange();
		words.selectNodeContents(scroll.querySelector("caption"));
		const out = scroll.getBoundingClientRect(), in_ = words.getBoundingClientRect();
		return scroll.scrollLeft > 1000 && !(in_.left >= out.left && in_.right <= out.right);
	})()`, "false")
	b.expect(t, "a table that cannot be scrolled", `document.querySelector("#numbers .scroll").scrollLeft > 1000`, "true")

	// Dark, light, and on paper.
	light := b.ask(t, `getComputedStyle(document.body).backgroundColor`)
	b.do(t, chromedp.Click("#theme", chromedp.ByQuery))
	if dark := b.ask(t, `getComputedStyle(document.body).backgroundColor`); dark == light {
		t.Errorf("light and dark are both %s", dark)
	}
	paper := `getComputedStyle(document.querySelector("#figure-startup svg > path")).fill`
	b.expect(t, "a figure on a dark page", paper, "rgb(30, 33, 37)")
	b.do(t, emulation.SetEmulatedMedia().WithMedia("print"))
	b.expect(t, "a figure on paper, from a dark page", paper, "rgb(255, 255, 255)")
	b.expect(t, "text on paper, from a dark page", `getComputedStyle(document.body).color`, "rgb(36, 39, 44)")
	b.do(t, emulation.SetEmulatedMedia().WithMedia(""))
	b.do(t, chromedp.Click("#theme", chromedp.ByQuery))
	b.expect(t, "light again", `getComputedStyle(document.body).backgroundColor`, light)
	b.do(t, emulation.SetEmulatedMedia().WithMedia("print"))
	b.expect(t, "switches on paper", `getComputedStyle(document.getElementById("switches")).display`, "none")
	b.do(t, emulation.SetEmulatedMedia().WithMedia(""))

	// What people hear: every figure and every switch has a name.
	b.expect(t, "nameless", `[...document.querySelectorAll("button, input, [role=img], [role=region]")].filter(e => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim() || e.closest("label"))).length`, "0")
	if len(b.wrong) > 0 {
		t.Errorf("on the console, or leaving the page: %q", b.wrong)
	}
	if shots := os.Getenv("KSCOPE_SHOTS"); shots != "" {
		var light, dark []byte
		b.do(t, chromedp.FullScreenshot(&light, 100), chromedp.Click("#theme", chromedp.ByQuery), chromedp.FullScreenshot(&dark, 100))
		for name, png := range map[string][]byte{"light": light, "dark": dark} {
			if err := os.WriteFile(filepath.Join(shots, fmt.Sprintf("page-%s.png", name)), png, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}
