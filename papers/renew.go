package papers

import (
	"context"
	"time"

	"chancery/envelope"
	"chancery/problem"
)

// Lasting tells whether the proofs in the envelope's documents are kept up.
func (p *Papers) Lasting(envelope.Envelope) bool { return false }

// Renew refuses: documents of level B-B hold no proofs that age.
func (p *Papers) Renew(_ context.Context, e envelope.Envelope, documentID string, _ time.Time) (envelope.Revision, error) {
	return envelope.Revision{}, problem.Conflict("document_without_proofs", "This document holds no proofs that could be renewed.")
}
