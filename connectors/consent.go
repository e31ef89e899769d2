package connectors

import (
	"context"
	"net/http"
)

// Consent is how somebody lets the hub into a system by saying yes in a browser
// (RFC 6749 §4.1, with the proof of RFC 7636).
type Consent struct {
	// Ask is the address where they say yes. Back is where they return, with the state.
	Ask func(settings map[string]string, back, state, challenge string) (address string, err error)
	// Take makes settings of the code with which they came back.
	Take func(ctx context.Context, client *http.Client, settings map[string]string, back, code, verifier string) (map[string]string, error)
}
