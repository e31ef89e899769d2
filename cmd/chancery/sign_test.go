package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

// twoPages is a document to be signed, in a folder of its own.
func twoPages(t *testing.T) string {
	t.Helper()
	d := paper.New("Lease", time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	d.Title("Lease")
	path := filepath.Join(t.TempDir(), "lease.pdf")
	if err := os.WriteFile(path, d.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func signing(t *testing.T, file string) sign {
	return sign{
		File: file, Signer: []string{"Ann Lee <ann@example.com>", "山田 太郎 <taro@example.com>"}, Level: "B-LTA",
		Out: filepath.Join(t.TempDir(), "signed.pdf"),
	}
}

func TestAFileIsSignedOfflineAndJudgedByTheRootBesideIt(t *testing.T) {
	for _, level := range pades.Levels() {
		c := signing(t, twoPages(t))
		c.Level = string(level)
		if err := c.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", level, err)
		}
		err := verify{File: c.Out, Trust: c.Out + ".root.pem", Strict: true}.Run(t.Context())
		want := 0
		if level == pades.LevelLT {
			want = exitPermitted // the evidence follows the last signature
		}
		if got := exitCodeOf(err); got != want {
			t.Errorf("%s: the verdict exits with %d: %v", level, got, err)
		}
		if got := exitCodeOf(verify{File: c.Out, Trust: c.Root}.Run(t.Context())); c.Root != "" && got != 0 {
			t.Errorf("%s: exits with %d", level, got)
		}
	}
}

func exitCodeOf(err error) int {
	if err == nil {
		return 0
	}
	return exitCode(err)
}

func TestEveryVerdictHasItsExitCode(t *testing.T) {
	c := signing(t, twoPages(t))
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	signed, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	other := signing(t, twoPages(t))
	if err := other.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte{}, signed...)
	flipped[40] ^= 1
	for name, tt := range map[string]struct {
		file  []byte
		trust string
		want  int
	}{
		"as it was signed":          {signed, c.Out + ".root.pem", 0},
		"of somebody unknown":       {signed, other.Out + ".root.pem", exitBroken},
		"with a byte flipped":       {flipped, c.Out + ".root.pem", exitBroken},
		"not signed at all":         {read(t, c.File), "", exitUnsigned},
		"not a PDF":                 {[]byte("no document"), "", 1},
		"nobody said whom to trust": {signed, "", 0},
	} {
		path := filepath.Join(t.TempDir(), "file.pdf")
		if err := os.WriteFile(path, tt.file, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := exitCodeOf(verify{File: path, Trust: tt.trust}.Run(t.Context())); got != tt.want {
			t.Errorf("%s: exits with %d, want %d", name, got, tt.want)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNothingIsReplacedUnasked(t *testing.T) {
	c := signing(t, twoPages(t))
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := read(t, c.Out)
	if err := c.Run(t.Context()); !problem.Has(err, "file_exists") || string(read(t, c.Out)) != string(before) {
		t.Errorf("the answer is %v", err)
	}
	c.Force = true
	if err := c.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeSignedIsRefusedWithItsReason(t *testing.T) {
	file := twoPages(t)
	for code, change := range map[string]func(*sign){
		"signer_unreadable":  func(c *sign) { c.Signer = []string{"ann@example.com"} },
		"field_unreadable":   func(c *sign) { c.Field = []string{"1,2,3"} },
		"field_without_page": func(c *sign) { c.Field = []string{"9,50,50,200,60"} },
		"field_outside_page": func(c *sign) { c.Field = []string{"1,5000,50,200,60"} },
		"too_many_fields":    func(c *sign) { c.Field = []string{"1,50,50,200,60", "1,50,150,200,60", "1,50,250,200,60"} },
	} {
		c := signing(t, file)
		change(&c)
		if err := c.Run(t.Context()); !problem.Has(err, code) {
			t.Errorf("want %s, got %v", code, err)
		}
		if _, err := os.Stat(c.Out); err == nil {
			t.Errorf("%s: something was written", code)
		}
	}
}

func TestFieldsLieWhereTheyWereAskedFor(t *testing.T) {
	c := signing(t, twoPages(t))
	c.Field = []string{"1,50,60,200,40", "1, 50, 160, 200, 40"}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 40 { // any number of people finds room at the foot of a page
		if r := foot(pades.PageSize{Width: 595, Height: 842}, i); r.X < 0 || r.Y < 0 || r.X+r.Width > 595 || r.Y+r.Height > 842 {
			t.Errorf("the %d. lies at %v", i+1, r)
		}
		if r := foot(pades.PageSize{Width: 72, Height: 72}, i); r.X < 0 || r.Y < 0 || r.X+r.Width > 73 || r.Y+r.Height > 73 {
			t.Errorf("on a small page the %d. lies at %v", i+1, r)
		}
	}
}

func TestSigningLeavesNoHalfResult(t *testing.T) {
	for code, change := range map[string]func(*sign){
		"file_exists": func(c *sign) { // only the root is there
			c.Root = filepath.Join(filepath.Dir(c.Out), "root.pem")
			if err := os.WriteFile(c.Root, []byte("somebody's"), 0o644); err != nil {
				t.Fatal(err)
			}
		},
		"same_file":      func(c *sign) { c.Root = c.Out },
		"not_a_file":     func(c *sign) { c.Force, c.Root = true, t.TempDir() },
		"no_such_folder": func(c *sign) { c.Root = filepath.Join(t.TempDir(), "nowhere", "root.pem") },
	} {
		c := signing(t, twoPages(t))
		change(&c)
		before := names(t, filepath.Dir(c.Out))
		if err := c.Run(t.Context()); !problem.Has(err, code) {
			t.Errorf("want %s, got %v", code, err)
		}
		if after := names(t, filepath.Dir(c.Out)); !slices.Equal(before, after) {
			t.Errorf("%s: there is now %v", code, after)
		}
	}
}

func TestWhatAppearsWhileSigningIsKept(t *testing.T) {
	dir := t.TempDir()
	r := results{files: []result{{filepath.Join(dir, "root.pem"), []byte("root")}, {filepath.Join(dir, "signed.pdf"), []byte("pdf")}}}
	if err := r.free(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.files[1].path, []byte("somebody's"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.write(); !problem.Has(err, "file_exists") {
		t.Errorf("the answer is %v", err)
	}
	if left := names(t, dir); !slices.Equal(left, []string{"signed.pdf"}) || string(read(t, r.files[1].path)) != "somebody's" {
		t.Errorf("there is %v", left)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}
