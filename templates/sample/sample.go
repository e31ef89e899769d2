// Package sample has templates to begin with: a contract with line items in DOCX and
// an offer in HTML. Both ask for the same record, which Record shows, and have text
// tags for signer1, the customer, and signer2, the seller.
package sample

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"strings"
)

// The parts of the contract are kept apart, as text.
//
//go:embed all:contract
var contract embed.FS

// Offer is the template in HTML.
//
//go:embed offer.html
var Offer []byte

//go:embed record.json
var record []byte

// Contract is the template in DOCX.
func Contract() []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err := fs.WalkDir(contract, "contract", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := contract.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.ReplaceAll(strings.TrimPrefix(path, "contract/"), "Content_Types", "[Content_Types]")
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	})
	if err != nil {
		panic(err) // what is embedded can be read
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Record is one that fits, as connectors give it: numbers as they were written.
func Record() map[string]any {
	var all map[string]any
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		panic(err)
	}
	return all
}
