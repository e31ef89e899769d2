package salesforce_test

import (
	"slices"
	"testing"

	"github.com/hamba/avro/v2"

	"chancery/connectors/salesforce"
)

const changeSchema = `{"type":"record","name":"X","fields":[{"name":"ChangeEventHeader","type":"string"},{"name":"A","type":["null","string"]},
	{"name":"B","type":["null",{"type":"record","name":"Parts","fields":[{"name":"C","type":["null","string"]},{"name":"D","type":["null","string"]}]}]},{"name":"E","type":["null","Parts"]}]}`

func TestABitmapNamesFields(t *testing.T) {
	schema := avro.MustParse(changeSchema)
	for _, tt := range []struct {
		bitmaps []string
		want    []string
	}{
		{[]string{"0x02"}, []string{"A"}},
		{[]string{"0x6", "2-0x03", "3-0x2"}, []string{"A", "B", "B.C", "B.D", "E.D"}},
		{[]string{"0xFF0000000002"}, []string{"A"}}, // of a schema with more fields
		{[]string{}, []string{}},
	} {
		if got, err := salesforce.Changed(schema, tt.bitmaps); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, %v", tt.bitmaps, got, err)
		}
	}
	for _, bad := range []string{"", "02", "0xG", "9-0x01", "1-0x01", "-1-0x01", "x-0x01", "2-"} {
		if got, err := salesforce.Changed(schema, []string{bad}); err == nil {
			t.Errorf("%q gives %v", bad, got)
		}
	}
}

func FuzzBitmap(f *testing.F) {
	f.Add("0x4A")
	f.Add("2-0x03")
	schema := avro.MustParse(changeSchema)
	f.Fuzz(func(t *testing.T, text string) {
		bits, err := salesforce.Bitmap(text)
		if err == nil && !slices.IsSorted(bits) {
			t.Errorf("%q gives %v", text, bits)
		}
		names, err := salesforce.Changed(schema, []string{text})
		if err == nil && len(names) > 4 {
			t.Errorf("%q gives %v", text, names)
		}
	})
}
