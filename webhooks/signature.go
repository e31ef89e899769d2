package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// The three headers of Standard Webhooks 1.0.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// Sign returns the value of webhook-signature: one v1 signature (HMAC-SHA256 over
// id.timestamp.body) for each secret, separated by spaces. While a secret rolls
// both the old and the new one are live, and the receiver needs to know only one.
func Sign(id string, timestamp time.Time, body []byte, secrets ...Secret) string {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret.key))
		mac.Write([]byte(id + "." + unixSeconds(timestamp) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}

func unixSeconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
