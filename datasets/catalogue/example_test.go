package catalogue_test

import (
	"fmt"

	"kinetoscope/datasets/catalogue"
)

func Example() {
	s, err := catalogue.Find("vsize-sabre-bbb")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s, %s, %d files, %d bytes\n", s.Name, s.Title, s.Licence, len(s.Files), s.Size())
	fmt.Println("cite", s.Cite)
	// Output:
	// vsize-sabre-bbb: Segment sizes of Big Buck Bunny, BSD-2-Clause, 2 files, 33012 bytes
	// cite Spiteri et al., From Theory to Practice, MMSys 2018
}
