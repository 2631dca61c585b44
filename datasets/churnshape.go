package datasets

// churnQuantities are what a history tells.
func (s *Set) churnQuantities() []Quantity {
	up, down := Quantity{Name: "up", Unit: "s"}, Quantity{Name: "down", Unit: "s"}
	h := s.Churn
	for _, i := range h.Intervals {
		q := &down
		if i.Up {
			q = &up
		}
		q.Values = append(q.Values, float64(i.To-i.From)/1e9)
	}
	nodes, opened, closed := Quantity{Name: "nodes", Unit: "1"}, Quantity{Name: "opened, of those open", Unit: "share"}, Quantity{Name: "closed, of those open", Unit: "share"}
	for _, c := range h.Counts {
		nodes.Values = append(nodes.Values, float64(c.N))
	}
	for _, w := range h.Windows {
		nodes.Values = append(nodes.Values, float64(w.Open))
		opened.Values = append(opened.Values, float64(w.Opened)/float64(w.Open))
		closed.Values = append(closed.Values, float64(w.Closed)/float64(w.Open))
	}
	all := []Quantity{up, down, nodes, opened, closed}
	at := map[string]int{}
	for _, v := range h.Survivals {
		name := "stay " + v.After.String()
		i, ok := at[name]
		if !ok {
			i = len(all)
			at[name] = i
			all = append(all, Quantity{Name: name, Unit: "share"})
		}
		all[i].Values = append(all[i].Values, float64(v.Share))
	}
	return all
}

// countCurve is a number over time, in days since its beginning.
func countCurve(what string, counts []Count) []Curve {
	if len(counts) < 2 {
		return nil
	}
	c := Curve{X: "days", Y: what}
	for _, k := range counts {
		c.Xs, c.Ys = append(c.Xs, float64(k.At-counts[0].At)/(86400*1e9)), append(c.Ys, float64(k.N))
	}
	return []Curve{c}
}

// churnCurves are numbers of nodes over time.
func (s *Set) churnCurves() []Curve {
	counts := s.Churn.Counts
	for _, w := range s.Churn.Windows {
		counts = append(counts, Count{w.To, w.Open})
	}
	return countCurve("nodes", counts)
}
