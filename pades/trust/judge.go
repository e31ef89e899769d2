package trust

import (
	"crypto/x509"
	"time"
)

// Limits on what one judgement looks at. Files from outside bring the candidates
// and the evidence.
const (
	maxCandidates = 256 // certificates that may stand between
	maxPaths      = 8   // paths whose revocation is looked at
	maxLength     = 10  // certificates in a path that is followed without trust
	maxIssuers    = 16  // certificates of one name that are tried as an issuer
)

// Judge builds the path from certificate to one of roots at a time, out of the
// candidates and the certificates in evidence, and judges each of its links.
// Where several paths hold, it prefers one whose revocation data is complete.
// Several certificates of one document are better judged by a Bench.
func Judge(certificate *x509.Certificate, candidates, roots []*x509.Certificate, evidence Evidence, at time.Time) Judgement {
	return NewBench().Judge(certificate, candidates, roots, evidence, at)
}

// Path is the chain from certificate to one of roots at a time, the certificate
// first and the root last, with nothing said about revocation. It is what Gather
// wants. An error says why there is none.
func Path(certificate *x509.Certificate, candidates, roots []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	paths, err := NewBench().court(candidates, roots, Evidence{}).paths(certificate, at)
	if err != nil {
		return nil, err
	}
	return paths[0], nil
}

// court is everything that one judgement may look at.
type court struct {
	bench      *Bench
	candidates []*x509.Certificate
	roots      []*x509.Certificate
	evidence   Evidence
}

func (c court) judge(certificate *x509.Certificate, at time.Time) Judgement {
	j := Judgement{At: at}
	if at.IsZero() {
		// The library takes the zero time for now, which nothing here means.
		j.Reason, j.Detail = NoTime, "no time to judge at"
		j.Path = []Link{{certificate, Revocation{Status: Unknown, Reason: NoEvidence}}}
		return j
	}
	paths, err := c.paths(certificate, at)
	if err != nil {
		return c.untrusted(certificate, at, err)
	}
	j.Trusted = true
	for i, path := range paths {
		other := j
		other.Path = c.links(path, at)
		if i == 0 || other.Good() {
			j = other
		}
		if j.Good() {
			break
		}
	}
	return j
}

// links judges every certificate of a path that ends in a root.
func (c court) links(path []*x509.Certificate, at time.Time) []Link {
	var links []Link
	for i, cert := range path {
		link := Link{cert, Revocation{Status: NotNeeded, Reason: AtRoot}}
		if i+1 < len(path) {
			link.Revocation = c.revocation(cert, path[i+1], at, 0)
		}
		links = append(links, link)
	}
	return links
}

// untrusted follows the issuers as far as they go and says where it ends.
func (c court) untrusted(certificate *x509.Certificate, at time.Time, cause error) Judgement {
	j := Judgement{At: at, Detail: cause.Error()}
	path, weak := c.follow(certificate)
	for i, cert := range path {
		link := Link{cert, Revocation{Status: Unknown, Reason: NoEvidence}}
		switch {
		case i+1 < len(path):
			link.Revocation = c.revocation(cert, path[i+1], at, 0)
		case c.root(cert):
			link.Revocation = Revocation{Status: NotNeeded, Reason: AtRoot}
		}
		j.Path = append(j.Path, link)
	}
	switch {
	case weak:
		j.Reason = WeakAlgorithm
	case !c.root(path[len(path)-1]):
		j.Reason = NoPath
	default:
		j.Reason = overdue(path, at)
	}
	return j
}

// overdue tells which way a path that reaches a root is out of its time; when it
// is not, what failed is a constraint.
func overdue(path []*x509.Certificate, at time.Time) string {
	for _, cert := range path {
		switch {
		case at.After(cert.NotAfter):
			return Expired
		case at.Before(cert.NotBefore):
			return NotYetValid
		}
	}
	return Constraint
}
