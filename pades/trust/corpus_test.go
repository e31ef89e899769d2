package trust_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/trust"
	"chancery/pades/tsp"
)

// lasting are PDFs of others that carry a document security store. They are no
// part of the tree.
func lasting(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	files, err := filepath.Glob(filepath.Join(dir, "signed", "*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("skipped 154 cases: no corpus at %s", dir)
	}
	return files
}

// store reads a file's document security store; ok is false without one.
func store(f *pdf.File) (e trust.Evidence, ok bool) {
	_, root, err := f.Root()
	if err != nil {
		return e, false
	}
	dss, err := f.Dict(root["DSS"])
	if err != nil || dss == nil {
		return e, false
	}
	read := func(key pdf.Name) (list [][]byte) {
		items, _ := f.Array(dss[key])
		for _, item := range items {
			object, err := f.Get(item)
			if err != nil {
				continue
			}
			if s, ok := object.(*pdf.Stream); ok {
				if data, err := f.Decode(s); err == nil {
					list = append(list, data)
				}
			}
		}
		return list
	}
	return trust.Evidence{Certificates: read("Certs"), CRLs: read("CRLs"), OCSPs: read("OCSPs")}, true
}

// question is a certificate with the time that a timestamp proves.
type question struct {
	who        *x509.Certificate
	candidates []*x509.Certificate
	evidence   trust.Evidence
	at         time.Time
}

// roots are all that call themselves one: whom to trust is not what is tested here.
func (q question) roots() (roots []*x509.Certificate) {
	all := slices.Clone(q.candidates)
	for _, der := range q.evidence.Certificates {
		if c, err := cms.ParseCertificate(der); err == nil {
			all = append(all, c)
		}
	}
	for _, c := range all {
		if bytes.Equal(c.RawIssuer, c.RawSubject) {
			roots = append(roots, c)
		}
	}
	return roots
}

func (q question) judge() trust.Judgement {
	return trust.Judge(q.who, q.candidates, q.roots(), q.evidence, q.at)
}

// questions are about the signers and authorities of everything that is stamped.
func questions(f *pdf.File) (list []question) {
	evidence, ok := store(f)
	if !ok {
		return nil
	}
	for num := 1; num < f.NextObject() && num < 20_000; num++ {
		object, err := f.Load(pdf.Ref{Num: num})
		if err != nil {
			continue
		}
		d, _ := object.(pdf.Dict)
		contents, _ := d["Contents"].(pdf.String)
		c, err := cms.Parse([]byte(contents))
		if d["ByteRange"] == nil || err != nil {
			continue
		}
		tokens := c.Timestamps
		if d["SubFilter"] == pdf.Name("ETSI.RFC3161") {
			tokens = [][]byte{[]byte(contents)}
		}
		q := question{who: c.Signer, candidates: c.Certificates, evidence: evidence}
		q.evidence.Merge(trust.Evidence{CRLs: c.CRLs, OCSPs: c.OCSPs})
		list = append(list, q.about(tokens)...)
	}
	return list
}

func (q question) about(tokens [][]byte) (list []question) {
	for _, der := range tokens {
		token, err := tsp.Parse(der)
		if err != nil {
			continue
		}
		q.at, q.candidates = token.Time, slices.Concat(q.candidates, token.Certificates)
		list = append(list, q)
		if !token.Certificate.Equal(q.who) {
			q.who = token.Certificate
			list = append(list, q)
		}
	}
	return list
}

func TestTheEvidenceInFilesOfOthersIsJudged(t *testing.T) {
	counts := map[string]int{}
	for _, file := range lasting(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue // package cms counts these
		}
		for _, q := range questions(f) {
			j := q.judge()
			counts[strings.TrimSpace(j.Reason+" "+string(j.Revocation().Status)+" "+j.Revocation().Reason)]++
			if j.Trusted != (j.Reason == "") || len(j.Path) == 0 {
				t.Errorf("%s: %+v", filepath.Base(file), j)
			}
			if !j.Good() || j.Revocation().Status == trust.NotNeeded {
				continue
			}
			bare := q
			bare.evidence.CRLs, bare.evidence.OCSPs = nil, nil
			if bare.judge().Good() {
				t.Errorf("%s: %q is good without any evidence", filepath.Base(file), q.who.Subject.CommonName)
			}
			late := q
			late.at = q.who.NotAfter.Add(time.Second)
			if late.judge().Good() {
				t.Errorf("%s: %q is good after its end", filepath.Base(file), q.who.Subject.CommonName)
			}
		}
	}
	t.Logf("%v", counts)
	if counts["good"] < 30 {
		t.Error("fewer than there are")
	}
}
