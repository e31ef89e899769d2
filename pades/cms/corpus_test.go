package cms_test

import (
	"bytes"
	"crypto"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/tsp"
)

// signedFiles are PDFs that others signed. They are no part of the tree.
func signedFiles(t *testing.T) []string {
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

// foreign is a signature dictionary with the bytes it covers.
type foreign struct {
	file, kind string
	contents   []byte
	covered    []byte
}

// signaturesIn finds every dictionary with a ByteRange, wherever it hangs.
func signaturesIn(data []byte, name string) (found []foreign, err error) {
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for num := 1; num < f.NextObject() && num < 20_000; num++ {
		object, err := f.Load(pdf.Ref{Num: num})
		if err != nil {
			continue
		}
		d, _ := object.(pdf.Dict)
		contents, _ := d["Contents"].(pdf.String)
		ranges, _ := d["ByteRange"].(pdf.Array)
		if len(contents) == 0 || len(ranges) < 2 {
			continue
		}
		kind, _ := d["SubFilter"].(pdf.Name)
		if covered, ok := cover(data, ranges); ok {
			found = append(found, foreign{name, string(kind), []byte(contents), covered})
		}
	}
	return found, nil
}

func cover(data []byte, ranges pdf.Array) (covered []byte, ok bool) {
	for i := 0; i+1 < len(ranges); i += 2 {
		from, _ := ranges[i].(int64)
		length, _ := ranges[i+1].(int64)
		if from < 0 || length < 0 || from > int64(len(data)) || from+length > int64(len(data)) {
			return nil, false
		}
		covered = append(covered, data[from:from+length]...)
	}
	return covered, true
}

var errDigest = errors.New("digest differs")

func (s foreign) check() (*cms.Container, error) {
	c, err := cms.Parse(s.contents)
	if err != nil {
		return nil, err
	}
	if s.kind == "ETSI.RFC3161" {
		token, err := tsp.Parse(s.contents)
		if err != nil {
			return c, err
		}
		return c, token.Check(sum(token.Hash, s.covered))
	}
	if s.kind == "adbe.pkcs7.sha1" {
		if !bytes.Equal(c.Content, sum(crypto.SHA1, s.covered)) {
			return c, errDigest
		}
		return c, c.Check()
	}
	if !c.Matches(sum(c.Hash, s.covered)) {
		return c, errDigest
	}
	return c, c.Check()
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// explained are the files with a container that does not hold, and why. What other
// validators said of them stands in the corpus's verdicts.
var explained = map[string]string{
	"certattack-03_NDA_cert_p2_sign_manipulate.pdf":                            "digest", // a copied signature that no field shows
	"certattack-03_Test_cert_p2_sign_manipulate.pdf":                           "digest",
	"certattack-04_NDA_cert_p2_sign_sign_manipulate.pdf":                       "digest",
	"certattack-minimal_cert_invalid.pdf":                                      "digest",
	"dss-validation-BadEncodedCMS.pdf":                                         "not minimally-encoded",
	"dss-validation-Signature-P-HU_NET-2.pdf":                                  "digest algorithm 1.2.840.113549.1.1.11", // of a signature
	"dss-validation-dss-1420-PAdES-BpB-att-SHA256-SHA3_224withRSA.pdf":         "is not accepted",                        // SHA-3
	"dss-validation-dss-PLAIN-ECDSA-TeleSec_PKS_eIDAS_QES_CA_1-baseline-b.pdf": "is missing",                             // on a Brainpool curve
	"dss-validation-hello_signed_INCSAVE_signed_EDITED.pdf":                    "digest",
	"dss-validation-pades-enveloping-empty-bytes-cms.pdf":                      "digest", // its content is inside, and empty
	"dss-validation-pades-two-sig-copied-tst.pdf":                              "another digest",
	"dss-validation-pades-unsupported-signature-algorithm.pdf":                 "is not accepted",
	"dss-validation-pdf-byterange-overlap.pdf":                                 "digest",
	"dss-validation-pdf-double-signer-info.pdf":                                "2 signers",
	"dss-validation-pdf-with-two-empty-sigs.pdf":                               "parse CMS", // nothing but padding
	"pyhanko-ed448-disallowed-hash.pdf":                                        "is not accepted",
	"pyhanko-pdf-sig-with-econtent.pdf":                                        "digest", // its content is inside
}

func TestContainersOfOthersAreReadAndChecked(t *testing.T) {
	counts := map[string]int{}
	wrong := map[string]bool{}
	for _, file := range signedFiles(t) {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := signaturesIn(data, name)
		if err != nil {
			counts["files that cannot be opened"]++
		}
		for _, s := range found {
			counts["containers"]++
			c, err := s.check()
			if c != nil {
				s.count(counts, c)
				err = errors.Join(err, s.checkStamps(counts, c))
			}
			if err == nil {
				counts["good"]++
				continue
			}
			wrong[name] = true
			if want := explained[name]; want == "" || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for name := range explained {
		if !wrong[name] {
			t.Errorf("%s: holds, or could not be read", name)
		}
	}
	t.Logf("%v", counts)
	if counts["good"] < 150 || counts["good stamps"] < 60 || counts["weak"] == 0 || counts["with revocation data"] == 0 {
		t.Error("fewer than there are")
	}
}

func (s foreign) count(counts map[string]int, c *cms.Container) {
	for what, is := range map[string]bool{
		s.kind: true, "weak": c.Weak(), "with signing time": c.HasSigningTime, "bound": c.BoundToCertificate,
		"with revocation data": len(c.OCSPs)+len(c.CRLs) > 0,
	} {
		if is {
			counts[what]++
		}
	}
}

func (s foreign) checkStamps(counts map[string]int, c *cms.Container) error {
	for _, der := range c.Timestamps {
		token, err := tsp.Parse(der)
		if err != nil {
			return err
		}
		if err := token.Check(sum(token.Hash, c.Value)); err != nil {
			return err
		}
		counts["good stamps"]++
	}
	return nil
}
