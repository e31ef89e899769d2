package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"

	"chancery/envelope"
)

// freeze makes the bytes that go out for an event: now, and the same at every
// attempt, whatever becomes of the envelope.
func freeze(e envelope.Envelope, event envelope.Event) ([]byte, error) {
	var out bytes.Buffer
	plain := json.NewEncoder(&out)
	plain.SetEscapeHTML(false)
	if err := plain.Encode(e.Tell(event)); err != nil {
		return nil, fmt.Errorf("freeze event %s: %w", event.ID, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
