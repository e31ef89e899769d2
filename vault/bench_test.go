package vault_test

import (
	"bytes"
	"fmt"
	"testing"
)

func BenchmarkPut(b *testing.B) {
	for name, size := range map[string]int{"20KB": 20 << 10, "5MB": 5 << 20} {
		b.Run(name, func(b *testing.B) {
			s := newShelf(b)
			content := bytes.Repeat([]byte("%PDF"), size/4)
			b.SetBytes(int64(size))
			for i := 0; b.Loop(); i++ {
				if _, err := s.Put(b.Context(), fmt.Sprintf("env_1/doc-%d", i), bytes.NewReader(content)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadAll(b *testing.B) {
	for name, size := range map[string]int{"20KB": 20 << 10, "5MB": 5 << 20} {
		b.Run(name, func(b *testing.B) {
			s := newShelf(b)
			s.put(b, "doc", string(make([]byte, size)))
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := s.ReadAll(b.Context(), "doc"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkColumn(b *testing.B) {
	column, _, _ := newColumn(b)
	value := []byte("ada.lovelace@example.org")
	sealed, err := column.Seal(value, email)
	if err != nil {
		b.Fatal(err)
	}
	for name, step := range map[string]func() error{
		"Seal":        func() error { _, err := column.Seal(value, email); return err },
		"Open":        func() error { _, err := column.Open(sealed, email); return err },
		"Fingerprint": func() error { column.Fingerprint("email", value); return nil },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
