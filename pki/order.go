package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chancery/problem"
)

// Order says what a ceremony is to issue.
type Order struct {
	Role    Role   // Certifier, Sealer, TSA or Responder; empty is a person's
	Person  Person // of a person's certificate; empty takes what the request says
	Request string // file of a certificate signing request (PKCS#10); empty makes a key
	Out     string // the files' name without ending; empty is the role's in the folder for the hub
}

// Issue issues a certificate below the newest issuing CA. It returns the name of
// its files, without ending: .pem with the chain, and .key unless a request came.
func (c Ceremony) Issue(order Order) (string, error) {
	f, err := c.open()
	if err != nil {
		return "", err
	}
	if order.Out == "" {
		if order.Out = filepath.Join(c.HubFolder(), fileNames[order.Role]); order.Role == "" {
			return "", problem.Invalid("name_missing", "A person's certificate needs the name of a file.")
		}
	}
	for _, ending := range []string{".pem", ".key"} {
		if err := absent(order.Out + ending); err != nil {
			return "", err
		}
	}
	public, key, err := order.key(f.ledger.Algorithm)
	if err != nil {
		return "", err
	}
	issuer := f.issuing[len(f.issuing)-1]
	certificate, err := sign(rand.Reader, order.profile(f.ledger.options(), c.Now(), issuer), public, issuer)
	if err != nil {
		return "", err
	}
	// A certificate that is noted and lost does no harm; one that is not noted cannot be found again.
	if err := f.ledger.note(order.Role, certificate, issuer.certificate); err != nil {
		return "", err
	}
	h := Holder{Certificate: certificate, Chain: []*x509.Certificate{issuer.certificate, f.root}}
	return order.Out, writeHolder(order.Out, h, key)
}

// key is the one of the request, or a new one with its file.
func (order *Order) key(kind Algorithm) (crypto.PublicKey, []byte, error) {
	if order.Request != "" {
		public, err := order.readRequest()
		return public, nil, err
	}
	if order.Role == Responder {
		kind = P256
	}
	key, err := kind.generate(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("write key: %w", err)
	}
	return key.Public(), keyPEM(der), nil
}

// readRequest checks that whoever asks holds the key. What else the request wishes
// for is not looked at, but for a person's name and address.
func (order *Order) readRequest() (crypto.PublicKey, error) {
	data, err := os.ReadFile(order.Request)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	request, err := x509.ParseCertificateRequest(data)
	if err != nil {
		return nil, problem.Invalid("request_unreadable", "The file is no certificate signing request.").Because(err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, problem.Invalid("request_unsigned", "The request is not signed by the key it asks for.").Because(err)
	}
	if order.Person.Name == "" {
		order.Person.Name = request.Subject.CommonName
	}
	if order.Person.Email == "" && len(request.EmailAddresses) > 0 {
		order.Person.Email = request.EmailAddresses[0]
	}
	return request.PublicKey, strong(request.PublicKey)
}

func (order Order) profile(o Options, now time.Time, issuer member) *x509.Certificate {
	switch order.Role {
	case Certifier:
		return addresses(o, certifierProfile(o, now), issuer, true)
	case Sealer:
		return addresses(o, sealerProfile(o, now), issuer, true)
	case TSA:
		return addresses(o, tsaProfile(o, now), issuer, true)
	case Responder:
		return addresses(o, responderProfile(o, now), issuer, false)
	}
	return addresses(o, personProfile(order.Person, now), issuer, false)
}
