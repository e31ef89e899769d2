package verify_test

import (
	"bytes"
	"fmt"

	"chancery/pades/pdf"
)

// An attack changes a signed file; nil means that this file has nothing to attack
// there.
type attack func(g *forger) []byte

func script(s string) pdf.Dict {
	return pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String(s)}
}

// set makes one entry what it shall be; nil takes it away.
func set(key pdf.Name, value pdf.Object) func(pdf.Dict) {
	return func(d pdf.Dict) {
		if d[key] = value; value == nil {
			delete(d, key)
		}
	}
}

// where finds the last definition of an object by its text; attackers may.
func where(file []byte, num int) int {
	return bytes.LastIndex(file, fmt.Appendf(nil, "\n%d 0 obj", num)) + 1
}
