package pki

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// ledger is what a ceremony has issued and revoked, in a file.
type ledger struct {
	path string

	Organisation   string           `json:"organisation"`
	OrganisationID string           `json:"organisation_id,omitempty"`
	Country        string           `json:"country,omitempty"`
	URL            string           `json:"url,omitempty"`
	Algorithm      Algorithm        `json:"algorithm"`
	Issued         []Issue          `json:"issued"`
	Revoked        []ledgerLine     `json:"revoked,omitempty"`
	Numbers        map[string]int64 `json:"crl_numbers,omitempty"` // the last one, by KeyID
}

// Issue is a certificate that a ceremony has issued.
type Issue struct {
	Role   string    `json:"role"`
	Issuer string    `json:"issuer"` // KeyID
	Serial string    `json:"serial"` // hexadecimal
	Name   string    `json:"name"`
	Until  time.Time `json:"until"`
}

type ledgerLine struct {
	Issuer string    `json:"issuer"`
	Serial string    `json:"serial"`
	At     time.Time `json:"at"`
	Reason Reason    `json:"reason"`
}

func openLedger(path string) (*ledger, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l := &ledger{path: path}
	if err := json.Unmarshal(data, l); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return l, nil
}

// save puts the new file in the place of the old one, in one step.
func (l *ledger) save() error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	file, err := os.CreateTemp(filepath.Dir(l.path), ".ca-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	defer os.Remove(file.Name())
	if _, err = file.Write(append(data, '\n')); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), l.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	return nil
}

func (l *ledger) options() Options {
	return Options{
		Organisation: l.Organisation, OrganisationID: l.OrganisationID, Country: l.Country,
		URL: l.URL, Algorithm: l.Algorithm, Register: l,
	}
}

func (l *ledger) note(role Role, c, issuer *x509.Certificate) error {
	l.Issued = append(l.Issued, Issue{
		Role: cmp.Or(fileNames[role], "person"), Issuer: KeyID(issuer), Serial: c.SerialNumber.Text(16), Name: c.Subject.CommonName, Until: c.NotAfter,
	})
	return l.save()
}

func (l *ledger) knows(issuer *x509.Certificate, serial *big.Int) bool {
	for _, i := range l.Issued {
		if i.Issuer == KeyID(issuer) && i.Serial == serial.Text(16) {
			return true
		}
	}
	return false
}

// Revocations is part of Register.
func (l *ledger) Revocations(context.Context) ([]Revocation, error) { return l.revocations() }

func (l *ledger) revocations() ([]Revocation, error) {
	if l == nil {
		return nil, nil
	}
	var all []Revocation
	for _, line := range l.Revoked {
		serial, ok := new(big.Int).SetString(line.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("read %s: %q is no serial number", l.path, line.Serial)
		}
		all = append(all, Revocation{Issuer: line.Issuer, Serial: serial, At: line.At, Reason: line.Reason})
	}
	return all, nil
}

// Revoke is part of Register.
func (l *ledger) Revoke(_ context.Context, r Revocation) error {
	for _, line := range l.Revoked {
		if line.Issuer == r.Issuer && line.Serial == r.Serial.Text(16) {
			return nil
		}
	}
	l.Revoked = append(l.Revoked, ledgerLine{Issuer: r.Issuer, Serial: r.Serial.Text(16), At: r.At.UTC(), Reason: r.Reason})
	return l.save()
}

// NextCRL is part of Register.
func (l *ledger) NextCRL(_ context.Context, issuer string, now time.Time) (*big.Int, error) {
	if l.Numbers == nil {
		l.Numbers = map[string]int64{}
	}
	l.Numbers[issuer] = max(l.Numbers[issuer]+1, now.Unix())
	return big.NewInt(l.Numbers[issuer]), l.save()
}
