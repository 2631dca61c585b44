package result

import (
	"errors"
	"math"
	"strings"
)

// NewValues makes the Values of a Run in which no metric applies yet.
func NewValues() []float64 {
	v := make([]float64, len(Metrics))
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// MetricByName finds a metric by its name.
func MetricByName(name string) (MetricID, bool) {
	for i := range Metrics {
		if Metrics[i].Name == name {
			return MetricID(i), true
		}
	}
	return 0, false
}

// FindMetric is MetricByName with an error that says which there are.
func FindMetric(name string) (MetricID, error) {
	id, ok := MetricByName(name)
	if !ok {
		return 0, errors.New(unknown("metric", name, metricNames()))
	}
	return id, nil
}

// BenchUnit is the unit as results.txt writes it, unique to the metric:
// startup-p50-sec, rebuffer-ratio, switches/min.
func (m *Metric) BenchUnit() string {
	if m.Unit[0] == '/' {
		return m.Name + m.Unit
	}
	return strings.TrimSuffix(m.Name, "-"+m.Unit) + "-" + m.Unit
}
