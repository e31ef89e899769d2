package judges

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"chancery/pades/cms"
)

// placeholder is a signature as our writer spells it.
var placeholder = regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\] *\n/Contents `)

// openssl checks every container and token with its own programs.
func (b *bench) openssl(t *testing.T, file []byte, signatures, stamps int) error {
	dir := t.TempDir()
	o := openssl{root: b.root, content: filepath.Join(dir, "content"), container: filepath.Join(dir, "container")}
	for _, at := range placeholder.FindAllSubmatchIndex(file, -1) {
		n := numbers(file, at)
		covered := append(bytes.Clone(file[:n[0]]), file[n[1]:n[1]+n[2]]...)
		der := unpadded(t, file[n[0]+1:n[1]-1])
		start := bytes.LastIndex(file[:at[0]], []byte(" obj"))
		if bytes.Contains(file[start:at[0]], []byte("/DocTimeStamp")) {
			stamps--
			if err := o.token(t, der, covered); err != nil {
				return err
			}
			continue
		}
		signatures--
		if err := o.signature(t, der, covered); err != nil {
			return err
		}
	}
	if signatures != 0 || stamps != 0 {
		return fmt.Errorf("openssl: %d signatures and %d timestamps were not found", signatures, stamps)
	}
	return nil
}

func numbers(file []byte, at []int) (n [3]int) {
	for i := range n {
		n[i], _ = strconv.Atoi(string(file[at[2*i+2]:at[2*i+3]]))
	}
	return n
}

// unpadded is the DER in a hexadecimal string, without the zeros behind it.
func unpadded(t *testing.T, digits []byte) []byte {
	t.Helper()
	padded, err := hex.DecodeString(string(digits))
	must(t, err)
	var whole asn1.RawValue
	_, err = asn1.Unmarshal(padded, &whole)
	must(t, err)
	return whole.FullBytes
}

type openssl struct{ root, content, container string }

func (o openssl) signature(t *testing.T, der, covered []byte) error {
	must(t, errors.Join(os.WriteFile(o.content, covered, 0o644), os.WriteFile(o.container, der, 0o644)))
	if _, err := ask("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", o.container,
		"-content", o.content, "-CAfile", o.root, "-purpose", "any", "-out", os.DevNull); err != nil {
		return err
	}
	c, err := cms.Parse(der)
	if err != nil {
		return err
	}
	for _, token := range c.Timestamps {
		if err := o.token(t, token, c.Value); err != nil {
			return err
		}
	}
	return nil
}

func (o openssl) token(t *testing.T, der, covered []byte) error {
	must(t, errors.Join(os.WriteFile(o.content, covered, 0o644), os.WriteFile(o.container, der, 0o644)))
	_, err := ask("openssl", "ts", "-verify", "-data", o.content, "-in", o.container, "-token_in", "-CAfile", o.root)
	return err
}
