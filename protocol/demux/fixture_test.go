package demux

import "bytes"

// cat joins byte strings.
func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
