package postgres

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// cursor says after which row the next page begins. It is opaque so that nobody
// builds one; the name of the list keeps cursors of other lists out.
func cursor(list, order, tie string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + " " + order + " " + tie))
}

// readCursor returns what the cursor was made of, or start when there is none.
func readCursor(list, given, start string) (order, tie string, err error) {
	if given == "" {
		return start, "", nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(given)
	if err != nil {
		return "", "", errCursor
	}
	parts := strings.Split(string(raw), " ")
	if len(parts) != 3 || parts[0] != list || !fits(list, parts[1], parts[2]) {
		return "", "", errCursor
	}
	return parts[1], parts[2], nil
}

// fits keeps what PostgreSQL could not read out of its statements.
func fits(list, order, tie string) bool {
	if !printable(tie) {
		return false
	}
	if list == "envelopes" || list == "applications" || list == "journeys" {
		at, err := time.Parse(time.RFC3339Nano, order)
		return err == nil && at.Year() > 0
	}
	if list == "requests" {
		return order == "0"
	}
	_, errOrder := strconv.ParseUint(order, 10, 63)
	_, errTie := strconv.ParseUint(tie, 10, 63)
	return errOrder == nil && errTie == nil
}

// printable tells whether text is printable ASCII: PostgreSQL cannot compare everything else.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '!' || r > '~' })
}
