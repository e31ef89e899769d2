package mail

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// Zone is what the owner of a domain tells the world about its mail.
type Zone struct {
	Domain    string
	Selectors Selectors
	Keys      Keys
	Relay     string // host that sends to the world; empty means the domain's MX hosts
	Returns   Returns
}

// Returns says where letters come back to; its zero value: to the address they
// come from, like any answer.
type Returns struct {
	Domain     string // of the return addresses
	Host       string // that listens for them
	Complaints string // the address to name to providers who pass on complaints
}

// Record is one record; Note says to a person what it is for.
type Record struct {
	Name string // absolute, with the dot at the end
	Text string
	Note string
	Type string // "MX"; empty is TXT
}

// DNSRecords returns the records to publish: two DKIM keys (RFC 6376 §3.6.1, RFC
// 8463 §4), SPF (RFC 7208) and DMARC (RFC 7489).
func DNSRecords(zone Zone) ([]Record, error) {
	if !zone.Keys.complete() {
		return nil, fmt.Errorf("list DNS records of %s: both keys are needed", zone.Domain)
	}
	rsaKey, err := x509.MarshalPKIXPublicKey(zone.Keys.RSA.Public())
	if err != nil {
		return nil, fmt.Errorf("list DNS records of %s: %w", zone.Domain, err)
	}
	edKey := zone.Keys.Ed25519.Public().(ed25519.PublicKey)
	sends := "mx"
	if zone.Relay != "" {
		sends = "a:" + zone.Relay
	}
	return append([]Record{
		{zone.key(zone.Selectors.RSA), "v=DKIM1; k=rsa; h=sha256; p=" + base64.StdEncoding.EncodeToString(rsaKey),
			"DKIM key for all receivers", ""},
		{zone.key(zone.Selectors.Ed25519), "v=DKIM1; k=ed25519; h=sha256; p=" + base64.StdEncoding.EncodeToString(edKey),
			"DKIM key for receivers that know RFC 8463", ""},
		// Softfail: with a hard one some receivers refuse forwarded mail before they
		// look at the DKIM signature that would have passed.
		{zone.Domain + ".", "v=spf1 " + sends + " ~all",
			"hosts that send; join it with an SPF record you already have, a domain may have one only", ""},
		{"_dmarc." + zone.Domain + ".", "v=DMARC1; p=reject; adkim=s; rua=mailto:postmaster@" + zone.Domain,
			"refuse forgeries; begin with p=none while other mail of this domain is not signed yet", ""},
	}, zone.returns("v=spf1 "+sends+" ~all")...), nil
}

// returns are the records by which letters come back. SPF is asked for the domain
// of the return address, so a domain of its own needs it too; it must lie below
// that of From, or it does not count for DMARC.
func (z Zone) returns(spf string) []Record {
	if z.Returns.Domain == "" {
		return nil
	}
	records := []Record{{z.Returns.Domain + ".", "10 " + z.Returns.Host + ".",
		"letters that come back; if this domain has mailboxes too, let their mail server pass return+*@" + z.Returns.Domain +
			" on to it. Register " + z.Returns.Complaints + " where providers pass on complaints", "MX"}}
	if z.Returns.Domain != z.Domain {
		records = append(records, Record{z.Returns.Domain + ".", spf, "hosts that send", ""})
	}
	return records
}

func (z Zone) key(selector string) string { return selector + "._domainkey." + z.Domain + "." }

const maxTXTString = 255 // bytes of one string of a TXT record, RFC 1035 §3.3

// String is the record as a line of a zone file. Its strings are to be joined
// without a space, which is what receivers do.
func (r Record) String() string {
	if r.Type != "" {
		return fmt.Sprintf("%s 3600 IN %s %s", r.Name, r.Type, r.Text)
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%s 3600 IN TXT", r.Name)
	for text := r.Text; text != ""; {
		part := text[:min(len(text), maxTXTString)]
		text = text[len(part):]
		fmt.Fprintf(&line, ` "%s"`, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(part))
	}
	return line.String()
}
