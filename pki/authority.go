// Package pki is the organisation's own certificate authority: a root, an
// issuing CA below it, the certificates of the organisation itself, and a fresh
// short-lived certificate for every person and act.
//
// Create makes a whole authority in memory with one call; Marshal and Parse keep
// it, Renew makes the successors of certificates that end or were revoked, and
// Handler answers whoever checks them: CRLs, OCSP and the certificates of the CAs.
// An authority that lives on a disk is made and looked after by Ceremony.
//
// A production authority and a sandbox authority are two separate sets of keys.
// A sandbox certificate says "Sandbox – not trusted" in its organisation name
// and leads to a root nobody imports, so a test document can never pass as real.
package pki

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"sync"
	"time"
)

// SandboxOrganisation is the organisation name of everything a sandbox signs.
const SandboxOrganisation = "Sandbox – not trusted"

// Options names the organisation behind an authority. Only its name is needed.
type Options struct {
	Organisation   string
	OrganisationID string    // organizationIdentifier, such as NTRDE-HRB123456 (EN 319 412-1, 5.1.4)
	Country        string    // ISO 3166-1, two capital letters
	Sandbox        bool      // replaces Organisation by SandboxOrganisation
	Algorithm      Algorithm // of the organisation's and people's keys; empty is P256
	URL            string    // what the addresses in certificates begin with; empty leaves them out
	Register       Register  // of what was revoked; nil is one in memory
	Folder         *Folder   // what comes from outside; nil is nothing
	Now            func() time.Time
}

func (o Options) complete() (Options, error) {
	if o.Sandbox {
		o.Organisation, o.OrganisationID, o.Country = SandboxOrganisation, "", ""
	}
	if clean(o.Organisation) == "" {
		return o, fmt.Errorf("an organisation needs a name")
	}
	if o.Country != "" && !country(o.Country) {
		return o, fmt.Errorf("%q is no country of two capital letters", o.Country)
	}
	if o.Algorithm == "" {
		o.Algorithm = P256
	}
	if o.Register == nil {
		o.Register = NewRegister()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Folder != nil && o.Sandbox {
		return o, fmt.Errorf("a sandbox takes no certificates from outside")
	}
	return o, nil
}

// Holder is someone who can sign now: a certificate, the chain up to and
// including the root, and the key. pades.Holder has the same shape, so
// pades.Holder(h) converts.
type Holder struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // issuer first, root last
	Signer      crypto.Signer
}

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	options Options

	mu      sync.RWMutex
	members []member // of one role the oldest first
	revoked map[string]Revocation
	folder  *Folder
}

// Create makes a new authority: root, issuing CA, and the organisation's
// certificates below it. What is in the folder is not made.
func Create(random io.Reader, now time.Time, options Options) (*Authority, error) {
	options, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("create authority: %w", err)
	}
	a := &Authority{options: options, folder: options.Folder}
	if options.Folder.CA() == "" {
		root, err := issue(random, Root, rootProfile(options, now), nil, P256)
		if err != nil {
			return nil, fmt.Errorf("create authority of %s: %w", options.Organisation, err)
		}
		a.members = []member{root}
	}
	a.take()
	if _, err := a.renew(context.Background(), random, now); err != nil {
		return nil, fmt.Errorf("create authority of %s: %w", options.Organisation, err)
	}
	return a, nil
}

// take puts the CA of the folder among the members.
func (a *Authority) take() {
	if a.folder.CA() == "" {
		return
	}
	root := member{role: Root, certificate: a.folder.root, outside: true}
	a.members = append(append([]member{root}, a.folder.issuing...), a.members...)
}

// Certifier certifies documents before anyone signs them.
func (a *Authority) Certifier() Holder { return a.holderOf(Certifier) }

// Sealer closes documents with the organisation's electronic seal.
func (a *Authority) Sealer() Holder { return a.holderOf(Sealer) }

// TSA makes time-stamps: its one, critical extended key usage is timeStamping.
func (a *Authority) TSA() Holder { return a.holderOf(TSA) }

// Roots are the certificates a validator has to trust: the authority's own, and
// those that imported certificates lead to.
func (a *Authority) Roots() []*x509.Certificate {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var roots []*x509.Certificate
	for _, m := range a.members {
		if m.role == Root {
			roots = append(roots, m.certificate)
		}
	}
	for _, role := range [...]Role{Certifier, Sealer, TSA} {
		if h, ok := a.outside(role); ok {
			roots = with(roots, h.Chain[len(h.Chain)-1])
		}
	}
	return roots
}

func with(all []*x509.Certificate, one *x509.Certificate) []*x509.Certificate {
	for _, c := range all {
		if c.Equal(one) {
			return all
		}
	}
	return append(all, one)
}

func (a *Authority) holderOf(role Role) Holder {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if h, ok := a.outside(role); ok {
		return h
	}
	m, ok := a.current(role, a.options.Now())
	if !ok {
		return Holder{} // an old state before Renew
	}
	return a.holder(m)
}

// outside is the holder that the folder has for a role, unless it was revoked.
func (a *Authority) outside(role Role) (Holder, bool) {
	h, ok := a.folder.holder(role)
	return h, ok && !a.fallen(h.Certificate)
}

func (a *Authority) holder(m member) Holder {
	h := Holder{Certificate: m.certificate, Signer: m.key}
	for issuer, ok := a.issuerOf(m.certificate); ok; issuer, ok = a.issuerOf(issuer.certificate) {
		h.Chain = append(h.Chain, issuer.certificate)
	}
	return h
}
