package scenarios

// badMoney is a bad value for each key of who may watch, and of hubs.
var badMoney = []struct{ key, source, want string }{
	{"payment.licence", "payment: {licence: maybe}", "found maybe where keys are due: write key: value, allowed are period, held, proof, ttl, read, revoked, after"},
	{"payment.licence.period", "payment: {licence: {period: 1500ms}}", "1.5s is negative or not in whole seconds"},
	{"payment.licence.held", "payment: {licence: {held: 3s}}", "3s is neither true nor false"},
	{"payment.licence.proof", "payment: {licence: {proof: oath}}", "oath is unknown: allowed are read, light, capability"},
	{"payment.licence.proof", "payment: {method: central, licence: {period: 9s, proof: light}}", "light: a platform has neither a chain nor signs rights, edges ask it: write read"},
	{"payment.licence.ttl", "payment: {licence: {ttl: 25h}}", "25h0m0s is not between 0s and 24h"},
	{"payment.licence.ttl", "payment: {licence: {period: 9s, proof: capability, ttl: 0s}}", "a capability that ends 0s after it is signed is of no use: write 1s or more"},
	{"payment.licence.read", "payment: {licence: {read: 2s}}", "2s is not between 0s and 500ms, after which viewers turn away"},
	{"payment.licence.read", "payment: {method: central, licence: {period: 9s, read: 50ms}}", "50ms: the central method has no chain's node; the platform answers after the way there and back: write 0s"},
	{"payment.licence.revoked", "payment: {licence: {revoked: 130%}}", "130% is above 100%: a ratio lies between 0% and 100%"},
	{"payment.licence.after", "payment: {licence: {after: -1s}}", "-1s is not between 0s and 24h"},
	{"payment.hub", "payment: {hub: many}", "found many where keys are due: write key: value, allowed are hops, count, regions, fee, fixed, capacity, redeem"},
	{"payment.hub.hops", "payment: {hub: {hops: 77}}", "77 is not between 1 and 5"},
	{"payment.hub.count", "payment: {hub: {count: 0}}", "0 is not between 1 and 100"},
	{"payment.hub.regions", "payment: {hub: {regions: []}}", "hubs stand somewhere: name at least one region"},
	{"payment.hub.regions", "payment: {method: hub, hub: {regions: [atlantis]}}", "there is no region"},
	{"payment.hub.fee", "payment: {hub: {fee: 0.123%}}", "0.123% is not a whole number of hundredths of a percent up to 10%"},
	{"payment.hub.fee", "payment: {hub: {fee: 11%}}", "11% is not a whole number of hundredths of a percent up to 10%"},
	{"payment.hub.fixed", "payment: {hub: {fixed: 1ETH}}", "1ETH is above 0.001ETH"},
	{"payment.hub.capacity", "payment: {hub: {capacity: -1ETH}}", "-1ETH"},
	{"payment.hub.redeem", "payment: {hub: {redeem: 130%}}", "130% is above 100%"},
}
