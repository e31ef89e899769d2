package webhooks

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"code.dny.dev/ssrf"
)

// explain says in one sentence why there was no answer. The error itself holds
// addresses of our own network and stays here.
func explain(ctx context.Context, err error) string {
	var (
		untrusted *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		lookup    *net.DNSError
		slow      net.Error
	)
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrInvalidHostPort):
		return "The endpoint's address is not on the public internet, so nothing was sent."
	case errors.Is(err, errPlain):
		return "The endpoint's address does not begin with https://, so nothing was sent."
	case errors.As(err, &untrusted):
		return "The endpoint's TLS certificate could not be verified."
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return "No TLS connection could be agreed with the endpoint."
	case errors.Is(ctx.Err(), context.Canceled):
		return "The attempt was interrupted on our side."
	case errors.As(err, &slow) && slow.Timeout():
		return "The endpoint did not answer in time."
	case errors.As(err, &lookup):
		return "The endpoint's host name could not be resolved."
	}
	return "The connection to the endpoint could not be made or was closed before it answered."
}

// readable makes bytes from outside fit for a log and a page: valid UTF-8 without
// control characters, line breaks turned into spaces, cut at a whole character.
func readable(raw []byte) string {
	text := strings.ToValidUTF8(string(cutWhole(raw)), "\uFFFD")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	// Each invalid byte has become three; cut again.
	if len(text) > maxExcerpt {
		text = string(cutWhole([]byte(text[:maxExcerpt])))
	}
	return text
}

// cutWhole drops the unfinished character that a limit may leave at the end.
func cutWhole(raw []byte) []byte {
	for i := len(raw) - 1; i >= 0 && i > len(raw)-utf8.UTFMax; i-- {
		if utf8.RuneStart(raw[i]) {
			if !utf8.FullRune(raw[i:]) {
				return raw[:i]
			}
			break
		}
	}
	return raw
}
