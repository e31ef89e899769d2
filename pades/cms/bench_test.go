package cms_test

import (
	"testing"

	"chancery/pades/cms"
)

func BenchmarkSign(b *testing.B) {
	s := newSigner(b)
	digest := digestOf(content)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cms.Sign(digest, s.certificate, s.chain, s.key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	with, _ := stamped(b, newSigner(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cms.Parse(with); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	with, _ := stamped(b, newSigner(b))
	c, err := cms.Parse(with)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAddTimestamp(b *testing.B) {
	s := newSigner(b)
	container := signed(b, s)
	_, token := stamped(b, s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cms.AddTimestamp(container, token); err != nil {
			b.Fatal(err)
		}
	}
}
