// Package reports shows a result.Set to people and machines: a summary for the
// terminal that leads with the verdict, plots with the data they are drawn
// from, one self-contained page, and JSON.
//
// What it leaves out: judging and averaging (package result does both) and
// anything about how a run is made. It reads results only.
//
// To add a plot, write one function and one row in plots.
package reports
