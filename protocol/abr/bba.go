package abr

// Of BBA-0's buffer of 240 s, the parts of the reservoir and of what lies below
// the upper reservoir: 90 s and 216 s.
const (
	reservoir = 0.375
	cushioned = 0.9
)

// bba is BBA-0 of Huang, Johari, McKeown, Trunnell and Watson, "A Buffer-Based
// Approach to Rate Adaptation", SIGCOMM 2014: between the reservoirs a straight
// line leads from the lowest rate to the highest, and the rung changes only
// when the line passes the one above or below. BBA-1's map of segment sizes and
// BBA-2's start by throughput are left out: compare bola-e.
func (r *rule) bba(v *View) int {
	room := (max(v.BufferMax, minSegments*v.Segment) - v.Segment).Seconds() // the most that is ahead when it chooses
	low, high := reservoir*room, cushioned*room
	level, top := v.Buffer.Seconds(), len(r.ladder)-1
	switch {
	case level <= low:
		return 0
	case level >= high:
		return top
	}
	line := r.ladder[0] + float64((r.ladder[top]-r.ladder[0])*(level-low)/(high-low))
	up, down := min(v.Last+1, top), max(v.Last-1, 0)
	switch {
	case line >= r.ladder[up]:
		return r.carried(line)
	case line <= r.ladder[down]:
		return min(r.carried(line)+1, top)
	}
	return v.Last
}

// Of bb: seconds of buffer below which it takes the lowest rung, and over which
// it climbs to the highest.
const (
	bbReservoir = 5
	bbCushion   = 10
)

// bb is the buffer-based baseline of Pensieve (Mao, Netravali and Alizadeh,
// SIGCOMM 2017): the same line, but from rung to rung whatever their rates, and
// for a buffer of any size.
func (r *rule) bb(v *View) int {
	top := len(r.ladder) - 1
	over := v.Buffer.Seconds() - bbReservoir
	switch {
	case over < 0:
		return 0
	case over >= bbCushion:
		return top
	}
	return int(float64(top) * over / bbCushion)
}
