package account

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"chancery/problem"
)

// The codes of a device, RFC 6238 with what every authenticator takes.
const (
	codePeriod = 30 // seconds
	codeDrift  = 1  // periods that a device's clock may be off, either way
	totpBytes  = 20 // of secret: as many as the hash has (RFC 4226 §4)
)

var codeForm = totp.ValidateOpts{Period: codePeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// RecoveryCodes is how many codes there are for the day on which the device is lost.
const RecoveryCodes = 10

// recoveryBytes of randomness make guessing hopeless even for whoever has the hashes.
const recoveryBytes = 10

var plain32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// ErrWrongCode is the answer to a code that is wrong, late or used already.
var ErrWrongCode = problem.Denied("code_wrong", "This code is not right, or has been used already.").At("code")

// NewTOTP draws a secret for a user's device.
func NewTOTP() string {
	secret := make([]byte, totpBytes)
	rand.Read(secret)
	return plain32.EncodeToString(secret)
}

// Picture is the secret as a QR code in PNG, for a device to read.
func Picture(secret, issuer, email string) ([]byte, error) {
	raw, err := plain32.DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("read device secret: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: email, Secret: raw, Period: codePeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return nil, fmt.Errorf("write device secret: %w", err)
	}
	drawn, err := key.Image(240, 240)
	if err != nil {
		return nil, fmt.Errorf("draw device secret: %w", err)
	}
	var out bytes.Buffer
	err = png.Encode(&out, drawn)
	return out.Bytes(), err
}

// Confirm makes the secret that waits the user's own, when the code shows that a
// device has it, and returns the recovery codes, which are shown this once.
func (s *Secrets) Confirm(code string, at time.Time) ([]string, error) {
	step, ok := matching(s.Waiting, code, at, 0)
	if s.Waiting == "" || !ok {
		return nil, ErrWrongCode
	}
	s.TOTP, s.Waiting, s.Step = s.Waiting, "", step
	return s.Recover(), nil
}

// Recover draws recovery codes in place of those there were.
func (s *Secrets) Recover() []string {
	shown := make([]string, RecoveryCodes)
	s.Recovery = nil
	for i := range shown {
		secret := make([]byte, recoveryBytes)
		rand.Read(secret)
		text := strings.ToLower(plain32.EncodeToString(secret))
		shown[i] = strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
		s.Recovery = append(s.Recovery, HashToken(text))
	}
	return shown
}

// Take takes a code of the user's device, or a recovery code. Neither is good twice.
func (s *Secrets) Take(code string, at time.Time) (recovery bool, err error) {
	if s.TOTP == "" {
		return false, ErrWrongCode
	}
	if step, ok := matching(s.TOTP, code, at, s.Step); ok {
		s.Step = step
		return false, nil
	}
	hash := HashToken(bare(code))
	for i, kept := range s.Recovery {
		if subtle.ConstantTimeCompare(kept, hash) == 1 {
			s.Recovery = slices.Delete(s.Recovery, i, i+1)
			return true, nil
		}
	}
	return false, ErrWrongCode
}

// Drop switches the second factor off, and passkeys with it.
func (s *Secrets) Drop() { s.TOTP, s.Waiting, s.Step, s.Recovery, s.Passkeys = "", "", 0, nil, nil }

// matching finds the period of a code, which must be younger than the newest that was taken.
func matching(secret, code string, at time.Time, newest int64) (int64, bool) {
	code = bare(code)
	now := at.Unix() / codePeriod
	for step := now - codeDrift; step <= now+codeDrift; step++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*codePeriod, 0), codeForm)
		if err == nil && step > newest && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// bare is a code without what people put between its parts.
func bare(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.TrimSpace(code)))
}
