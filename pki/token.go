//go:build pkcs11

package pki

import (
	"crypto"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/ThalesGroup/crypto11"
)

// tokens are kept open for as long as the process lives: the folder is read again
// and again, and every login is one.
var tokens struct {
	sync.Mutex
	opened map[string]*crypto11.Context // by module, token and serial
	keys   map[string]crypto.Signer     // by address
}

// openToken finds the key at an address of RFC 7512:
//
//	pkcs11:token=hub;object=seal?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/secrets/pin
//
// It understands token, serial, object, id, module-path, pin-source and pin-value.
func openToken(address string) (crypto.Signer, error) {
	at, err := readAddress(address)
	if err != nil {
		return nil, err
	}
	tokens.Lock()
	defer tokens.Unlock()
	if key, ok := tokens.keys[address]; ok {
		return key, nil
	}
	token, err := at.open()
	if err != nil {
		return nil, fmt.Errorf("open token %s: %w", at["token"], err)
	}
	key, err := token.FindKeyPair(at.bytes("id"), at.bytes("object"))
	if err != nil {
		return nil, fmt.Errorf("find key in token %s: %w", at["token"], err)
	}
	if key == nil {
		return nil, fmt.Errorf("find key in token %s: there is no key pair %q", at["token"], at["object"]+at["id"])
	}
	if tokens.keys == nil {
		tokens.keys = map[string]crypto.Signer{}
	}
	tokens.keys[address] = key
	return key, nil
}

// place is an address in parts.
type place map[string]string

// readAddress never repeats the address in an error: it may hold a PIN.
func readAddress(address string) (place, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(address, tokenScheme), "?")
	at := place{}
	for _, part := range append(strings.Split(path, ";"), strings.Split(query, "&")...) {
		name, escaped, _ := strings.Cut(part, "=")
		value, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, errors.New("read address of a key in a token: a percent sign is not followed by two digits")
		}
		at[name] = value
	}
	if at["module-path"] == "" || at["token"]+at["serial"] == "" || at["object"]+at["id"] == "" {
		return nil, errors.New("read address of a key in a token: it needs a token or serial, an object or id, and module-path")
	}
	return at, nil
}

func (at place) bytes(name string) []byte {
	if at[name] == "" {
		return nil
	}
	return []byte(at[name])
}

func (at place) open() (*crypto11.Context, error) {
	name := at["module-path"] + "\x00" + at["token"] + "\x00" + at["serial"]
	if token, ok := tokens.opened[name]; ok {
		return token, nil
	}
	pin, err := at.pin()
	if err != nil {
		return nil, err
	}
	// Both name the token, so only one may be given to the library.
	config := crypto11.Config{Path: at["module-path"], TokenLabel: at["token"], Pin: pin}
	if config.TokenLabel == "" {
		config.TokenSerial = at["serial"]
	}
	token, err := crypto11.Configure(&config)
	if err != nil {
		return nil, err
	}
	if tokens.opened == nil {
		tokens.opened = map[string]*crypto11.Context{}
	}
	tokens.opened[name] = token
	return token, nil
}

func (at place) pin() (string, error) {
	source := strings.TrimPrefix(at["pin-source"], "file:")
	if source == "" {
		return at["pin-value"], nil
	}
	data, err := os.ReadFile(source)
	if err != nil {
		return "", fmt.Errorf("read PIN: %w", err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}
