package catalogue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// goods are the bytes of the one file of a set that tests pull.
var goods = bytes.Repeat([]byte("a line of a recording\n"), 4000)

// sample is a set of one file at that address.
func sample(where string) *Set {
	sum := sha256.Sum256(goods)
	return &Set{Name: "sample", Files: []File{{Name: "deep/a b+c.csv", Size: int64(len(goods)), SHA256: hex.EncodeToString(sum[:]), URL: where + "/sample/deep/a%20b+c.csv"}}}
}

// whole sends the file as a good server does.
func whole(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(goods))
}

// cutAt announces the whole and sends less.
func cutAt(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(goods)))
		w.Write(goods[:n])
	}
}

// sends sends any bytes, as many as it announces.
func sends(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		w.Write(b)
	}
}

// wrong is as long as the file, with one other bit.
func wrong() []byte {
	b := bytes.Clone(goods)
	b[100] ^= 1
	return b
}

// Whatever a server does, the file has its final name if and only if it has
// the right bytes.
func TestPullFromBadServers(t *testing.T) {
	var asked []string // the ranges that were asked for
	for _, c := range []struct {
		name   string
		part   []byte             // of an earlier pull
		serve  []http.HandlerFunc // one for each request, the last for all further ones
		fail   string             // empty: it succeeds
		ranges string             // asked for
		left   int                // bytes of the partial file; -1: there is none
	}{
		{name: "good", serve: []http.HandlerFunc{whole}, ranges: "-", left: -1},
		{name: "cut once", serve: []http.HandlerFunc{cutAt(1000), whole}, ranges: "- bytes=1000-", left: -1},
		{name: "cut always", serve: []http.HandlerFunc{cutAt(1000)}, ranges: "- bytes=1000- bytes=1000- bytes=1000- bytes=1000-", left: 1000, fail: "given up after 5 tries"},
		{name: "goes on", part: goods[:5000], serve: []http.HandlerFunc{whole}, ranges: "bytes=5000-", left: -1},
		{name: "goes on from bad bytes", part: wrong()[:5000], serve: []http.HandlerFunc{whole}, ranges: "bytes=5000- -", left: -1},
		{name: "all there but the name", part: goods, serve: []http.HandlerFunc{sends(nil)}, ranges: "", left: -1},
		{name: "more than all there", part: append(bytes.Clone(goods), 'x'), serve: []http.HandlerFunc{whole}, ranges: "-", left: -1},
		{name: "200 to a range", part: goods[:5000], serve: []http.HandlerFunc{sends(goods)}, ranges: "bytes=5000-", left: -1},
		{name: "another range", part: goods[:5000], serve: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(goods)-1, len(goods)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(goods)
		}, whole}, ranges: "bytes=5000- -", left: -1},
		{name: "wrong bytes", serve: []http.HandlerFunc{sends(wrong())}, ranges: "-", left: -1, fail: "these are not the bytes of the set"},
		{name: "announces less", serve: []http.HandlerFunc{sends(goods[:10])}, ranges: "-", left: 0, fail: "announces 10 bytes, and 88000 are due"},
		{name: "announces more", serve: []http.HandlerFunc{sends(append(bytes.Clone(goods), 'x'))}, ranges: "-", left: 0, fail: "announces 88001 bytes"},
		{name: "announces nothing and sends more", serve: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.Write(append(bytes.Clone(goods), 'x'))
		}}, ranges: "-", left: 0, fail: "more bytes than the 88000"},
		{name: "announces nothing and sends less", serve: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.Write(goods[:10])
		}, whole}, ranges: "- bytes=10-", left: -1},
		{name: "encoded", serve: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write(goods)
		}}, ranges: "-", left: 0, fail: `encoded as "br"`},
		{name: "gone", serve: []http.HandlerFunc{http.NotFound}, ranges: "-", left: 0, fail: "404 Not Found: the file may be gone: try --mirror"},
		{name: "gone, with a part", part: goods[:5000], serve: []http.HandlerFunc{http.NotFound}, ranges: "bytes=5000- -", left: 0, fail: "404 Not Found"},
		{name: "busy, then well", serve: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, whole}, ranges: "- -", left: -1},
		{name: "redirects once", serve: []http.HandlerFunc{http.RedirectHandler("/elsewhere", 302).ServeHTTP, whole}, ranges: "- -", left: -1},
		{name: "redirects for ever", serve: []http.HandlerFunc{http.RedirectHandler("/elsewhere", 302).ServeHTTP}, ranges: "-" + strings.Repeat(" -", 5), left: 0, fail: "more than 5 redirections"},
		{name: "redirects to a file", serve: []http.HandlerFunc{http.RedirectHandler("file:///etc/hosts", 302).ServeHTTP}, ranges: "-", left: 0, fail: "redirected from http to file"},
		{name: "breaks off at once", serve: []http.HandlerFunc{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, whole}, ranges: "- -", left: -1},
	} {
		asked = nil
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := len(asked)
			asked = append(asked, strings.TrimPrefix("-"+r.Header.Get("Range"), "-b"))
			if asked[i] != "-" {
				asked[i] = "b" + asked[i]
			}
			c.serve[min(i, len(c.serve)-1)](w, r)
		}))
		s := sample(srv.URL)
		p := &Puller{Folder: t.TempDir(), pause: 1, transport: &http.Transport{}}
		path := filepath.Join(p.Folder, "sample", "deep", "a b+c.csv")
		if c.part != nil {
			os.MkdirAll(filepath.Dir(path), 0o777)
			os.WriteFile(path+partial, c.part, 0o666)
		}
		_, err := p.Pull(context.Background(), s)
		srv.Close()
		if got := strings.Join(asked, " "); got != c.ranges {
			t.Errorf("%s: asked for %q, want %q", c.name, got, c.ranges)
		}
		if c.fail == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s: %v, want %q", c.name, err, c.fail)
		}
		got, _ := os.ReadFile(path)
		if (c.fail == "") != bytes.Equal(got, goods) || c.fail != "" && got != nil {
			t.Errorf("%s: %d bytes have the final name", c.name, len(got))
		}
		left := -1
		if b, err := os.ReadFile(path + partial); err == nil {
			left = len(b)
		}
		if left != c.left {
			t.Errorf("%s: a partial file of %d bytes, want %d", c.name, left, c.left)
		}
	}
}

