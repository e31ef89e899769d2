package papers

import (
	"bytes"
	"context"
	"fmt"

	"chancery/id"
)

// KeepTemplate keeps a template's bytes and returns the name under which they lie,
// with their digest.
func (p *Papers) KeepTemplate(ctx context.Context, content []byte) (blob, sha256 string, err error) {
	blob = "templates/" + id.New(id.Template)
	if _, err := p.Vault.Put(ctx, blob, bytes.NewReader(content)); err != nil {
		return "", "", fmt.Errorf("keep a template: %w", err)
	}
	return blob, digest(content), nil
}

// Template returns the bytes of a template.
func (p *Papers) Template(ctx context.Context, blob string) ([]byte, error) {
	content, err := p.Vault.ReadAll(ctx, blob)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", blob, err)
	}
	return content, nil
}
