package storage

// copies is n whole copies of the payload, any one of which suffices. One copy
// is the scheme none.
type copies int

func (copies) K() int   { return 1 }
func (c copies) N() int { return int(c) }

func (copies) Room(int) int { return 0 }

func (c copies) EncodeInto(_, payload []byte) [][]byte { return c.Encode(payload) }

func (c copies) Encode(payload []byte) [][]byte {
	shards := make([][]byte, c)
	for i := range shards {
		shards[i] = payload[:len(payload):len(payload)]
	}
	return shards
}

func (c copies) Decode(shards [][]byte, size int) ([]byte, error) {
	have, err := gather(c, shards, size)
	if err != nil {
		return nil, err
	}
	return shards[have[0]], nil
}
