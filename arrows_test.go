package chancery_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The README shows which package imports which. This test compares the picture
// with the code, so that it cannot rot; and it holds the arrows to point down.
func TestThePictureOfTheImportsIsTrue(t *testing.T) {
	drawn := picture(t)
	real := arrows(t)
	if drawn != real {
		t.Errorf("README.md shows\n%s\nbut the code has\n%s", drawn, real)
	}
}

func TestNoArrowPointsBack(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(picture(t)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), "→")
		for _, target := range strings.Fields(to) {
			if seen[target] {
				t.Errorf("%s imports %s, which stands above it", strings.TrimSpace(from), target)
			}
		}
		seen[strings.TrimSpace(from)] = true
	}
}

// picture returns the lines of README.md that have an arrow.
func picture(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(readme)) {
		if strings.Contains(line, "→") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(lines, "\n")
}

// arrows asks the go command, in the order of the picture.
func arrows(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(bytes.TrimSpace(out))) {
		words := strings.Fields(line)
		from := top(words[0])
		if from == "" || from == "e2e" {
			continue
		}
		for _, to := range words[1:] {
			if to = top(to); to != "" && to != from && !slices.Contains(imports[from], to) {
				imports[from] = append(imports[from], to)
			}
		}
	}
	return drawnLike(picture(t), imports)
}

// drawnLike writes the imports with the lines and words in the picture's order,
// what the picture lacks at the end.
func drawnLike(picture string, imports map[string][]string) string {
	var lines []string
	write := func(from string, order []string) {
		to := imports[from]
		slices.SortFunc(to, func(a, b string) int {
			if i, j := place(order, a), place(order, b); i != j {
				return i - j
			}
			return strings.Compare(a, b)
		})
		lines = append(lines, from+" → "+strings.Join(to, " "))
		delete(imports, from)
	}
	for line := range strings.Lines(picture) {
		from, to, _ := strings.Cut(line, "→")
		if from = strings.TrimSpace(from); imports[from] != nil {
			write(from, strings.Fields(to))
		}
	}
	var rest []string
	for from := range imports {
		rest = append(rest, from)
	}
	slices.Sort(rest)
	for _, from := range rest {
		write(from, nil)
	}
	return strings.Join(lines, "\n")
}

func place(order []string, word string) int {
	if i := slices.Index(order, word); i >= 0 {
		return i
	}
	return len(order)
}

// top is the folder at the top that a package of ours lies in; "" for others' packages.
func top(path string) string {
	rest, ours := strings.CutPrefix(path, "chancery/")
	if !ours {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	if first == "cmd" {
		return rest
	}
	return first
}
