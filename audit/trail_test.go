package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"chancery/audit"
)

// written is a small trail as a file. Its salts are fixed, so it never changes.
func written(t testing.TB) []byte {
	t.Helper()
	salts := strings.NewReader("0123456789abcdefFEDCBA9876543210")
	head := audit.Start("env_1")
	var entries []audit.Entry
	for i, event := range []audit.Event{
		{Kind: "recipient.viewed", Actor: audit.Actor{Kind: audit.Recipient, ID: "rcp_1"}, Personal: &audit.Personal{
			Name: "Zoë <Müller>", Email: "zoe@example.org", Address: "192.0.2.7", Device: "Firefox", Detail: map[string]string{"b": "2", "a": "1"}}},
		{Kind: "envelope.expired", Actor: audit.Actor{Kind: audit.Hub, ID: "hub"}, Detail: map[string]string{"after": "30d"}},
	} {
		event.Chain, event.N, event.At = "env_1", int64(i+1), noon.Add(123456000)
		entry, err := audit.Append(head, event, salts)
		if err != nil {
			t.Fatal(err)
		}
		entries, head = append(entries, entry), entry.Hash
	}
	entries[1] = entries[1].Erased()
	var file bytes.Buffer
	if err := audit.NewTrail("env_1", entries).WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// The file's hashes were also computed by a program of another language from
// the package comment alone. Trails out there must verify for good, so a
// difference here is a new Format, not a new file.
func TestTrailsAreWrittenAsTheyAlwaysWere(t *testing.T) {
	kept, err := os.ReadFile("testdata/audit.json")
	if err != nil {
		t.Fatal(err)
	}
	if now := written(t); !bytes.Equal(now, kept) {
		t.Fatalf("it is now\n%s", now)
	}
	if err := audit.VerifyJSON(bytes.NewReader(kept)); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyTrailEndsWhereItStarts(t *testing.T) {
	var file bytes.Buffer
	if err := audit.NewTrail("env_1", nil).WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	if err := audit.VerifyJSON(&file); err != nil {
		t.Fatal(err)
	}
}

func TestWhiteSpaceMakesNoDifference(t *testing.T) {
	var wide bytes.Buffer
	if err := json.Indent(&wide, written(t), " ", "\t\t"); err != nil {
		t.Fatal(err)
	}
	if err := audit.VerifyJSON(strings.NewReader("\n " + wide.String() + "\r\n")); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatShowsMoreThanWasCheckedIsRefused(t *testing.T) {
	good := string(written(t))
	for name, swap := range map[string][2]string{
		"an unknown member":        {`"kind": "recipient.viewed"`, `"kind": "recipient.viewed", "note": "forged"`},
		"a member twice":           {`"kind": "recipient.viewed"`, `"kind": "act.signed", "kind": "recipient.viewed"`},
		"a member in capitals":     {`"kind": "recipient.viewed"`, `"KIND": "act.signed", "kind": "recipient.viewed"`},
		"another spelling of time": {`12:00:00.123456Z`, `12:00:00.123456000Z`},
		"another zone":             {`12:00:00.123456Z`, `13:00:00.123456+01:00`},
		"another format":           {audit.Format, "chancery audit 2"},
		"text after the end":       {"\n}\n", "\n} {}\n"},
		"bytes that are no text":   {"Firefox", "Fire\xfffox"},
		"a short hash":             {`"head_hash": "`, `"head_hash": "00`},
		"no object":                {good, "[]"},
		"nothing":                  {good, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, swap[0], swap[1], 1)
			if bad == good {
				t.Fatal("the test changes nothing")
			}
			var b *audit.Break
			if err := audit.VerifyJSON(strings.NewReader(bad)); err == nil || errors.As(err, &b) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestAnEndlessFileIsRefusedInTime(t *testing.T) {
	if err := audit.VerifyJSON(blanks{}); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Fatalf("got %v", err)
	}
}

// blanks never ends.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte(" "), len(p))), nil
}

func TestAnyChangedByteOfAFileIsDetected(t *testing.T) {
	good := written(t)
	for i := range good {
		for _, b := range []byte("0 ax\"{") {
			mustNotVerify(t, good, i, b)
		}
	}
}

func mustNotVerify(t *testing.T, good []byte, at int, b byte) {
	bad := bytes.Clone(good)
	bad[at] = b
	if sameButForSpace(bad, good) {
		return
	}
	if err := audit.VerifyJSON(bytes.NewReader(bad)); err == nil {
		t.Errorf("byte %d became %q and nobody noticed", at, b)
	}
}

func sameButForSpace(a, b []byte) bool {
	var one, two bytes.Buffer
	if json.Compact(&one, a) != nil || json.Compact(&two, b) != nil {
		return false
	}
	return bytes.Equal(one.Bytes(), two.Bytes())
}

func FuzzVerifyJSON(f *testing.F) {
	f.Add(written(f))
	f.Add([]byte(`{"format":"chancery audit 1","chain":"env_1","events":[],"head_hash":""}`))
	f.Add([]byte(`{"events":[{"at":"9999-12-31T23:59:59Z","n":1e3,"personal":{"detail":{"a":"b","a":"c"}}}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		if audit.VerifyJSON(bytes.NewReader(file)) != nil {
			return
		}
		trail, err := audit.ReadTrail(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := trail.WriteJSON(&again); err != nil || !sameButForSpace(file, again.Bytes()) {
			t.Fatalf("verified, but written again it is another file: %v\n%s", err, again.Bytes())
		}
	})
}

func FuzzAChangedByteIsDetected(f *testing.F) {
	good := written(f)
	f.Add(uint(40), byte('x'))
	f.Fuzz(func(t *testing.T, at uint, b byte) {
		mustNotVerify(t, good, int(at%uint(len(good))), b)
	})
}
