// Package media cuts encoded video into segments that start at pictures a
// viewer can start at, and takes the container away: what a segment carries is
// samples and nothing else, so that the same pictures in another box are the
// same bytes.
//
// The path is short. A [format] is recognised by content and scanned into a
// [movie]: tracks of samples with times and classified key pictures. The
// [rule] cuts a movie, or several at once for a ladder, into segments. Each
// segment's samples are written by [EncodePayload]. A file that no format can
// read becomes opaque pieces with content-defined edges, and the reason is
// kept. Nothing here fails on content: damage is repaired, dropped or passed
// on, and always counted.
//
// It trusts no number in a file: a claimed count is held against the bytes
// that would carry it, nothing is allocated from a claim, every loop moves
// forward, and each limit has a name.
//
// What it leaves out: decoding and encoding (it never looks at a pixel),
// decryption, and naming or signing of segments (package token does that).
// Only [Load] touches files.
package media
