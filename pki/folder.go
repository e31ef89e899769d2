package pki

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chancery/problem"
)

// Names of the files in a folder. A certificate's file goes on with its chain.
const (
	fileRootCRL = "root.crl"
	fileLedger  = "ca.json"
)

// fileNames are what the certificates of a role are called, without .pem or .key.
var fileNames = map[Role]string{Issuing: "issuing", Certifier: "certification", Sealer: "seal", TSA: "tsa", Responder: "ocsp"}

// Folder is what the hub is given from outside: certificates that were bought or
// issued for it, and the issuing CA of an organisation that keeps its root apart.
//
//	seal.pem, seal.key            likewise certification and tsa; each may be missing
//	issuing.pem, issuing.key      of a ceremony; issuing-2 and so on are its successors
//	root.crl, ca.json             what the ceremony has revoked and issued
//
// A key file holds PEM, or the address of a key in a PKCS#11 token.
type Folder struct {
	root          *x509.Certificate
	rootCRL       []byte
	rootListUntil time.Time
	issuing       []member // oldest first
	imported      map[Role]Holder
	ledger        *ledger
}

// OpenFolder reads a folder and checks that all in it belongs together.
func OpenFolder(path string) (*Folder, error) {
	f := &Folder{imported: map[Role]Holder{}}
	for _, step := range []func(string) error{f.readImported, f.readCA, f.readLedger} {
		if err := step(path); err != nil {
			return nil, fmt.Errorf("read folder %s: %v", path, err) // no answer: whoever reads it wants to know the file
		}
	}
	return f, nil
}

func (f *Folder) readImported(path string) error {
	for _, role := range [...]Role{Certifier, Sealer, TSA} {
		name := filepath.Join(path, fileNames[role])
		h, err := readHolder(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = h.Fits(role)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", fileNames[role], err)
		}
		f.imported[role] = h
	}
	return nil
}

// readHolder reads name.pem and name.key; it is missing when the certificate is.
func readHolder(name string) (Holder, error) {
	chain, err := readChain(name + ".pem")
	if err != nil {
		return Holder{}, err
	}
	key, err := ReadKey(name + ".key")
	if errors.Is(err, fs.ErrNotExist) {
		return Holder{}, problem.Invalid("key_missing", "There is a certificate without its key.")
	}
	return Holder{Certificate: chain[0], Chain: chain[1:], Signer: key}, err
}

func (f *Folder) readCA(path string) error {
	names, err := filepath.Glob(filepath.Join(path, fileNames[Issuing]+"*.pem"))
	if err != nil || len(names) == 0 {
		return err
	}
	// issuing, issuing-2, …, issuing-10: the number behind the name tells which is newer.
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	for _, name := range names {
		if err := f.readIssuing(strings.TrimSuffix(name, ".pem")); err != nil {
			return fmt.Errorf("issuing CA: %w", err)
		}
	}
	return f.readList(filepath.Join(path, fileRootCRL))
}

func (f *Folder) readIssuing(name string) error {
	h, err := readHolder(name)
	if err != nil {
		return err
	}
	if err := h.leads(); err != nil {
		return err
	}
	if !fitting(h.Signer, h.Certificate) || !h.Certificate.IsCA || len(h.Chain) != 1 {
		return errors.New("it needs the key and certificate of a CA, and its root")
	}
	if f.root != nil && !f.root.Equal(h.Chain[0]) {
		return errors.New("there are two roots")
	}
	f.root = h.Chain[0]
	f.issuing = append(f.issuing, member{role: Issuing, certificate: h.Certificate, key: h.Signer, outside: true})
	return nil
}

func (f *Folder) readList(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the root's CRL: %w", err)
	}
	block, _ := pem.Decode(data)
	if block != nil {
		data = block.Bytes
	}
	crl, err := x509.ParseRevocationList(data)
	if err != nil {
		return fmt.Errorf("read the root's CRL: %w", err)
	}
	if err := crl.CheckSignatureFrom(f.root); err != nil {
		return fmt.Errorf("check the root's CRL: %w", err)
	}
	f.rootCRL, f.rootListUntil = data, crl.NextUpdate
	return nil
}

func (f *Folder) readLedger(path string) error {
	l, err := openLedger(filepath.Join(path, fileLedger))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f.ledger = l
	return err
}

// CA names the root of the CA in the folder; empty when there is none.
func (f *Folder) CA() string {
	if f == nil || f.root == nil {
		return ""
	}
	return KeyID(f.root)
}

func (f *Folder) holder(role Role) (Holder, bool) {
	if f == nil {
		return Holder{}, false
	}
	h, ok := f.imported[role]
	return h, ok
}

func (f *Folder) knows(issuer *x509.Certificate, serial *big.Int) bool {
	return f != nil && f.ledger != nil && f.ledger.knows(issuer, serial)
}
