package pki

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

// heeded is how old the register may be that a request is answered from.
const heeded = 5 * time.Second

// desk is an authority that reads its register now and then, not for every request.
type desk struct {
	*Authority
	reading sync.Mutex
	read    time.Time
}

func (d *desk) upToDate(ctx context.Context) error {
	d.reading.Lock()
	defer d.reading.Unlock()
	now := d.options.Now()
	if now.Sub(d.read) < heeded {
		return nil
	}
	if err := d.Heed(ctx); err != nil {
		return err
	}
	d.read = now
	return nil
}

const (
	ocspQueryType = "application/ocsp-request"
	ocspReplyType = "application/ocsp-response"
)

func (s *station) posted(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != ocspQueryType {
		http.Error(w, "Send a request of type "+ocspQueryType+".", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		http.Error(w, "The request is too large or was cut off.", http.StatusRequestEntityTooLarge)
		return
	}
	reply, _ := s.answer(r.Context(), body)
	give(w, ocspReplyType, 0, reply)
}

// gotten answers a request in the path: base64, then percent signs (RFC 6960, A.1).
func (s *station) gotten(w http.ResponseWriter, r *http.Request, escaped string) {
	if len(escaped) > 2*maxQuery {
		http.Error(w, "The request is too large.", http.StatusRequestURITooLong)
		return
	}
	var der []byte
	text, err := url.PathUnescape(escaped)
	if err == nil {
		der, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil {
		give(w, ocspReplyType, 0, ocsp.MalformedRequestErrorResponse)
		return
	}
	reply, lasting := s.answer(r.Context(), der)
	keep := time.Duration(0)
	if lasting {
		keep = ocspCached
	}
	give(w, ocspReplyType, keep, reply)
}

// answer always has a response, if only to say what is wrong. It is lasting when
// it holds for everybody who asks the same.
func (s *station) answer(ctx context.Context, der []byte) (response []byte, lasting bool) {
	q, err := readQuery(der)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, false
	}
	d, ca, ok := s.asked(q)
	if !ok {
		return ocsp.UnauthorizedErrorResponse, false
	}
	response, err = d.respond(ctx, ca, q)
	switch {
	case errors.Is(err, errNoResponder):
		return ocsp.UnauthorizedErrorResponse, false
	case err != nil:
		s.log.Error("answer OCSP request", "error", err)
		return ocsp.TryLaterErrorResponse, false
	}
	return response, q.nonce == nil
}

// asked finds the one CA that all of a query is about: one signature covers all.
func (s *station) asked(q query) (*desk, member, bool) {
	for _, d := range s.desks {
		for _, ca := range d.cas() {
			if ca.role == Issuing && q.about(ca) {
				return d, ca, true
			}
		}
	}
	return nil, member{}, false
}

func (q query) about(ca member) bool {
	for _, id := range q.ids {
		if !id.names(ca.certificate) {
			return false
		}
	}
	return true
}

var errNoResponder = errors.New("answer OCSP request: the CA has no responder")

func (d *desk) respond(ctx context.Context, ca member, q query) ([]byte, error) {
	if err := d.upToDate(ctx); err != nil {
		return nil, err
	}
	d.mu.RLock()
	responder, ok := d.responder(ca)
	d.mu.RUnlock()
	if !ok {
		return nil, errNoResponder
	}
	a := answer{at: d.options.Now(), responder: responder, nonce: q.nonce}
	for _, id := range q.ids {
		a.replies = append(a.replies, d.replyTo(ca, id, false))
	}
	return a.sign()
}
