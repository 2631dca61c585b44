package result

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// schema is the columns of a table as Parquet has them, behind variant and
// seed: text, whole numbers, and doubles that are null where there is no value.
// Times are seconds.
func (t *table[T]) schema() *parquet.Schema {
	var fields []reflect.StructField
	add := func(name string, of any, tag string) {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", len(fields)), Type: reflect.TypeOf(of),
			Tag: reflect.StructTag(fmt.Sprintf(`parquet:"%s%s"`, name, tag))})
	}
	add("variant", "", ",dict")
	add("seed", uint64(0), "")
	for _, c := range t.columns {
		switch c.field(new(T)).(type) {
		case *string:
			add(c.name, "", ",dict")
		case *int, *int64:
			add(c.name, int64(0), "")
		case *uint64:
			add(c.name, uint64(0), "")
		case *float64, *time.Duration:
			add(c.name, float64(0), ",optional")
		}
	}
	return parquet.NewSchema(t.name, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

// batch is how many rows are handed over at once.
const batch = 512

func (t *table[T]) write(w io.Writer, s *Set) error {
	file := parquet.NewWriter(w, t.schema(), parquet.Compression(&zstd.Codec{}))
	rows, n := make([]parquet.Row, batch), 0 // the first n wait
	for _, r := range s.Runs {
		list := t.rows(r)
		for i := range list {
			row := append(rows[n][:0], parquet.ValueOf(r.Variant).Level(0, 0, 0), parquet.ValueOf(r.Seed).Level(0, 0, 1))
			for k, c := range t.columns {
				row = append(row, valueOf(c.field(&list[i]), k+2))
			}
			if rows[n], n = row, n+1; n == batch {
				if _, err := file.WriteRows(rows); err != nil {
					return err
				}
				n = 0
			}
		}
	}
	if _, err := file.WriteRows(rows[:n]); err != nil {
		return err
	}
	return file.Close()
}

// valueOf is what p points at, in its column.
func valueOf(p any, column int) parquet.Value {
	switch p := p.(type) {
	case *string:
		return parquet.ValueOf(*p).Level(0, 0, column)
	case *int:
		return parquet.Int64Value(int64(*p)).Level(0, 0, column)
	case *int64:
		return parquet.Int64Value(*p).Level(0, 0, column)
	case *uint64:
		return parquet.Int64Value(int64(*p)).Level(0, 0, column)
	case *float64:
		if !math.IsNaN(*p) {
			return parquet.DoubleValue(*p).Level(0, 1, column)
		}
	case *time.Duration:
		if *p >= 0 {
			return parquet.DoubleValue(p.Seconds()).Level(0, 1, column)
		}
	default:
		panic(fmt.Sprintf("result: a column of %T", p))
	}
	return parquet.NullValue().Level(0, 0, column)
}

func (t *table[T]) read(f io.ReaderAt, size int64, runs *roll) (err error) {
	defer func() { // what is no Parquet may lead the library anywhere
		if p := recover(); p != nil {
			err = fmt.Errorf("not the Parquet of a run: %v", p)
		}
	}()
	file, err := parquet.OpenFile(f, size)
	if err != nil {
		return err
	}
	places, err := t.places(file.Schema())
	if err != nil {
		return err
	}
	lists := map[*Run][]T{}
	if err := eachRow(file, func(row parquet.Row) error {
		r, err := runs.of(row[places[0]].String(), row[places[1]].Uint64())
		if err != nil {
			return err
		}
		var value T
		for k, c := range t.columns {
			take(c.field(&value), row[places[k+2]])
		}
		lists[r] = append(lists[r], value)
		return nil
	}); err != nil {
		return err
	}
	for _, r := range runs.runs {
		if len(lists[r]) > 0 {
			t.keep(r, lists[r])
		}
	}
	return nil
}

// places is where a file has the columns of a table, variant and seed before
// them. What it has beyond is left alone.
func (t *table[T]) places(of *parquet.Schema) ([]int, error) {
	var places []int
	for _, path := range t.schema().Columns() {
		name := path[0]
		want, _ := t.schema().Lookup(name)
		got, ok := of.Lookup(name)
		if !ok || got.Node.Type().Kind() != want.Node.Type().Kind() || got.Node.Repeated() {
			return nil, fmt.Errorf("no column %s of %v: another version of kscope wrote it, so play the scenario again", name, want.Node.Type())
		}
		places = append(places, got.ColumnIndex)
	}
	return places, nil
}

// eachRow hands over the rows of a file in their order.
func eachRow(file *parquet.File, do func(parquet.Row) error) error {
	width := len(file.Schema().Columns())
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		defer rows.Close()
		buf := make([]parquet.Row, batch)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				if len(row) != width {
					return fmt.Errorf("a row of %d values for %d columns", len(row), width)
				}
				if err := do(row); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// take puts a value where p points at. The file has it as schema says.
func take(p any, v parquet.Value) {
	switch p := p.(type) {
	case *string:
		*p = string(v.ByteArray())
	case *int:
		*p = int(v.Int64())
	case *int64:
		*p = v.Int64()
	case *uint64:
		*p = v.Uint64()
	case *float64:
		if *p = v.Double(); v.IsNull() {
			*p = math.NaN()
		}
	case *time.Duration:
		if *p = time.Duration(math.Round(v.Double() * 1e9)); v.IsNull() {
			*p = -1
		}
	}
}
