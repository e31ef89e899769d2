package pki

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// Revoke notes that a certificate of this CA is revoked. Lists makes it known.
func (c Ceremony) Revoke(certificate *x509.Certificate, reason Reason) error {
	f, err := c.open()
	if err != nil {
		return err
	}
	a, err := f.authority(member{role: Root, certificate: f.root})
	if err != nil {
		return err
	}
	return a.Revoke(context.Background(), certificate, reason, c.Now())
}

// authority is the CA in the folder alone, without the hub's certificates.
func (f *Folder) authority(root member) (*Authority, error) {
	o, err := f.ledger.options().complete()
	if err != nil {
		return nil, err
	}
	a := &Authority{options: o, members: append([]member{root}, f.issuing...)}
	return a, a.Heed(context.Background())
}

// Lists writes the CRL of every issuing CA, and that of the root when its
// passphrase is given. It returns the files, which may be there already.
func (c Ceremony) Lists(passphrase string) ([]string, error) {
	f, err := c.open()
	if err != nil {
		return nil, err
	}
	var written []string
	for i, ca := range f.issuing {
		name := fileNames[Issuing] + ".crl"
		if i > 0 {
			name = fmt.Sprintf("%s-%d.crl", fileNames[Issuing], i+1)
		}
		path, err := c.writeList(ca, f.ledger, name)
		if err != nil {
			return written, err
		}
		written = append(written, path)
	}
	if passphrase == "" {
		return written, nil
	}
	root, err := c.root(passphrase)
	if err != nil {
		return written, err
	}
	path, err := c.writeList(root, f.ledger, fileRootCRL)
	return append(written, path), err
}

func (c Ceremony) writeList(ca member, l *ledger, name string) (string, error) {
	a := &Authority{options: l.options()}
	if err := a.Heed(context.Background()); err != nil {
		return "", err
	}
	der, err := a.crl(context.Background(), ca, c.Now())
	if err != nil {
		return "", err
	}
	path := filepath.Join(c.HubFolder(), name)
	if err := os.WriteFile(path+".new", der, 0o644); err != nil {
		return "", fmt.Errorf("write CRL: %w", err)
	}
	return path, os.Rename(path+".new", path)
}

// Issued lists what was issued, oldest first, and what of it was revoked.
func (c Ceremony) Issued() ([]Issue, []Revocation, error) {
	f, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	revoked, err := f.ledger.Revocations(context.Background())
	return f.ledger.Issued, revoked, err
}
