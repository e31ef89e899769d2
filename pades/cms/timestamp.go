package cms

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// SignatureValue gives the bytes whose digest a signature time-stamp covers
// (ETSI EN 319 122-1, 5.3).
func SignatureValue(container []byte) ([]byte, error) {
	o, err := openSigned(container)
	if err != nil {
		return nil, fmt.Errorf("find signature value: %w", err)
	}
	return o.data.Signers[0].Value, nil
}

// AddTimestamp adds a token as the signature-time-stamp attribute, which is
// unsigned: no signed byte changes. It refuses what is no time-stamp token;
// whether the token is right is for package tsp.
func AddTimestamp(container, token []byte) ([]byte, error) {
	stamp, err := openSigned(token)
	if err != nil {
		return nil, fmt.Errorf("add time-stamp: %w", err)
	}
	if !stamp.data.Content.Type.Equal(OIDTSTInfo) || stamp.behind > 0 {
		return nil, fmt.Errorf("add time-stamp: content of type %v, %d bytes behind", stamp.data.Content.Type, stamp.behind)
	}
	to, err := openSigned(container)
	if err != nil {
		return nil, fmt.Errorf("add time-stamp: %w", err)
	}
	out, ok := withAttribute(to.der, timestampAttribute(stamp.der))
	if !ok {
		return nil, fmt.Errorf("add time-stamp: the container is not put together as a PDF's is")
	}
	return out, nil
}

func timestampAttribute(token []byte) []byte {
	return attribute(oidTimestampToken, func(b *cryptobyte.Builder) { b.AddBytes(token) })
}

// withAttribute rebuilds the headers on the way down to the one signer's record
// and copies every other byte.
func withAttribute(container, attribute []byte) ([]byte, bool) {
	s := cryptobyte.String(container)
	var info, wrapped, data, signers, record cryptobyte.String
	ok := s.ReadASN1(&info, cbasn1.SEQUENCE) && info.SkipASN1(cbasn1.OBJECT_IDENTIFIER) &&
		info.ReadASN1(&wrapped, context0) && wrapped.ReadASN1(&data, cbasn1.SEQUENCE)
	if !ok {
		return nil, false
	}
	before, signersSet, ok := lastOf(data)
	if !ok || !signersSet.ReadASN1(&signers, cbasn1.SET) || !signers.ReadASN1(&record, cbasn1.SEQUENCE) || !signers.Empty() {
		return nil, false
	}
	record, unsigned, ok := splitUnsigned(record)
	if !ok {
		return nil, false
	}
	der, err := rebuilt(before, record, append(unsigned, attribute))
	return der, err == nil
}

func rebuilt(before, record []byte, unsigned [][]byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(before)
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddBytes(record)
						b.AddASN1(context1, func(b *cryptobyte.Builder) { b.AddBytes(sorted(unsigned)) })
					})
				})
			})
		})
	})
	return b.Bytes()
}

// lastOf splits the values of a sequence into the last and all before it.
func lastOf(values cryptobyte.String) (before []byte, last cryptobyte.String, ok bool) {
	all := []byte(values)
	var tag cbasn1.Tag
	for !values.Empty() {
		before = all[:len(all)-len(values)]
		if !values.ReadAnyASN1Element(&last, &tag) {
			return nil, nil, false
		}
	}
	return before, last, len(last) > 0
}

// splitUnsigned takes the unsigned attributes off the end of a signer's record.
func splitUnsigned(record cryptobyte.String) (before cryptobyte.String, unsigned [][]byte, ok bool) {
	head, last, ok := lastOf(record)
	if !ok || !last.PeekASN1Tag(context1) {
		return record, nil, ok
	}
	var set, member cryptobyte.String
	if !last.ReadASN1(&set, context1) {
		return nil, nil, false
	}
	for !set.Empty() {
		if !set.ReadASN1Element(&member, cbasn1.SEQUENCE) {
			return nil, nil, false
		}
		unsigned = append(unsigned, member)
	}
	return head, unsigned, true
}
