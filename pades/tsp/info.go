package tsp

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// hashes are the digest algorithms of an imprint that are read; SHA-1 in old
// tokens only, see Token.Weak.
var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

var oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

// tstInfo is TSTInfo of RFC 3161, 2.4.2.
type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	Time       asn1.RawValue
	Accuracy   accuracy         `asn1:"optional"`
	Ordering   bool             `asn1:"optional,default:false"`
	Nonce      *big.Int         `asn1:"optional"`
	Authority  asn1.RawValue    `asn1:"optional,explicit,tag:0"`
	Extensions []pkix.Extension `asn1:"optional,tag:1"`
}

type accuracy struct {
	Seconds int64 `asn1:"optional"`
	Millis  int64 `asn1:"optional,tag:0"`
	Micros  int64 `asn1:"optional,tag:1"`
}

// Limits on what a token may say of itself.
const (
	maxSerialBits  = 160       // RFC 5816; EN 319 422, 5.2.2
	maxAccuracySec = 24 * 3600 // seconds; a vaguer time proves nothing here
)

func (t *Token) readInfo(der []byte) error {
	var info tstInfo
	rest, err := asn1.Unmarshal(der, &info)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("TSTInfo with %d bytes left (%v)", len(rest), err)
	}
	if info.Version != 1 || info.Serial.Sign() < 0 || info.Serial.BitLen() > maxSerialBits {
		return fmt.Errorf("TSTInfo of version %d with a serial number of %d bits", info.Version, info.Serial.BitLen())
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return fmt.Errorf("critical extension %v is unknown", e.Id)
		}
	}
	if t.Hash, t.Digest, err = info.Imprint.read(); err != nil {
		return err
	}
	if t.Time, err = readTime(info.Time); err != nil {
		return err
	}
	t.Policy, t.Serial, t.Nonce = info.Policy, info.Serial, info.Nonce
	t.Accuracy, err = info.Accuracy.duration()
	return err
}

func (m messageImprint) read() (crypto.Hash, []byte, error) {
	hash, ok := hashes[m.Algorithm.Algorithm.String()]
	if !ok {
		return 0, nil, fmt.Errorf("digest algorithm %v is not accepted", m.Algorithm.Algorithm)
	}
	if len(m.Digest) != hash.Size() {
		return 0, nil, fmt.Errorf("%d bytes are no digest of %v", len(m.Digest), hash)
	}
	return hash, m.Digest, nil
}

func (a accuracy) duration() (time.Duration, error) {
	if a.Seconds < 0 || a.Seconds > maxAccuracySec || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return 0, fmt.Errorf("accuracy of %d s, %d ms, %d µs", a.Seconds, a.Millis, a.Micros)
	}
	return time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond, nil
}

// readTime takes a GeneralizedTime in UTC with any fraction of a second, which is
// wider than the DER of Go's decoder: some TSAs write trailing zeros.
func readTime(raw asn1.RawValue) (time.Time, error) {
	if raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagGeneralizedTime || !bytes.HasSuffix(raw.Bytes, []byte("Z")) {
		return time.Time{}, fmt.Errorf("genTime is no GeneralizedTime in UTC")
	}
	t, err := time.Parse("20060102150405Z", string(raw.Bytes))
	if err != nil {
		return time.Time{}, fmt.Errorf("read genTime: %w", err)
	}
	return t.UTC(), nil
}

// writeInfo is the TSTInfo of a token of ours. Its time has whole seconds, as
// certificates, CRLs and OCSP responses have, so that what was issued after it
// never looks older.
func writeInfo(t Token) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(t.Policy)
		writeImprint(b, t.Hash, t.Digest)
		b.AddASN1BigInt(t.Serial)
		b.AddASN1(cbasn1.GeneralizedTime, func(b *cryptobyte.Builder) {
			b.AddBytes([]byte(t.Time.UTC().Format("20060102150405Z")))
		})
		writeAccuracy(b, t.Accuracy)
		if t.Nonce != nil {
			b.AddASN1BigInt(t.Nonce)
		}
	})
	return b.Bytes()
}

func writeImprint(b *cryptobyte.Builder, hash crypto.Hash, digest []byte) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidOf(hash))
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(digest)
	})
}

func oidOf(hash crypto.Hash) asn1.ObjectIdentifier {
	switch hash {
	case crypto.SHA384:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	case crypto.SHA512:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	}
	return oidSHA256
}

func writeAccuracy(b *cryptobyte.Builder, a time.Duration) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if s := int64(a / time.Second); s > 0 {
			b.AddASN1Int64(s)
		}
		if ms := int64(a % time.Second / time.Millisecond); ms > 0 {
			b.AddASN1Int64WithTag(ms, cbasn1.Tag(0).ContextSpecific())
		}
	})
}
