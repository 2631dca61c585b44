package catalogue

import (
	"context"
	"io"
	"time"
)

// watched is a body that is given up when no byte comes for a while.
type watched struct {
	io.ReadCloser
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	patience time.Duration
}

// Read reads, and gives the stall as the reason where it was one.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	if n > 0 {
		w.timer.Reset(w.patience)
	}
	if err != nil && err != io.EOF {
		err = because(w.ctx, err)
	}
	return n, err
}

// Close ends the transfer.
func (w *watched) Close() error {
	w.timer.Stop()
	w.cancel(nil)
	return w.ReadCloser.Close()
}

// because is the reason that a context was given up for, or else err.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
		return cause
	}
	return err
}

// A meter counts what passes.
type meter struct {
	n    int64
	tell func(n int64)
}

func (m *meter) Write(b []byte) (int, error) {
	m.n += int64(len(b))
	m.tell(m.n)
	return len(b), nil
}
