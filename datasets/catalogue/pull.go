package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// partial is what the name of a file ends in while it is incomplete.
const partial = ".part"

// Limits of a pull.
const (
	maxTries     = 5                // of one file
	maxRedirects = 5                // of one request
	stall        = 30 * time.Second // without a byte
)

// A Puller gets files of sets into a folder. The zero value but for Folder gets
// them from where the catalogue says.
type Puller struct {
	Folder string                         // of the cache
	Mirror string                         // a folder, or a URL, with a folder for each set
	Report func(s *Set, f *File, n int64) // is told how many bytes of a file are there
	Note   func(text string)              // is told what went wrong and is tried again

	transport http.RoundTripper // nil: one that respects proxies
	stall     time.Duration     // 0: the limit
	pause     time.Duration     // before a second try; 0: a second
}

// Pull gets every file of a set that is not there and right, and says how many
// it got. A file that cannot be got leaves the ones before it in place.
func (p *Puller) Pull(ctx context.Context, s *Set) (got int, err error) {
	for i := range s.Files {
		f := &s.Files[i]
		state, err := Check(p.Folder, s, f)
		if err != nil {
			return got, fmt.Errorf("%s/%s: %w: move it out of the way", s.Name, f.Name, err)
		}
		if state == Proved {
			p.report(s, f, f.Size)
			continue
		}
		if err := p.file(ctx, s, f); err != nil {
			return got, fmt.Errorf("%s/%s: %w", s.Name, f.Name, err)
		}
		got++
	}
	return got, nil
}

func (p *Puller) report(s *Set, f *File, n int64) {
	if p.Report != nil {
		p.Report(s, f, n)
	}
}

// errFinal marks what trying again cannot mend.
type errFinal struct{ error }

func (e errFinal) Unwrap() error { return e.error }

// file gets one file, with several tries, and gives it its name when it is
// proved.
func (p *Puller) file(ctx context.Context, s *Set, f *File) error {
	path := filepath.Join(p.Folder, s.Name, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("%w: name a cache where you may write", err)
	}
	if info, err := os.Lstat(path + partial); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no plain file: move it out of the way", path+partial)
	}
	var err error
	for try := range maxTries {
		if try > 0 {
			p.note(fmt.Sprintf("%s/%s: %v: trying again, %d of %d", s.Name, f.Name, err, try+1, maxTries))
			if !sleep(ctx, p.wait(try)) {
				return ctx.Err()
			}
		}
		if err = p.try(ctx, s, f, path+partial); err == nil {
			return os.Rename(path+partial, path)
		}
		if final := (errFinal{}); errors.As(err, &final) || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("%w (given up after %d tries; what came is kept, and the next pull goes on from there)", err, maxTries)
}

// try goes on with the partial file and proves it. Bytes that are proved wrong
// are removed.
func (p *Puller) try(ctx context.Context, s *Set, f *File, path string) error {
	out, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return errFinal{err}
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return errFinal{err}
	}
	if have > f.Size {
		have = 0
	}
	if have < f.Size {
		err := p.get(ctx, s, f, out, have)
		if final := (errFinal{}); errors.As(err, &final) && have > 0 { // what it should go on from may be the culprit
			return errors.Join(final.error, os.Remove(path))
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return errFinal{err}
	}
	n, sum, err := sumOf(path)
	switch {
	case err != nil:
		return errFinal{err}
	case n == f.Size && sum == f.SHA256:
		return nil
	}
	err = fmt.Errorf("its SHA-256 is %s, and the catalogue says %s", sum, f.SHA256)
	if rm := os.Remove(path); rm != nil || have == 0 { // if not, what it went on from may be the culprit
		return errFinal{errors.Join(fmt.Errorf("%w: these are not the bytes of the set, and they were thrown away", err), rm)}
	}
	return err
}

// get appends to the file what it lacks, from byte have on.
func (p *Puller) get(ctx context.Context, s *Set, f *File, out *os.File, have int64) error {
	in, from, err := p.open(ctx, s, f, have)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := out.Truncate(from); err != nil {
		return errFinal{err}
	}
	if _, err := out.Seek(from, io.SeekStart); err != nil {
		return errFinal{err}
	}
	meter := &meter{from, func(n int64) { p.report(s, f, n) }}
	n, err := io.Copy(out, io.TeeReader(io.LimitReader(in, f.Size-from+1), meter))
	switch n += from; {
	case n > f.Size:
		return errFinal{errors.Join(fmt.Errorf("there are more bytes than the %d of the catalogue", f.Size), out.Truncate(from))}
	case err != nil:
		return fmt.Errorf("after %d of %d bytes: %w", n, f.Size, err)
	case n < f.Size:
		return fmt.Errorf("it ends after %d of %d bytes", n, f.Size)
	}
	return nil
}

