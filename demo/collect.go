package demo

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"chancery/audit"
	"chancery/pades"
	"chancery/pki"
)

// collect fetches what came of it and leaves it in the folder.
func (r *run) collect(ctx context.Context) error {
	envelope, document := "/v1/envelopes/"+r.summary.Envelope, "/documents/"+r.summary.Document
	for name, path := range map[string]string{
		"signed.pdf":      envelope + document + "/final",
		"audit.json":      envelope + "/audit-trail",
		"audit-trail.pdf": envelope + "/audit-trail.pdf",
		"trust.pem":       "/trust/sandbox.pem",
	} {
		data, err := r.api.get(ctx, path)
		if err != nil {
			return fmt.Errorf("fetch %s: %w", path, err)
		}
		r.files[name] = data
		if err := r.write(name, data); err != nil {
			return err
		}
	}
	if err := r.collectLetters(ctx); err != nil {
		return err
	}
	return r.collectWebhooks()
}

// expectedLetters are an invitation and a letter of completion for each of the four,
// and one for the sender.
const expectedLetters = 9

func (r *run) collectLetters(ctx context.Context) error {
	var letters []letter
	err := r.until(ctx, "all letters", func(ctx context.Context) (done bool, err error) {
		letters, err = r.letters(ctx)
		return len(letters) >= expectedLetters, err
	})
	if err != nil {
		return err
	}
	for i, l := range letters {
		raw, err := r.raw(ctx, l)
		if err != nil {
			return err
		}
		kind, _, _ := strings.Cut(strings.Trim(l.MessageID, "<>"), ".")
		r.mails = append(r.mails, raw)
		if err := r.write(fmt.Sprintf("mails/%d-%s.eml", i+1, kind), raw); err != nil {
			return err
		}
	}
	r.summary.Letters = len(letters)
	return nil
}

func (r *run) collectWebhooks() error {
	var lines bytes.Buffer
	for _, line := range r.hooks.lines() {
		data, err := json.Marshal(line)
		if err != nil {
			return err
		}
		lines.Write(append(data, '\n'))
		r.summary.Webhooks++
	}
	return r.write("webhooks.jsonl", lines.Bytes())
}

// Verification is what was found true. Anything else fails the run.
type Verification struct {
	Document   string   `json:"document"`    // verdict on signed.pdf
	Level      string   `json:"level"`       // PAdES level of signed.pdf
	Signatures []string `json:"signatures"`  // of signed.pdf, in order
	AuditTrail string   `json:"audit_trail"` // verdict on audit-trail.pdf
	Chain      bool     `json:"chain"`       // audit.json holds together
	Letters    int      `json:"letters"`     // whose two DKIM signatures hold
	Webhooks   int      `json:"webhooks"`    // whose signature holds
}

func (r *run) verify(ctx context.Context) error {
	v := &r.summary.Verification
	roots, err := pki.Certificates(r.files["trust.pem"])
	if err != nil {
		return err
	}
	report, err := judge(ctx, r.files["signed.pdf"], roots)
	if err != nil {
		return fmt.Errorf("verify signed.pdf: %w", err)
	}
	if len(report.Signatures) != expectedSignatures {
		return fmt.Errorf("verify signed.pdf: it has %d signatures, not %d", len(report.Signatures), expectedSignatures)
	}
	if report.Level != pades.LevelLTA {
		return fmt.Errorf("verify signed.pdf: its level is %s, not %s", report.Level, pades.LevelLTA)
	}
	v.Document, v.Level = string(report.Verdict), string(report.Level)
	for _, s := range report.Signatures {
		v.Signatures = append(v.Signatures, string(s.Role)+" by "+s.Name)
	}
	trail, err := judge(ctx, r.files["audit-trail.pdf"], roots)
	if err != nil {
		return fmt.Errorf("verify audit-trail.pdf: %w", err)
	}
	v.AuditTrail = string(trail.Verdict)
	if err := audit.VerifyJSON(bytes.NewReader(r.files["audit.json"])); err != nil {
		return err
	}
	v.Chain = true
	for _, line := range r.hooks.lines() {
		if !line.Valid {
			return fmt.Errorf("webhook %s has a signature that does not hold", line.ID)
		}
		v.Webhooks++
	}
	return r.verifyLetters()
}

// certification, one signature for each of the four, the seal, and the document timestamp.
const expectedSignatures = 7

func judge(ctx context.Context, file []byte, roots []*x509.Certificate) (pades.Report, error) {
	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: roots, Now: time.Now()})
	if err == nil && report.Verdict != pades.Unchanged {
		err = fmt.Errorf("the verdict is %s", report.Verdict)
	}
	return report, err
}

// verifyLetters asks of every letter that both its DKIM signatures hold.
func (r *run) verifyLetters() error {
	look := &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if value, ok := r.DNS[strings.TrimSuffix(name, ".")]; ok {
			return []string{value}, nil
		}
		return nil, fmt.Errorf("no record for %s", name)
	}}
	for i, raw := range r.mails {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), look)
		if err != nil {
			return fmt.Errorf("verify letter %d: %w", i+1, err)
		}
		if len(found) != 2 {
			return fmt.Errorf("letter %d has %d DKIM signatures, not two", i+1, len(found))
		}
		for _, f := range found {
			if f.Err != nil {
				return fmt.Errorf("verify letter %d: %w", i+1, f.Err)
			}
		}
		r.summary.Verification.Letters++
	}
	return nil
}
