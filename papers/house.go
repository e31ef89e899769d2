package papers

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"sync"
	"time"

	"chancery/envelope"
	"chancery/pades"
	"chancery/pades/trust"
	"chancery/pades/tsp"
	"chancery/pki"
	"chancery/problem"
)

// House is what documents of one kind of team are signed with.
type House struct {
	Authority *pki.Authority
	// Timestamper and Vouched, the roots it leads to, are somebody else's; nil is
	// the authority's own.
	Timestamper pades.Timestamper
	Vouched     []*x509.Certificate
	// Web is asked about certificates that the authority did not issue; may be nil.
	Web trust.Source

	once sync.Once
	own  *ownTimestamps
}

// roots are whom a document of this house leads to.
func (h *House) roots() []*x509.Certificate {
	return append(h.Authority.Roots(), h.Vouched...)
}

func (h *House) timestamper() pades.Timestamper {
	if h.Timestamper != nil {
		return h.Timestamper
	}
	h.once.Do(func() { h.own = &ownTimestamps{authority: h.Authority} })
	return h.own
}

func (h *House) holder(of pki.Holder) pades.Holder {
	return pades.Holder{Certificate: of.Certificate, Chain: of.Chain, Signer: of.Signer, Timestamper: h.timestamper()}
}

// Revocation asks the authority about its own certificates, and the web about others.
func (h *House) Revocation(ctx context.Context, certificate, issuer *x509.Certificate) (crl, ocsp []byte, err error) {
	crl, ocsp, err = h.Authority.Revocation(ctx, certificate, issuer)
	if err != nil || crl != nil || ocsp != nil || h.Web == nil {
		return crl, ocsp, err
	}
	return h.Web.Revocation(ctx, certificate, issuer)
}

// policy of our own timestamps: an arc made of a random number (ITU-T X.667), for
// a policy that says no more than that the clock is the machine's. Readers take
// numbers of 31 bits at most.
var policy = asn1.ObjectIdentifier{2, 25, 1807465193}

// ownTimestamps stamps with the authority's certificate of the day, which changes
// when it is renewed.
type ownTimestamps struct {
	authority *pki.Authority

	mu   sync.Mutex
	with *x509.Certificate
	made *tsp.Authority
}

func (o *ownTimestamps) Timestamp(ctx context.Context, digest []byte) ([]byte, error) {
	authority, err := o.current()
	if err != nil {
		return nil, err
	}
	return authority.Timestamp(ctx, digest)
}

func (o *ownTimestamps) current() (*tsp.Authority, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.authority.TSA()
	if err := h.Ready(time.Now()); err != nil {
		return nil, problem.Away(envelope.TimestampAway, "The hub's own time-stamping certificate ends too soon.").Because(err)
	}
	if o.made != nil && o.with == h.Certificate {
		return o.made, nil
	}
	made, err := tsp.NewAuthority(tsp.AuthorityOptions{Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: policy, Now: time.Now})
	if err != nil {
		return nil, err
	}
	o.made, o.with = made, h.Certificate
	return made, nil
}
