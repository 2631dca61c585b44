package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Who interrupts a pull hears that the same command goes on.
func TestInterruptedPull(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("the beginning"))
		w.(http.Flusher).Flush()
		interrupt()
		<-r.Context().Done()
	}))
	defer server.Close()
	var stdout, stderr bytes.Buffer
	code := kscope(ctx, []string{"datasets", "pull", "bw-oboe", "--mirror", server.URL, "--cache", t.TempDir()}, &stdout, &stderr)
	if want := "kscope: interrupted; what came is kept: the same command goes on\n"; code != exitInterrupted || !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("exit code %d, and\n%s\nnot\n%s", code, &stderr, want)
	}
}
