package pki

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long others may keep an answer.
const (
	crlCached  = 5 * time.Minute
	certCached = 24 * time.Hour
	ocspCached = 10 * time.Minute
)

// Handler answers whoever checks a certificate of these authorities, under /pki/:
// CRLs, the certificates of the CAs, and OCSP (RFC 6960, RFC 5019). It must see
// the path as it was sent: an OCSP request in it may hold two slashes in a row.
func Handler(log *slog.Logger, authorities ...*Authority) http.Handler {
	s := &station{log: log, lists: map[string]keptList{}}
	for _, a := range authorities {
		s.desks = append(s.desks, &desk{Authority: a})
	}
	return s
}

type station struct {
	log   *slog.Logger
	desks []*desk

	mu    sync.Mutex
	lists map[string]keptList // by KeyID
}

type keptList struct {
	der  []byte
	made time.Time
}

func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	path := r.URL.EscapedPath()
	switch get := r.Method == http.MethodGet || r.Method == http.MethodHead; {
	case path == pathOCSP && r.Method == http.MethodPost:
		s.posted(w, r)
	case strings.HasPrefix(path, pathOCSP+"/") && get:
		s.gotten(w, r, strings.TrimPrefix(path, pathOCSP+"/"))
	case strings.HasSuffix(path, ".crl") && get:
		s.list(w, r, file(path, ".crl"))
	case strings.HasSuffix(path, ".cer") && get:
		s.certificate(w, file(path, ".cer"))
	default:
		http.Error(w, "There is nothing here.", http.StatusNotFound)
	}
}

func file(path, ending string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, pathPrefix), ending)
}

// find looks for a CA by its KeyID.
func (s *station) find(id string) (*desk, member, bool) {
	for _, d := range s.desks {
		for _, ca := range d.cas() {
			if KeyID(ca.certificate) == id {
				return d, ca, true
			}
		}
	}
	return nil, member{}, false
}

func (s *station) certificate(w http.ResponseWriter, id string) {
	_, ca, ok := s.find(id)
	if !ok {
		http.Error(w, "There is no such CA here.", http.StatusNotFound)
		return
	}
	give(w, "application/pkix-cert", certCached, ca.certificate.Raw)
}

func (s *station) list(w http.ResponseWriter, r *http.Request, id string) {
	d, ca, ok := s.find(id)
	if !ok {
		http.Error(w, "There is no such CA here.", http.StatusNotFound)
		return
	}
	s.mu.Lock() // one list is made at a time, and the others wait for it
	defer s.mu.Unlock()
	now := d.options.Now()
	kept := s.lists[id]
	if kept.der == nil || now.Sub(kept.made) > crlCached {
		der, err := d.CRL(r.Context(), ca.certificate)
		if err != nil {
			s.log.Error("make CRL", "error", err)
			http.Error(w, "The list cannot be made now. Please try again.", http.StatusServiceUnavailable)
			return
		}
		kept = keptList{der, now}
		s.lists[id] = kept
	}
	give(w, "application/pkix-crl", crlCached, kept.der)
}

func give(w http.ResponseWriter, kind string, keep time.Duration, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if keep > 0 {
		w.Header().Set("Cache-Control", "public, no-transform, max-age="+strconv.Itoa(int(keep.Seconds())))
	} else {
		w.Header().Set("Cache-Control", "no-store")
	}
	_, _ = w.Write(body) // the reader may be gone
}
