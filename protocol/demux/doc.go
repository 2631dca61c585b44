// Package demux takes encoded video out of its container: from any bytes, in
// any state, it makes tracks of samples with times, codecs and classified key
// pictures.
//
// A [Demuxer] is fed bytes as they come, a whole file or a live stream, and
// recognises the container by its content. What it has read waits in the
// tracks of a [Movie] until it is taken. Samples are free of the container:
// H.264, H.265 and H.266 pictures are NAL units behind four bytes of length,
// sound is without frame headers, and what a decoder must know first stands in
// the [Codec]. So the same pictures in another box are the same samples.
//
// Nothing fails on content: damage is repaired, marked or dropped, and always
// counted. No number in the input is trusted: a claimed count is held against
// the bytes that would carry it, nothing is allocated from a claim, every loop
// moves forward, each limit has a name, and every loss of step has a way back
// into it.
//
// Key pictures are told from the bitstream ([Closed], [Open], [Gradual],
// [None]); what a container flags is a hint where the codec is not understood.
//
// What it leaves out: decoding (it never looks at a pixel), decryption, and
// where to cut (package media does that).
package demux
