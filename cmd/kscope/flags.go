package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// inWords says of the value of a flag that cannot be read what it is not and what is
// allowed, where what reads it says so in the words of Go's library.
func inWords(err error) error {
	cause := errors.Unwrap(err)
	if cause == nil {
		return err
	}
	before, ok := strings.CutSuffix(err.Error(), cause.Error())
	var number *strconv.NumError
	switch {
	case !ok:
		return err
	case strings.HasPrefix(cause.Error(), "time: "):
		return errors.New(before + "this is no time: write one with its unit, such as 500ms, 42s or 1m30s")
	case !errors.As(cause, &number):
		return err
	}
	what := map[string]string{"ParseInt": "a whole number, such as 17", "ParseUint": "a whole number from 0 on, such as 17",
		"ParseFloat": "a number, such as 0.05", "ParseBool": "true or false"}[number.Func]
	if errors.Is(number, strconv.ErrRange) {
		return fmt.Errorf("%sthis is out of range: allowed is %s", before, what)
	}
	return fmt.Errorf("%sallowed is %s", before, what)
}
