package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Limits of one question over HTTP.
const (
	webTimeout  = 15 * time.Second // for one address
	maxPlaces   = 3                // addresses of one kind that are tried
	maxIssuer   = 256 << 10        // bytes of a published issuer
	maxAhead    = 5 * time.Minute  // how far another clock may be before ours
	maxComplete = 6                // issuers that are fetched for one chain
)

// Web asks where certificates themselves say: OCSP responders, CRL distribution
// points and the places of issuers (RFC 5280, 4.2.1.13 and 4.2.2.1). It is the
// Source for certificates that others issued, and safe for concurrent use.
type Web struct {
	client *http.Client
	now    func() time.Time
	kept   shelf
}

// NewWeb takes the caller's HTTP client. Certificates name the addresses, so where
// certificates come from outside the client must refuse addresses inside.
func NewWeb(client *http.Client, now func() time.Time) (*Web, error) {
	if client == nil || now == nil {
		return nil, fmt.Errorf("open source of revocation data: it needs an HTTP client and a clock")
	}
	return &Web{client: client, now: now, kept: shelf{items: map[string]item{}}}, nil
}

// Revocation asks the OCSP responders first, and takes a CRL when none answers.
// An answer should be newer than the signature it is about, so only CRLs, which are
// large and come out rarely, are kept for a while.
func (w *Web) Revocation(ctx context.Context, cert, issuer *x509.Certificate) (crl, response []byte, err error) {
	var causes []error
	for _, place := range places(cert.OCSPServer) {
		response, err := w.askOCSP(ctx, place, cert, issuer)
		if err == nil {
			return nil, response, nil
		}
		causes = append(causes, fmt.Errorf("ask %s: %w", place, err))
	}
	for _, place := range places(cert.CRLDistributionPoints) {
		crl, err := w.fetchCRL(ctx, place, issuer)
		if err == nil {
			return crl, nil, nil
		}
		causes = append(causes, fmt.Errorf("fetch %s: %w", place, err))
	}
	if len(causes) == 0 {
		causes = append(causes, fmt.Errorf("it names no place to ask"))
	}
	return nil, nil, fmt.Errorf("find revocation data of %q: %w", cert.Subject.CommonName, errors.Join(causes...))
}

// places are the addresses that HTTP can reach, the first few.
func places(addresses []string) []string {
	var list []string
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(list) < maxPlaces {
			list = append(list, a)
		}
	}
	return list
}

func (w *Web) askOCSP(ctx context.Context, place string, cert, issuer *x509.Certificate) ([]byte, error) {
	question, err := ocsp.CreateRequest(cert, issuer, nil) // SHA-1 names the issuer: every responder knows it
	if err != nil {
		return nil, fmt.Errorf("make OCSP request: %w", err)
	}
	der, err := w.exchange(ctx, http.MethodPost, place, question, maxOCSP)
	if err != nil {
		return nil, err
	}
	answer, err := ocsp.ParseResponseForCert(der, cert, nil)
	if err != nil {
		return nil, fmt.Errorf("read OCSP response: %w", err)
	}
	if answer.Status == ocsp.Unknown || !names(answer, cert, issuer) {
		return nil, fmt.Errorf("the responder does not know the certificate")
	}
	if err := w.inForce(answer.ThisUpdate, answer.NextUpdate); err != nil {
		return nil, err
	}
	return der, nil
}

func (w *Web) fetchCRL(ctx context.Context, place string, issuer *x509.Certificate) ([]byte, error) {
	if der, ok := w.kept.get(place, w.now()); ok {
		return der, nil
	}
	data, err := w.exchange(ctx, http.MethodGet, place, nil, maxCRL)
	if err != nil {
		return nil, err
	}
	der := unarmoured(data)
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("read CRL: %w", err)
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("check CRL: %w", err)
	}
	if err := w.inForce(crl.ThisUpdate, crl.NextUpdate); err != nil {
		return nil, err
	}
	w.kept.put(place, der, w.now(), crl.NextUpdate)
	return der, nil
}

// inForce refuses what was replaced already, or comes from a clock ahead of ours.
func (w *Web) inForce(issued, next time.Time) error {
	now := w.now()
	if issued.After(now.Add(maxAhead)) || !next.IsZero() && now.After(next) {
		return fmt.Errorf("the answer is in force from %s to %s only", issued.Format(time.RFC3339), next.Format(time.RFC3339))
	}
	return nil
}

func (w *Web) exchange(ctx context.Context, method, place string, body []byte, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, webTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, place, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/ocsp-request")
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("send request: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // nothing to do about it
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("an answer of more than %d bytes", most)
	}
	return data, nil
}
