package archive_test

import (
	"context"
	"fmt"

	"kinetoscope/scenarios"
	"kinetoscope/sim/archive"
	"kinetoscope/sim/result"
)

func ExampleRun() {
	const file = `
duration: 8760h
providers: {count: 40, sites: 10}
storage: {k: 4, n: 8, repair: none}
archive: {on: true, assets: 100}
`
	for _, repair := range []string{"none", "lazy"} {
		all, err := scenarios.Load("years.yaml", []byte(file), []string{"storage.repair=" + repair, "storage.audit=24h", "storage.threshold=1"})
		if err != nil {
			fmt.Println(err)
			return
		}
		run, err := archive.Run(context.Background(), all[0], 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.0f of 100 assets are ghosts\n", repair, 100*run.Values[result.Ghosts])
	}
	// Output:
	// none: 100 of 100 assets are ghosts
	// lazy: 0 of 100 assets are ghosts
}
