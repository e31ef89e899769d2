package pki

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"chancery/problem"
)

// Ceremony is an authority in a folder, for an organisation that keeps its own
// keys. The root's key lies alone in root.p12, sealed by a passphrase, to be taken
// away to a safe; the folder hub goes to the machines that sign.
//
//	root.p12, root.pem   the root: needed to make issuing CAs and the root's CRL
//	hub/                 what the hub is given, see Folder
type Ceremony struct {
	Path string
	Now  func() time.Time
}

const (
	fileRootKey = "root.p12"
	fileRoot    = "root.pem"
	folderHub   = "hub"
)

// MinPassphrase is how many characters a passphrase has at least.
const MinPassphrase = 12

// rootSeal is PKCS#12 with AES-256 and PBKDF2: every OpenSSL opens it, should this
// program be gone in twenty years. The rounds make each guess cost half a second.
var rootSeal = pkcs12.Modern2023.WithIterations(600_000)

// HubFolder is where the files for the hub are.
func (c Ceremony) HubFolder() string { return filepath.Join(c.Path, folderHub) }

// Init makes the root and the first issuing CA in an empty or new folder.
func (c Ceremony) Init(o Options, passphrase string) error {
	if len([]rune(passphrase)) < MinPassphrase {
		return problem.Invalid("passphrase_short", fmt.Sprintf("The passphrase has fewer than %d characters.", MinPassphrase))
	}
	o, err := o.complete()
	if err != nil {
		return fmt.Errorf("create CA: %w", err)
	}
	root, err := issue(rand.Reader, Root, rootProfile(o, c.Now()), nil, P256)
	if err != nil {
		return fmt.Errorf("create CA: %w", err)
	}
	if err := c.writeRoot(root, passphrase); err != nil {
		return fmt.Errorf("create CA: %w", err)
	}
	l := &ledger{
		path: filepath.Join(c.HubFolder(), fileLedger), Organisation: o.Organisation, OrganisationID: o.OrganisationID,
		Country: o.Country, URL: o.URL, Algorithm: o.Algorithm, Issued: []Issue{},
	}
	if err := l.save(); err != nil {
		return err
	}
	if _, err := c.newIssuing(root, l); err != nil {
		return err
	}
	_, err = c.writeList(root, l, fileRootCRL)
	return err
}

func (c Ceremony) writeRoot(root member, passphrase string) error {
	if err := os.MkdirAll(c.HubFolder(), 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(c.HubFolder())
	if err != nil || len(entries) > 0 {
		return errors.Join(err, problem.Conflict("file_exists", c.HubFolder()+" is not empty, and nothing in it is overwritten."))
	}
	sealed, err := rootSeal.Encode(root.key, root.certificate, nil, passphrase)
	if err != nil {
		return fmt.Errorf("seal root key: %w", err)
	}
	if err := writeNew(filepath.Join(c.Path, fileRootKey), sealed, 0o600); err != nil {
		return err
	}
	return writeNew(filepath.Join(c.Path, fileRoot), certificatePEM(root.certificate), 0o644)
}

// root opens the root's key.
func (c Ceremony) root(passphrase string) (member, error) {
	data, err := os.ReadFile(filepath.Join(c.Path, fileRootKey))
	if errors.Is(err, fs.ErrNotExist) {
		return member{}, problem.Missing("root_away", "The root's key is not here. Please bring "+fileRootKey+" back into "+c.Path+".")
	}
	if err != nil {
		return member{}, fmt.Errorf("read root key: %w", err)
	}
	key, chain, err := unpack(data, passphrase)
	if err != nil {
		return member{}, fmt.Errorf("open root key: %w", err)
	}
	signer, err := keyOf(key)
	return member{role: Root, certificate: chain[0], key: signer}, err
}

// open reads the folder for the hub, and with it what was issued so far.
func (c Ceremony) open() (*Folder, error) {
	f, err := OpenFolder(c.HubFolder())
	if err != nil {
		return nil, err
	}
	if f.ledger == nil || f.CA() == "" {
		return nil, problem.Missing("ca_missing", "There is no CA in "+c.Path+". Please make one with chancery ca init.")
	}
	return f, nil
}

// IssueCA makes the next issuing CA. It returns the name of its files, without ending.
func (c Ceremony) IssueCA(passphrase string) (string, error) {
	f, err := c.open()
	if err != nil {
		return "", err
	}
	root, err := c.root(passphrase)
	if err != nil {
		return "", err
	}
	return c.newIssuing(root, f.ledger)
}

func (c Ceremony) newIssuing(root member, l *ledger) (string, error) {
	o := l.options()
	made, err := issue(rand.Reader, Issuing, addresses(o, issuingProfile(o, c.Now()), root, true), &root, P256)
	if err != nil {
		return "", fmt.Errorf("issue CA: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(made.key)
	if err != nil {
		return "", fmt.Errorf("write key: %w", err)
	}
	name := filepath.Join(c.HubFolder(), fileNames[Issuing])
	for n := 2; absent(name+".pem") != nil; n++ {
		name = filepath.Join(c.HubFolder(), fmt.Sprintf("%s-%d", fileNames[Issuing], n))
	}
	if err := l.note(Issuing, made.certificate, root.certificate); err != nil {
		return "", err
	}
	h := Holder{Certificate: made.certificate, Chain: []*x509.Certificate{root.certificate}}
	return name, writeHolder(name, h, keyPEM(key))
}
