package netem
import ("testing";"fmt")
func BenchmarkCentral(b *testing.B) {
	for _, v := range []int{1e4,1e5} {
	b.Run(fmt.Sprintf("dsl/v=%d",v), func(b *testing.B) { newCrowd(b, Config{}, "dsl", v, 1, 1, 300*ms).bench(b) })
	b.Run(fmt.Sprintf("cable/v=%d",v), func(b *testing.B) { newCrowd(b, Default(), "cable", v, 1, 1, 300*ms).bench(b) })
	b.Run(fmt.Sprintf("4g/v=%d",v), func(b *testing.B) { newCrowd(b, Default(), "4g", v, 1, 1, 300*ms).bench(b) })
	}
}
