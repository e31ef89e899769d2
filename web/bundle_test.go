package web

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// The signing page is opened on telephones with a bad connection.
const mostOfAPage = 60 << 10

func TestScriptsAndStylesAreSmall(t *testing.T) {
	made, err := bundle()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, a := range made {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write(a.bytes)
		_ = zip.Close()
		t.Logf("%s: %d bytes, %d packed", name, len(a.bytes), packed.Len())
		total += len(a.bytes)
	}
	if total > mostOfAPage {
		t.Fatalf("%d bytes are more than %d", total, mostOfAPage)
	}
}

func BenchmarkBundle(b *testing.B) {
	for b.Loop() {
		if _, err := bundle(); err != nil {
			b.Fatal(err)
		}
	}
}
