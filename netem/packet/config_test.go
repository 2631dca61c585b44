package packet

import (
	"testing"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.AQM = "red" }, `aqm: there is no "red": the names are drop_tail, fq_codel`},
		{func(c *Config) { c.Buffer = -1 }, "buffer: -1B is not between 0B and 1GiB"},
		{func(c *Config) { c.ReceiveBuffer = 0 }, "receive_buffer: 0B is not between 2KiB and 1GiB"},
		{func(c *Config) { c.MTU = 575 }, "mtu: 575 is not between 576 and 65535"},
		{func(c *Config) { c.MTU = 1 << 16 }, "mtu: 65536 is not between 576 and 65535"},
		{func(c *Config) { c.AQM, c.Buffer, c.MTU = FQCoDel, 1, 576 }, ""},
		{func(c *Config) { c.Duplicate = 0.6 }, "duplicate: 60% is not between 0% and 50%"},
		{func(c *Config) { c.Corrupt = 0.6; c.MTU = 0 }, "mtu: 0 is not between 576 and 65535\ncorrupt: 60% is not between 0% and 50%"},
	} {
		cfg := Default()
		tt.change(&cfg)
		got := ""
		if err := cfg.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("got %s\nwant %s", got, tt.want)
		}
	}
}
