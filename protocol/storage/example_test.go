package storage_test

import (
	"fmt"

	"kinetoscope/protocol/storage"
)

// Six providers in six places hold a segment; two of them go away.
func Example() {
	c := storage.Default()
	coder, err := storage.New(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	payload := []byte("the bytes of a segment")
	shards := coder.Encode(payload)

	spots := make([]storage.Spot, 6)
	for i := range spots {
		spots[i] = storage.Spot{Node: uint32(i), Domain: uint32(i)}
	}
	homes := storage.NewPlacer(c, spots, 42).Place(1)
	fmt.Println("providers used:", len(homes))

	shards[0], shards[3] = nil, nil
	back, err := coder.Decode(shards, len(payload))
	fmt.Printf("%s, %v\n", back, err)

	shards[5] = nil
	_, err = coder.Decode(shards, len(payload))
	fmt.Println(err)
	fmt.Printf("lost when each provider is gone one day in ten: %.5f\n", c.Loss(0.1))
	// Output:
	// providers used: 6
	// the bytes of a segment, <nil>
	// storage: too few shards: 3 of the 4 needed
	// lost when each provider is gone one day in ten: 0.01585
}
