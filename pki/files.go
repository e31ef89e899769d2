package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"chancery/problem"
)

func writeHolder(name string, h Holder, key []byte) error {
	var chain []byte
	for _, c := range append([]*x509.Certificate{h.Certificate}, h.Chain...) {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: c.Raw})...)
	}
	if err := absent(name + ".pem"); err != nil {
		return err
	}
	if key != nil {
		if err := writeNew(name+".key", key, 0o600); err != nil {
			return err
		}
	}
	return writeNew(name+".pem", chain, 0o644)
}

func absent(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return problem.Conflict("file_exists", fmt.Sprintf("%s is there already and is not overwritten.", path))
	}
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, data []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return problem.Conflict("file_exists", fmt.Sprintf("%s is there already and is not overwritten.", path))
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func certificatePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: c.Raw})
}

func keyPEM(pkcs8 []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockKey, Bytes: pkcs8})
}
