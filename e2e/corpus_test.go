package e2e

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/demo"
)

// corpus are PDFs that nobody here made; they do not belong to this tree.
const corpus = "../../shared/corpus/real"

// Teams that share the corpus: a sandbox may make a hundred calls a minute, a demo makes a dozen.
const corpusTeams = 30

// mayRefuse are the reasons for which a file cannot be signed; anything else is our fault.
var mayRefuse = []string{
	"pdf_encrypted", "pdf_damaged", "pdf_already_signed", "pdf_xfa_only", "pdf_external", "pdf_too_complex", "pdf_empty",
	"document_too_large", "not_a_pdf",
}

func TestEveryPDFIsSignedOrRefusedWithAReason(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "*.pdf"))
	must(t, err)
	if len(files) == 0 {
		t.Skipf("0 files of the corpus were tried: there is no %s", corpus)
	}
	b := openBench(t, "sandbox", "corpus", demo.Preset()...)
	var keys []string
	for i := range corpusTeams {
		keys = append(keys, home.team(t, "sandbox", fmt.Sprintf("Corpus %d", i+1), demo.Preset()...))
	}
	dns := map[string]string{}
	for name, text := range published(t) {
		dns[strings.TrimSuffix(name, ".")] = text
	}
	verdicts := tryAll(t, files, func(i int, file string) error {
		_, err := demo.Run(t.Context(), demo.Options{
			Hub: b.url, Key: keys[i%corpusTeams], Outbox: ground.Outbox, PDF: file, Out: t.TempDir(),
			DNS: dns, Progress: io.Discard, Patience: 2 * time.Minute,
		})
		return err
	})
	report(t, verdicts, len(files))
}

// tryAll tries two files at a time.
func tryAll(t *testing.T, files []string, try func(int, string) error) map[string][]string {
	t.Helper()
	verdicts := map[string][]string{}
	var mu sync.Mutex
	var trying sync.WaitGroup
	todo := make(chan int)
	for range 2 {
		trying.Go(func() {
			for i := range todo {
				verdict := verdictOf(try(i, files[i]))
				mu.Lock()
				verdicts[verdict] = append(verdicts[verdict], filepath.Base(files[i]))
				mu.Unlock()
			}
		})
	}
	for i := range files {
		todo <- i
	}
	close(todo)
	trying.Wait()
	return verdicts
}

var codeAtTheEnd = regexp.MustCompile(`^upload: .*\(([a-z_]+)\)$`)

// verdictOf is the code of a refused upload, "signed", or what went wrong.
func verdictOf(err error) string {
	if err == nil {
		return "signed"
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if refused := codeAtTheEnd.FindStringSubmatch(first); refused != nil && slices.Contains(mayRefuse, refused[1]) {
		return refused[1]
	}
	return "failed: " + first
}

func report(t *testing.T, verdicts map[string][]string, files int) {
	t.Helper()
	t.Logf("%d files: %d signed and verified", files, len(verdicts["signed"]))
	for verdict, names := range verdicts {
		switch {
		case strings.HasPrefix(verdict, "failed"):
			t.Errorf("%s: %s", strings.Join(names, ", "), verdict)
		case verdict != "signed":
			t.Logf("%d refused as %s: %s", len(names), verdict, strings.Join(names, ", "))
		}
	}
}
