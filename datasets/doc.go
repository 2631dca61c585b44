// Package datasets reads real-world data as it is found and makes clean models
// of it: rates of links, round-trip times, churn, viewers, sizes of segments,
// fees.
//
// Nothing is guessed in silence. A format is recognised by content and says
// why; a unit comes from the format, from the header or from the Descriptor,
// never from the size of numbers; and whatever is repaired, dropped or worth a
// note has a rule with a name, a count and the first places. Rows read are
// always rows kept, repaired and dropped, together. Strict reading refuses
// where it would repair.
//
// A file is read as a stream; what is held is the model. Archives are read
// without being written anywhere, within limits.
//
// What it leaves out: resampling, fitting, statistics beyond moments, and what
// a simulation makes of a model. Other columnar and binary formats than the ones in
// Formats are refused by name.
package datasets
