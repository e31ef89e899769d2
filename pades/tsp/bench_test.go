package tsp_test

import (
	"context"
	"testing"

	"chancery/pades/tsp"
)

func BenchmarkTimestamp(b *testing.B) {
	a := newHouse(b).authority(b)
	digest := digestOf("x")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Timestamp(context.Background(), digest); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAndCheck(b *testing.B) {
	der, err := newHouse(b).authority(b).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		b.Fatal(err)
	}
	digest := digestOf("x")
	b.ReportAllocs()
	for b.Loop() {
		token, err := tsp.Parse(der)
		if err != nil {
			b.Fatal(err)
		}
		if err := token.Check(digest); err != nil {
			b.Fatal(err)
		}
	}
}
