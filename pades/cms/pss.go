package cms

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// pssParameters is RSASSA-PSS-params; what is left out means SHA-1, MGF1 with
// SHA-1, 20 bytes of salt and trailer 1 (RFC 4055, 3.1).
type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:0"`
	Mask    maskGeneration           `asn1:"explicit,optional,tag:1"`
	Salt    int                      `asn1:"explicit,optional,tag:2,default:20"`
	Trailer int                      `asn1:"explicit,optional,tag:3,default:1"`
}

type maskGeneration struct {
	Function asn1.ObjectIdentifier
	Hash     pkix.AlgorithmIdentifier
}

// maxSalt is the longest salt a key of 16384 bits leaves room for, in bytes.
const maxSalt = 2048

func (m *method) readPSS(raw asn1.RawValue) error {
	var p pssParameters
	if _, err := asn1.Unmarshal(raw.FullBytes, &p); err != nil {
		return fmt.Errorf("parse PSS parameters: %w", err)
	}
	mask := crypto.SHA1
	m.hash, m.salt = crypto.SHA1, p.Salt
	var err error
	if len(p.Hash.Algorithm) > 0 {
		if m.hash, err = hashOf(p.Hash.Algorithm); err != nil {
			return err
		}
	}
	if len(p.Mask.Function) > 0 {
		if mask, err = hashOf(p.Mask.Hash.Algorithm); err != nil {
			return err
		}
	}
	if mask != m.hash || p.Trailer != 1 || p.Salt < 0 || p.Salt > maxSalt {
		return fmt.Errorf("PSS with hash %v, mask hash %v, salt %d and trailer %d", m.hash, mask, p.Salt, p.Trailer)
	}
	return nil
}