// A server that goes silent is given up, with what came kept.
func TestPullStall(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", strconv.Itoa(len(goods)))
			w.Write(goods[:10])
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}))
	defer srv.Close()
	p := &Puller{Folder: t.TempDir(), pause: 1, stall: 50 * time.Millisecond, transport: &http.Transport{}}
	if _, err := p.Pull(context.Background(), sample(srv.URL)); err == nil || !strings.Contains(err.Error(), "no byte came for 50ms") {
		t.Errorf("a silent server: %v", err)
	}
	if got, _ := Check(p.Folder, sample(""), &sample("").Files[0]); got != Partial {
		t.Errorf("what came is %s", got)
	}
}

// Nothing is followed from a proved connection to one that is not.
func TestPullDowngrade(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(whole))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, 302))
	defer secure.Close()
	p := &Puller{Folder: t.TempDir(), pause: 1, transport: secure.Client().Transport}
	if _, err := p.Pull(context.Background(), sample(secure.URL)); err == nil || !strings.Contains(err.Error(), "redirected from https to http, which is not followed") {
		t.Errorf("a downgrade: %v", err)
	}
}

// A mirror is asked by the names of the set, over HTTP or in a folder, and
// believed as little.
func TestPullMirror(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string][]byte{"good": goods, "bad": wrong()} {
		path := filepath.Join(folder, name, "sample", "deep")
		if err := os.MkdirAll(path, 0o777); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(path, "a b+c.csv"), text, 0o666)
	}
	srv := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer srv.Close()
	for _, c := range []struct{ mirror, fail string }{
		{filepath.Join(folder, "good"), ""}, {srv.URL + "/good", ""}, {srv.URL + "/good/", ""},
		{filepath.Join(folder, "bad"), "not the bytes"}, {srv.URL + "/bad", "not the bytes"},
		{filepath.Join(folder, "none"), "the mirror does not have it"}, {srv.URL + "/none", "404"},
	} {
		p := &Puller{Folder: t.TempDir(), Mirror: c.mirror, pause: 1, transport: &http.Transport{}}
		s := sample("http://invalid.invalid")
		got, err := p.Pull(context.Background(), s)
		if c.fail == "" && (err != nil || got != 1) || c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)) {
			t.Errorf("%s: got %d, %v", c.mirror, got, err)
		}
		if c.fail != "" {
			continue
		}
		if got, err := p.Pull(context.Background(), s); got != 0 || err != nil {
			t.Errorf("%s: what is there is got again: %d, %v", c.mirror, got, err)
		}
	}
}

// A proxy that the environment names is used.
func TestPullProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "far.example" {
			t.Errorf("the proxy is asked for %s", r.URL)
		}
		whole(w, r)
	}))
	defer proxy.Close()
	via, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &Puller{Folder: t.TempDir(), transport: &http.Transport{Proxy: http.ProxyURL(via)}}
	if _, err := p.Pull(context.Background(), sample("http://far.example")); err != nil {
		t.Error(err)
	}
	if d, ok := (&Puller{}).route().(*http.Transport); !ok || d.Proxy == nil {
		t.Error("the usual way out knows no proxy")
	}
}

// Wrong bytes with the final name are seen, and the next pull replaces them.
func TestCheck(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(whole))
	defer srv.Close()
	s := sample(srv.URL)
	p := &Puller{Folder: t.TempDir(), transport: &http.Transport{}}
	path := filepath.Join(p.Folder, "sample", "deep", "a b+c.csv")
	os.MkdirAll(filepath.Dir(path), 0o777)
	for _, c := range []struct {
		text []byte
		want State
	}{{nil, Absent}, {wrong(), Wrong}, {goods[:5], Wrong}, {goods, Proved}} {
		if c.text != nil {
			os.WriteFile(path, c.text, 0o666)
		}
		if got, err := Check(p.Folder, s, &s.Files[0]); got != c.want || err != nil {
			t.Errorf("%d bytes are %s, %v: want %s", len(c.text), got, err, c.want)
		}
	}
	os.WriteFile(path, wrong(), 0o666)
	if got, err := p.Pull(context.Background(), s); got != 1 || err != nil {
		t.Errorf("wrong bytes are not replaced: %d, %v", got, err)
	}
}

// An interrupted pull ends at once and leaves no final name.
func TestPullInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}))
	defer srv.Close()
	p := &Puller{Folder: t.TempDir(), transport: &http.Transport{}}
	if _, err := p.Pull(ctx, sample(srv.URL)); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("%v", err)
	}
}
