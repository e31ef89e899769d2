package postgres

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// place says where a sealed value lies. It is the associated data of the sealing.
func place(table, column, id string) []byte {
	return []byte(table + "\x00" + column + "\x00" + id)
}

// seal turns a value into sealed JSON for that place.
func (s *Store) seal(v any, table, column, id string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s of %s %s: %w", column, table, id, err)
	}
	return s.sealBytes(plain, table, column, id)
}

func (s *Store) sealBytes(plain []byte, table, column, id string) ([]byte, error) {
	sealed, err := s.sealer.Seal(plain, place(table, column, id))
	if err != nil {
		return nil, fmt.Errorf("seal %s of %s %s: %w", column, table, id, err)
	}
	return sealed, nil
}

// unseal reads a sealed value of that place into v.
func (s *Store) unseal(v any, sealed []byte, table, column, id string) error {
	plain, err := s.unsealBytes(sealed, table, column, id)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("decode %s of %s %s: %w", column, table, id, err)
	}
	return nil
}

func (s *Store) unsealBytes(sealed []byte, table, column, id string) ([]byte, error) {
	plain, err := s.sealer.Open(sealed, place(table, column, id))
	if err != nil {
		return nil, fmt.Errorf("open %s of %s %s: %w", column, table, id, err)
	}
	return plain, nil
}

// bytea is a bytea on its way through JSON: rows travel as JSON arrays where one
// statement reads or writes many of them, and PostgreSQL writes bytea there as \x and hex digits.
type bytea []byte

// MarshalText writes the form that PostgreSQL reads.
func (b bytea) MarshalText() ([]byte, error) {
	return hex.AppendEncode([]byte(`\x`), b), nil
}

// UnmarshalText reads the form that PostgreSQL writes.
func (b *bytea) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), `\x`)
	if !ok {
		return fmt.Errorf("read bytea: no \\x in front")
	}
	raw, err := hex.DecodeString(digits)
	*b = raw
	return err
}
