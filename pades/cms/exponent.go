package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/big"
)

// crypto/rsa refuses public exponents above 31 bits. German authorities have given
// such keys to signers for many years, so their signatures are checked here, after
// RFC 8017. There is nothing secret in a check.

// largestExponent is what crypto/rsa takes.
const largestExponent = 1<<31 - 1

// Bounds on the modulus of such a key, in bits.
const (
	minModulus = 1024
	maxModulus = 16384
)

var errRSA = errors.New("verification error")

// prefixes are the DigestInfo of RFC 8017, 9.2 before the digest itself.
var prefixes = map[crypto.Hash]string{
	crypto.SHA1:   "3021300906052b0e03021a05000414",
	crypto.SHA256: "3031300d060960864801650304020105000420",
	crypto.SHA384: "3041300d060960864801650304020205000430",
	crypto.SHA512: "3051300d060960864801650304020305000440",
}

// recovered is the encoded message inside a signature value, as long as the
// modulus (RFC 8017, 5.2.2).
func recovered(key *rsa.PublicKey, value []byte) ([]byte, error) {
	bits, s := key.N.BitLen(), new(big.Int).SetBytes(value)
	if bits < minModulus || bits > maxModulus || key.N.Bit(0) == 0 || len(value) != key.Size() || s.Cmp(key.N) >= 0 {
		return nil, errRSA
	}
	return s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size())), nil
}

// checkPKCS1 is RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2).
func checkPKCS1(key *rsa.PublicKey, hash crypto.Hash, sum, value []byte) error {
	em, err := recovered(key, value)
	if err != nil {
		return err
	}
	prefix, err := hex.DecodeString(prefixes[hash])
	if err != nil || len(prefix) == 0 {
		return errRSA
	}
	info := append(prefix, sum...)
	padding := len(em) - len(info) - 3
	if padding < 8 {
		return errRSA
	}
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, padding)...)
	want = append(append(want, 0), info...)
	return equal(em, want)
}

// checkPSS is RSASSA-PSS with MGF1 of the same hash (RFC 8017, 9.1.2).
func checkPSS(key *rsa.PublicKey, hash crypto.Hash, sum, value []byte, salt int) error {
	em, err := recovered(key, value)
	if err != nil {
		return err
	}
	bits := key.N.BitLen() - 1
	if bits%8 == 0 { // the encoded message is a byte shorter than the modulus
		if em[0] != 0 {
			return errRSA
		}
		em = em[1:]
	}
	split := len(em) - hash.Size() - 1
	if split < salt+1 || em[len(em)-1] != 0xBC {
		return errRSA
	}
	db, h := em[:split], em[split:len(em)-1]
	unused := byte(0xFF) << (8 - (len(em)*8 - bits))
	if db[0]&unused != 0 {
		return errRSA
	}
	subtle.XORBytes(db, db, mask(hash, h, len(db)))
	db[0] &^= unused
	zeros := db[:len(db)-salt-1]
	if len(bytes.Trim(zeros, "\x00")) > 0 || db[len(zeros)] != 1 {
		return errRSA
	}
	d := hash.New()
	d.Write(make([]byte, 8))
	d.Write(sum)
	d.Write(db[len(zeros)+1:])
	return equal(d.Sum(nil), h)
}

// mask is MGF1 (RFC 8017, B.2.1).
func mask(hash crypto.Hash, seed []byte, length int) []byte {
	var out []byte
	for counter := uint32(0); len(out) < length; counter++ {
		d := hash.New()
		d.Write(seed)
		d.Write(binary.BigEndian.AppendUint32(nil, counter))
		out = d.Sum(out)
	}
	return out[:length]
}

func equal(a, b []byte) error {
	if subtle.ConstantTimeCompare(a, b) != 1 {
		return errRSA
	}
	return nil
}
