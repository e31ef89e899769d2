package pades

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"chancery/pades/cms"
	"chancery/pades/update"
)

// Step is what one signature does to a document: an Act, or a SealSpec.
type Step interface {
	// into writes the step, with room for a container, and gives the plan as it is
	// then, but for its state.
	into(u *update.Update, plan Plan, room int, at time.Time) (Plan, error)
}

// Pending is a signature that is prepared and not made: Increment ends the file
// but for a hole of zeros, and Digest, over everything but the hole, is what the
// container must sign. It may wait, as JSON, for a key that lives elsewhere.
type Pending struct {
	Closed update.Closed
	Plan   Plan // as it will be once finished
}

// Digest is the SHA-256 digest that the container signs as its message-digest.
func (p Pending) Digest() []byte { return p.Closed.Digest }

// Attributes are the signed attributes for this certificate: a service that holds
// the key signs their SHA-256 hash, and cms.Assemble makes the container of them.
func (p Pending) Attributes(certificate *x509.Certificate) []byte {
	return cms.Attributes(p.Closed.Digest, certificate)
}

// MarshalBinary writes what is pending for storage.
func (p Pending) MarshalBinary() ([]byte, error) {
	type plain Pending // without this method
	return json.Marshal(plain(p))
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (p *Pending) UnmarshalBinary(data []byte) error {
	type plain Pending
	if err := json.Unmarshal(data, (*plain)(p)); err != nil {
		return fmt.Errorf("read pending signature: %w", err)
	}
	return p.Plan.known()
}

// Next prepares a step. It reads nothing of the document and does nothing but
// compute, so it costs what it appends. Room is for the container, in bytes:
// cms.Room tells what a certificate and its chain need.
func Next(plan Plan, step Step, room int, at time.Time) (Pending, error) {
	u := update.New(plan.State)
	after, err := step.into(u, plan, room, at)
	if err != nil {
		return Pending{}, err
	}
	return pending(u, after)
}

func pending(u *update.Update, after Plan) (Pending, error) {
	closed, err := u.Close()
	if err != nil {
		return Pending{}, err
	}
	return Pending{Closed: *closed, Plan: after}, nil
}

// Finish puts the container, in DER, into the hole. It gives the bytes to append
// to the file that the pending step was made for, and the plan for the next one.
func Finish(p Pending, container []byte) ([]byte, Plan, error) {
	increment, state, err := p.Closed.Splice(container)
	if err != nil {
		return nil, Plan{}, err
	}
	p.Plan.State = state
	return increment, p.Plan, nil
}

// tokenRoom is left for a timestamp token, in bytes: an authority with a chain of
// three RSA certificates needs about 6 KB.
const tokenRoom = 7 << 10

// sign prepares, signs and finishes. A container larger than expected, because an
// authority sent more certificates than most, gets twice its size the next time.
func (h Holder) sign(ctx context.Context, level Level, prepare func(room int) (Pending, error)) ([]byte, Plan, error) {
	stamped := reaches(level, LevelT)
	if stamped && h.Timestamper == nil {
		return nil, Plan{}, fmt.Errorf("sign at level %s: the holder has no timestamper", level)
	}
	token := 0
	if stamped {
		token = tokenRoom
	}
	room, err := cms.Room(h.Certificate, h.Chain, token)
	if err != nil {
		return nil, Plan{}, err
	}
	return filled(room, prepare, func(digest []byte) ([]byte, error) {
		container, err := cms.Sign(digest, h.Certificate, h.Chain, h.Signer)
		if err != nil || !stamped {
			return container, err
		}
		return stamp(ctx, container, h.Timestamper)
	})
}

// filled makes the container for what is prepared, and prepares it once more with
// more room when it does not fit.
func filled(room int, prepare func(room int) (Pending, error), make func(digest []byte) ([]byte, error)) ([]byte, Plan, error) {
	for try := 0; ; try++ {
		p, err := prepare(room)
		if err != nil {
			return nil, Plan{}, err
		}
		container, err := make(p.Digest())
		if err != nil {
			return nil, Plan{}, fmt.Errorf("sign revision: %w", err)
		}
		if len(container) <= room || try > 0 {
			return Finish(p, container)
		}
		room = 2 * len(container)
	}
}

// stamp adds the timestamp over the signature value.
func stamp(ctx context.Context, container []byte, by Timestamper) ([]byte, error) {
	value, err := cms.SignatureValue(container)
	if err != nil {
		return nil, err
	}
	token, err := by.Timestamp(ctx, sum(value))
	if err != nil {
		return nil, fmt.Errorf("timestamp signature: %w", err)
	}
	return cms.AddTimestamp(container, token)
}
