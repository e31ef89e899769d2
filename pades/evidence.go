package pades

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"time"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/trust"
	"chancery/pades/tsp"
)

// Gather collects what proves the signatures and timestamps of a file, for Close
// or Renew: certificates, and fresh revocation data from source. All chains must
// lead to roots. The problem revocation_unavailable means that it may work later.
func Gather(ctx context.Context, file io.ReaderAt, size int64, roots []*x509.Certificate, source trust.Source) (trust.Evidence, error) {
	f, err := pdf.Open(file, size)
	if err != nil {
		return trust.Evidence{}, err
	}
	signed, err := signatureFields(f)
	if err != nil {
		return trust.Evidence{}, err
	}
	g := gathering{roots: roots}
	for _, field := range signed {
		if err := g.signature(f, field); err != nil {
			return trust.Evidence{}, fmt.Errorf("gather evidence for %s: %w", field.name, err)
		}
	}
	return trust.Gather(ctx, g.chains, source)
}

type gathering struct {
	roots  []*x509.Certificate
	chains [][]*x509.Certificate
}

func (g *gathering) signature(f *pdf.File, field signedField) error {
	d, err := f.Dict(field.value)
	if err != nil {
		return err
	}
	contents, _ := d["Contents"].(pdf.String)
	if d["SubFilter"] == pdf.Name("ETSI.RFC3161") {
		_, err := g.token(contents)
		return err
	}
	container, err := cms.Parse(contents)
	if err != nil {
		return err
	}
	if len(container.Timestamps) == 0 {
		return fmt.Errorf("the signature has no timestamp to be judged by")
	}
	at, err := g.token(container.Timestamps[0])
	if err != nil {
		return err
	}
	return g.path(container.Signer, container.Certificates, at)
}

// token gathers for the authority of a timestamp and gives its time.
func (g *gathering) token(der []byte) (time.Time, error) {
	token, err := tsp.Parse(der)
	if err != nil {
		return time.Time{}, err
	}
	return token.Time, g.path(token.Certificate, token.Certificates, token.Time)
}

func (g *gathering) path(certificate *x509.Certificate, others []*x509.Certificate, at time.Time) error {
	chain, err := trust.Path(certificate, others, g.roots, at)
	if err == nil {
		g.chains = append(g.chains, chain)
	}
	return err
}