// open opens the source of a file at byte have, or at its beginning if it
// cannot begin elsewhere.
func (p *Puller) open(ctx context.Context, s *Set, f *File, have int64) (io.ReadCloser, int64, error) {
	where := f.URL
	switch {
	case p.Mirror == "":
	case strings.Contains(p.Mirror, "://"):
		where = strings.TrimSuffix(p.Mirror, "/") + (&url.URL{Path: "/" + s.Name + "/" + f.Name}).EscapedPath()
	default:
		in, err := beside(filepath.Join(p.Mirror, s.Name, filepath.FromSlash(f.Name)), f)
		return in, 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	patience := p.stall
	if patience == 0 {
		patience = stall
	}
	watch := time.AfterFunc(patience, func() { cancel(fmt.Errorf("no byte came for %v", patience)) })
	body, from, err := p.request(ctx, where, f, have)
	if err != nil {
		watch.Stop()
		err = because(ctx, err)
		cancel(nil)
		return nil, 0, err
	}
	return &watched{body, ctx, cancel, watch, patience}, from, nil
}

// beside opens a file of a mirror on this machine.
func beside(path string, f *File) (io.ReadCloser, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, errFinal{fmt.Errorf("the mirror does not have it: %w", err)}
	}
	if info, err := in.Stat(); err != nil || info.Size() != f.Size {
		in.Close()
		return nil, errFinal{fmt.Errorf("the mirror's %s has not the %d bytes that are due", path, f.Size)}
	}
	return in, nil
}

// request asks for a file from byte have on, and says from which on it comes.
func (p *Puller) request(ctx context.Context, where string, f *File, have int64) (io.ReadCloser, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return nil, 0, errFinal{err}
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "kscope")
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := (&http.Client{Transport: p.route(), CheckRedirect: redirect}).Do(req)
	if err != nil {
		return nil, 0, err
	}
	from, err := answer(resp, f, have)
	if err != nil {
		resp.Body.Close()
		return nil, 0, err
	}
	return resp.Body, from, nil
}

// answer says from which byte on an answer has the file, and refuses one that
// cannot have it.
func answer(resp *http.Response, f *File, have int64) (from int64, err error) {
	switch code := resp.StatusCode; {
	case code == http.StatusPartialContent && have > 0:
		if r := resp.Header.Get("Content-Range"); !strings.HasPrefix(r, fmt.Sprintf("bytes %d-", have)) {
			return 0, errFinal{fmt.Errorf("asked for what follows byte %d, the server sends %.60q", have, r)}
		}
		from = have
	case code == http.StatusOK: // from the beginning, whatever was asked for
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return 0, fmt.Errorf("the server says %s", resp.Status)
	default:
		return 0, errFinal{fmt.Errorf("the server says %s: the file may be gone: try --mirror", resp.Status)}
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return 0, errFinal{fmt.Errorf("the server sends it encoded as %.20q, which was not asked for", e)}
	}
	if n := resp.ContentLength; n >= 0 && n != f.Size-from {
		return 0, errFinal{fmt.Errorf("the server announces %d bytes, and %d are due", n, f.Size-from)}
	}
	return from, nil
}

// redirect follows other addresses, but never from a proved connection to one
// that is not.
func redirect(to *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return errFinal{fmt.Errorf("more than %d redirections", maxRedirects)}
	case to.URL.Scheme != "https" && to.URL.Scheme != from.Scheme:
		return errFinal{fmt.Errorf("redirected from %s to %s, which is not followed", from.Scheme, to.URL.Scheme)}
	}
	return nil
}

// route is how requests go out: over the proxies that the environment names.
func (p *Puller) route() http.RoundTripper {
	if p.transport != nil {
		return p.transport
	}
	return http.DefaultTransport
}

func (p *Puller) note(text string) {
	if p.Note != nil {
		p.Note(text)
	}
}

// wait is how long the next try waits: twice as long each time.
func (p *Puller) wait(try int) time.Duration {
	pause := p.pause
	if pause == 0 {
		pause = time.Second
	}
	return pause << (try - 1)
}

// sleep waits, and says whether it may go on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
