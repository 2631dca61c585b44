package swarm

// A Delivery names how a viewer gets one segment after the other.
type Delivery string

// Deliveries.
const (
	Pull Delivery = "pull" // it asks for each, once somebody has announced it
	Push Delivery = "push" // it subscribes once, and gets what follows without asking (Li, Keung et al., CoolStreaming: Design, Theory, and Practice, IEEE TMM 9(8), 2007)
)

// Names lists the deliveries.
func (Delivery) Names() []string { return []string{string(Pull), string(Push)} }

// UnmarshalText accepts the names in Names.
func (d *Delivery) UnmarshalText(b []byte) error { return choose(d, b, d.Names()) }
