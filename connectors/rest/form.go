package rest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"

	"chancery/connectors"
)

// Form makes a form of texts and a file (RFC 7578). It is held in memory, because a
// request may have to be made again with a new token.
func Form(f connectors.File, part string, texts map[string]string) (form []byte, kind string, err error) {
	content, err := f.Open()
	if err != nil {
		return nil, "", fmt.Errorf("open file %s: %w", f.Key, err)
	}
	defer content.Close()
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := parts.WriteField(name, texts[name]); err != nil {
			return nil, "", fmt.Errorf("write form: %w", err)
		}
	}
	header := textproto.MIMEHeader{"Content-Type": {f.MediaType}}
	header.Set("Content-Disposition", multipart.FileContentDisposition(part, f.Name))
	body, err := parts.CreatePart(header)
	if err == nil {
		_, err = io.Copy(body, content)
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("write form: %w", err)
	}
	return out.Bytes(), parts.FormDataContentType(), nil
}
