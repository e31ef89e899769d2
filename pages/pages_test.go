package pages_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery/pages"
	"chancery/problem"
)

// cacheDir is shared with other test runs of this machine: compiling takes seconds.
func cacheDir() string { return filepath.Join(os.TempDir(), "chancery-pages-cache") }

func newPages(t testing.TB, c pages.Config) *pages.Pages {
	t.Helper()
	c.Cache = cacheDir()
	p := pages.New(c)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func file(key string, raw []byte) pages.File {
	return pages.File{Key: key, Read: func(context.Context) ([]byte, error) { return raw, nil }}
}

func decode(t *testing.T, p pages.Picture) image.Image {
	t.Helper()
	img, kind, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil || p.Type != "image/"+kind {
		t.Fatalf("decode a picture of type %s: %s %v", p.Type, kind, err)
	}
	return img
}

func TestASignatureOnThePageIsDrawn(t *testing.T) {
	p := newPages(t, pages.Config{})
	picture, err := p.Render(t.Context(), file("a", paper(0, hello)), 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	img := decode(t, picture)
	if got := img.Bounds().Dx(); got != 1200 {
		t.Fatalf("1000 pixels wide should become the next step, 1200, and is %d", got)
	}
	scale := 1200.0 / 595
	red := color.RGBAModel.Convert(img.At(int(300*scale), int((842-400)*scale))).(color.RGBA)
	if red.R < 240 || red.G > 15 {
		t.Fatalf("the widget's appearance is missing: %v in its middle", red)
	}
}

func TestATransparentPageLiesOnWhitePaper(t *testing.T) {
	p := newPages(t, pages.Config{})
	picture, err := p.Render(t.Context(), file("a", paper(0, "/Half gs 0 g 0 0 595 421 re f")), 1, 800)
	if err != nil {
		t.Fatal(err)
	}
	img := decode(t, picture)
	top := color.GrayModel.Convert(img.At(100, 100)).(color.Gray).Y
	bottom := color.GrayModel.Convert(img.At(100, 1000)).(color.Gray).Y
	if top != 255 || bottom < 120 || bottom > 136 {
		t.Fatalf("white paper is %d, half black on it is %d", top, bottom)
	}
}

func TestTextLiesWhereItIsSeen(t *testing.T) {
	p := newPages(t, pages.Config{})
	lines, err := p.Text(t.Context(), file("a", paper(0, hello)), 1)
	if err != nil || len(lines) != 2 {
		t.Fatalf("got %v, %v", lines, err)
	}
	if l := lines[0]; l.Text != "This agreement is made today." || math.Abs(l.X-72) > 2 || math.Abs(l.Y-(842-770-10)) > 4 {
		t.Errorf("the first line is %+v", l)
	}
	lines, err = p.Text(t.Context(), file("turned", paper(90, hello)), 1)
	if err != nil || len(lines) == 0 {
		t.Fatalf("got %v, %v", lines, err)
	}
	// Turned by a quarter clockwise, the top edge is at the right: x = y of the paper.
	first := slices.IndexFunc(lines, func(l pages.Line) bool { return strings.HasPrefix(l.Text, "This agreement") })
	if first < 0 {
		t.Fatalf("got %+v", lines)
	}
	if l := lines[first]; math.Abs(l.X-770) > 4 || math.Abs(l.Y-72) > 4 || l.H < l.W {
		t.Errorf("on the turned page the first line is %+v", l)
	}
}

func TestBadFilesAreAProblemAndNotAnAccident(t *testing.T) {
	p := newPages(t, pages.Config{})
	good := paper(0, hello)
	for name, c := range map[string]struct {
		raw  []byte
		page int
		code string
	}{
		"nothing at all":             {nil, 1, "pdf_damaged"},
		"not a PDF":                  {[]byte("<html>"), 1, "pdf_damaged"},
		"half a PDF":                 {good[:200], 1, "pdf_damaged"},
		"a page that is not there":   {good, 2, "page_missing"},
		"page zero":                  {good, 0, "page_missing"},
		"a page of a far too big no": {good, 1 << 30, "page_missing"},
	} {
		if _, err := p.Render(t.Context(), file(name, c.raw), c.page, 800); !problem.Has(err, c.code) {
			t.Errorf("%s: drawing gives %v", name, err)
		}
		if _, err := p.Text(t.Context(), file(name, c.raw), c.page); !problem.Has(err, c.code) {
			t.Errorf("%s: reading gives %v", name, err)
		}
	}
}

func TestAPageWhoseTimeIsUpIsStopped(t *testing.T) {
	p := newPages(t, pages.Config{PageTime: 50 * time.Millisecond})
	endless := strings.Repeat("q 0 0 595 842 re W n 0 0 m 1 1 2 2 595 842 c S Q ", 400_000)
	started := time.Now()
	_, err := p.Render(t.Context(), file("endless", paper(0, endless)), 1, 1600)
	if !problem.Has(err, "pdf_too_complex") {
		t.Fatalf("got %v after %s", err, time.Since(started))
	}
	if _, err := p.Render(t.Context(), file("after", paper(0, hello)), 1, 800); problem.Has(err, "pdf_damaged") {
		t.Fatalf("the next document suffers: %v", err)
	}
}

func TestManyReadersOfOnePageDrawItOnce(t *testing.T) {
	p := newPages(t, pages.Config{})
	var reads atomic.Int32
	f := pages.File{Key: "k", Read: func(context.Context) ([]byte, error) { reads.Add(1); return paper(0, hello), nil }}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Render(t.Context(), f, 1, 800); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if reads.Load() != 1 {
		t.Fatalf("the file was read %d times", reads.Load())
	}
}

func TestAFileThatCannotBeReadIsNotRemembered(t *testing.T) {
	p := newPages(t, pages.Config{})
	broken := errors.New("disk")
	fails := pages.File{Key: "k", Read: func(context.Context) ([]byte, error) { return nil, broken }}
	if _, err := p.Render(t.Context(), fails, 1, 800); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if _, err := p.Render(t.Context(), file("k", paper(0, hello)), 1, 800); err != nil {
		t.Fatalf("the second try gives %v", err)
	}
}

func TestAReaderWhoLeavesIsNotWaitedFor(t *testing.T) {
	p := newPages(t, pages.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Render(ctx, file("k", paper(0, hello)), 1, 800); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestTheEngineRestsAndWakesUp(t *testing.T) {
	p := newPages(t, pages.Config{Idle: time.Millisecond})
	for i := range 5 {
		if _, err := p.Render(t.Context(), file(fmt.Sprint(i), paper(0, hello)), 1, 800); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// The corpus holds real files, some of them damaged: whatever happens, it is a
// picture or a problem.
func TestRealDocumentsGiveAPictureOrAProblem(t *testing.T) {
	found, _ := filepath.Glob("../../shared/corpus/real/*.pdf")
	if len(found) == 0 {
		t.Skip("0 of 0 files: no corpus at ../../shared/corpus")
	}
	p := newPages(t, pages.Config{})
	const every = 4 // all of them take a minute under the race detector
	tried, shown := 0, 0
	for i := 0; i < len(found); i += every {
		name := found[i]
		tried++
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := p.Render(t.Context(), file(name, raw), 1, 800)
		var answer *problem.Problem
		switch {
		case err == nil:
			decode(t, picture)
			shown++
			if _, err := p.Text(t.Context(), file(name, raw), 1); err != nil {
				t.Errorf("%s: drawn but not read: %v", name, err)
			}
		case !errors.As(err, &answer):
			t.Errorf("%s: an accident: %v", name, err)
		}
	}
	t.Logf("%d of %d of %d files are shown", shown, tried, len(found))
	if shown < tried*9/10 {
		t.Error("that is fewer than nine of ten")
	}
}
