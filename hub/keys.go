package hub

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"chancery/links"
	"chancery/vault"
)

// columnKeys is the vault's name for the wrapped keys of the database's columns.
const columnKeys = "keys/columns"

// openColumns opens the keys that seal the database's columns, or makes them at
// the first start. Of several processes that start at once, the first one's win.
func openColumns(ctx context.Context, kek vault.KEK, store *vault.Store) (*vault.Column, error) {
	wrapped, err := store.ReadAll(ctx, columnKeys)
	if err != nil && !errors.Is(err, vault.ErrMissing) {
		return nil, fmt.Errorf("read column keys: %w", err)
	}
	column, made, err := vault.NewColumn(ctx, kek, wrapped)
	if err != nil || wrapped != nil {
		return column, err
	}
	_, err = store.Put(ctx, columnKeys, bytes.NewReader(made))
	if errors.Is(err, vault.ErrExists) {
		return openColumns(ctx, kek, store)
	}
	if err != nil {
		return nil, fmt.Errorf("keep column keys: %w", err)
	}
	return column, nil
}

// secrets are made once, by whichever process is first.
type secrets interface {
	Secret(ctx context.Context, name string, create func() ([]byte, error)) ([]byte, error)
}

// openLinks opens the keys that links are made with. Links say their region where
// there is more than one.
func openLinks(ctx context.Context, s secrets, c Config) (*links.Keys, error) {
	key, err := s.Secret(ctx, "links", func() ([]byte, error) {
		fresh := make([]byte, 32)
		_, err := rand.Read(fresh)
		return fresh, err
	})
	if err != nil {
		return nil, err
	}
	keys, err := links.NewKeys(key)
	if err != nil || len(c.Regions) == 0 {
		return keys, err
	}
	return keys.In(c.region()), nil
}
