package salesforcetest

import (
	"fmt"
	"strings"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID makes the id of record number n of an object: its prefix, the instance, a
// reserved digit, the number, and the checksum.
func newID(prefix string, n int) string {
	var digits [9]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[n%62]
		n /= 62
	}
	return id18(prefix + "Kz0" + string(digits[:]))
}

// id18 adds to an id of 15 characters the three that say which of them are capitals,
// so that it survives where case does not.
func id18(id string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	for block := 0; block < 15; block += 5 {
		sum := 0
		for i := range 5 {
			if c := id[block+i]; c >= 'A' && c <= 'Z' {
				sum |= 1 << i
			}
		}
		id += string(digits[sum])
	}
	return id
}

// wholeID returns the 18 characters of an id of 15 or 18; ok tells whether it is one.
func wholeID(id string) (whole string, ok bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for _, c := range id {
		if !strings.ContainsRune(base62, c) {
			return "", false
		}
	}
	whole = id18(id[:15])
	return whole, len(id) == 15 || strings.EqualFold(whole, id)
}

// uuid makes the nth of a row of UUIDs.
func uuid(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }
