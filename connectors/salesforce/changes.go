package salesforce

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/hamba/avro/v2"
)

// changeHeader is the part of a change event that says what happened. The values of
// the record that come with it are not read: the record is.
type changeHeader struct {
	Entity    string   `avro:"entityName"`
	Records   []string `avro:"recordIds"`
	Change    string   `avro:"changeType"`
	Origin    string   `avro:"changeOrigin"`
	Key       string   `avro:"transactionKey"`
	Sequence  int      `avro:"sequenceNumber"`
	Committed int64    `avro:"commitTimestamp"`
	Changed   []string `avro:"changedFields"`
}

// readChange reads the header of a change event.
func readChange(schema avro.Schema, payload []byte) (changeHeader, error) {
	var event struct {
		Header changeHeader `avro:"ChangeEventHeader"`
	}
	if err := avro.Unmarshal(schema, payload, &event); err != nil {
		return changeHeader{}, fmt.Errorf("read a change event: %w", err)
	}
	return event.Header, nil
}

// changed names the fields that a change event marks. Each entry is a bitmap over the
// fields of the schema, or "12-0x03": one over those inside the twelfth.
func changed(schema avro.Schema, bitmaps []string) ([]string, error) {
	record, ok := schema.(*avro.RecordSchema)
	if !ok {
		return nil, fmt.Errorf("a change event that is a %s", schema.Type())
	}
	names := []string{}
	for _, entry := range bitmaps {
		fields, prefix := record.Fields(), ""
		if at, inner, nested := strings.Cut(entry, "-"); nested {
			i, err := strconv.Atoi(at)
			if err != nil || i < 0 || i >= len(fields) {
				return nil, fmt.Errorf("a bitmap of a field that is not there")
			}
			prefix = fields[i].Name() + "."
			if fields = inside(fields[i].Type()); fields == nil {
				return nil, fmt.Errorf("a bitmap inside a plain field")
			}
			entry = inner
		}
		bits, err := bitmap(entry)
		if err != nil {
			return nil, err
		}
		for _, i := range bits {
			if i < len(fields) { // the schema may be older than the event
				names = append(names, prefix+fields[i].Name())
			}
		}
	}
	return names, nil
}

// inside are the fields of a compound field.
func inside(schema avro.Schema) []*avro.Field {
	if union, ok := schema.(*avro.UnionSchema); ok {
		for _, option := range union.Types() {
			if fields := inside(option); fields != nil {
				return fields
			}
		}
	}
	if ref, ok := schema.(*avro.RefSchema); ok {
		return inside(ref.Schema())
	}
	if record, ok := schema.(*avro.RecordSchema); ok {
		return record.Fields()
	}
	return nil
}

// maxBitmap bounds a bitmap, in digits: an object has at most 800 fields.
const maxBitmap = 512

// bitmap lists which bits are set in a number such as 0x4A, the lowest first.
func bitmap(text string) ([]int, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) > maxBitmap {
		return nil, fmt.Errorf("a bitmap that is none")
	}
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	bytes, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("a bitmap that is none")
	}
	var set []int
	for i := range bytes {
		for bit := range 8 {
			if bytes[len(bytes)-1-i]&(1<<bit) != 0 {
				set = append(set, 8*i+bit)
			}
		}
	}
	return set, nil
}
