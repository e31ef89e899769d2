package mail

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"

	"github.com/emersion/go-msgauth/dkim"
)

// Selectors name the two keys in DNS: <selector>._domainkey.<domain>.
type Selectors struct {
	RSA     string
	Ed25519 string
}

// Signer puts DKIM signatures on messages.
type Signer struct {
	domain    string
	selectors Selectors
	keys      Keys
}

// NewSigner signs for a domain, which should be that of the letters' From, or
// DMARC (RFC 7489 §3.1) does not count the signatures.
func NewSigner(domain string, selectors Selectors, keys Keys) (*Signer, error) {
	if domain == "" || selectors.RSA == "" || selectors.Ed25519 == "" || selectors.RSA == selectors.Ed25519 {
		return nil, errors.New("sign mail: a domain and two different selectors are needed")
	}
	if !keys.complete() {
		return nil, errors.New("sign mail: an RSA and an Ed25519 key are needed")
	}
	return &Signer{domain: domain, selectors: selectors, keys: keys}, nil
}

// signed are the headers a reader sees or a program acts on (RFC 6376 §5.4.1).
var signed = [...]string{
	"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
}

// Sign returns the message with two DKIM-Signature headers in front: relaxed in
// headers and body, and without l=, so that nothing can be added at the end.
func (s *Signer) Sign(message []byte) ([]byte, error) {
	if err := distinct(message); err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	strong, err := s.signature(message, s.selectors.RSA, s.keys.RSA)
	if err != nil {
		return nil, err
	}
	modern, err := s.signature(message, s.selectors.Ed25519, s.keys.Ed25519)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{[]byte(modern), []byte(strong), message}, nil), nil
}

func (s *Signer) signature(message []byte, selector string, key crypto.Signer) (string, error) {
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: s.domain, Selector: selector, Signer: key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             oversigned(),
	})
	if err != nil {
		return "", fmt.Errorf("prepare DKIM signature %s: %w", selector, err)
	}
	// An error of Write comes back from Close, which also ends the signer's work.
	_, _ = signer.Write(message)
	if err := signer.Close(); err != nil {
		return "", fmt.Errorf("make DKIM signature %s: %w", selector, err)
	}
	return signer.Signature(), nil
}

// oversigned names every header once more than it may occur, so a second From or
// Subject put in on the way breaks the signature (RFC 6376 §8.15).
func oversigned() []string { return append(signed[:len(signed):len(signed)], signed[:]...) }

// distinct refuses a message in which one of the signed headers occurs twice. Our
// own letters never do; whatever made this one would get our word for both.
func distinct(message []byte) error {
	parsed, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return fmt.Errorf("read headers: %w", err)
	}
	for _, name := range signed {
		if len(parsed.Header[textproto.CanonicalMIMEHeaderKey(name)]) > 1 {
			return fmt.Errorf("the header %s occurs more than once", name)
		}
	}
	return nil
}
