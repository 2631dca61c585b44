package sim

// ofHabits are knobs of the section habits, as in knobs.
var ofHabits = []struct{ key, value, first string }{
	{"habits.endures.law", "lognormal", "edges.up=300kbit/s; habits.endures={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.endures.shape", "2", "edges.up=300kbit/s; habits.endures={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.endures.scale", "500ms", "edges.up=300kbit/s; habits.endures={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.endures.quantiles.1.share", "80%", "edges.up=300kbit/s; habits.endures={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.endures.quantiles.1.time", "5s", "edges.up=300kbit/s; habits.endures={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.pause.law", "lognormal", "edges.up=300kbit/s; habits={retries: 80%, endures: {law: constant, scale: 1s}}; habits.pause={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.pause.shape", "2", "edges.up=300kbit/s; habits={retries: 80%, endures: {law: constant, scale: 1s}}; habits.pause={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.pause.scale", "500ms", "edges.up=300kbit/s; habits={retries: 80%, endures: {law: constant, scale: 1s}}; habits.pause={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.pause.quantiles.1.share", "80%", "edges.up=300kbit/s; habits={retries: 80%, endures: {law: constant, scale: 1s}}; habits.pause={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.pause.quantiles.1.time", "5s", "edges.up=300kbit/s; habits={retries: 80%, endures: {law: constant, scale: 1s}}; habits.pause={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.seeks.law", "lognormal", onDemand + "; habits.seeks={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.seeks.shape", "2", onDemand + "; habits.seeks={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.seeks.scale", "500ms", onDemand + "; habits.seeks={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.seeks.quantiles.1.share", "80%", onDemand + "; habits.seeks={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.seeks.quantiles.1.time", "5s", onDemand + "; habits.seeks={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.zaps.law", "lognormal", onDemand + "; habits.zaps={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.zaps.shape", "2", onDemand + "; habits.zaps={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.zaps.scale", "500ms", onDemand + "; habits.zaps={law: weibull, shape: 0.6, scale: 2s}"},
	{"habits.zaps.quantiles.1.share", "80%", onDemand + "; habits.zaps={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.zaps.quantiles.1.time", "5s", onDemand + "; habits.zaps={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"habits.retries", "90%", "edges.up=300kbit/s; habits={retries: 30%, endures: {law: constant, scale: 1s}, pause: {law: constant, scale: 1s}}"},
}
