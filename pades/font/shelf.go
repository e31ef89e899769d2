package font

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// Directories are searched for font files when text first needs more than the
// fonts that are compiled in. A program may set them before that.
var Directories = []string{"/usr/share/fonts", "/usr/local/share/fonts"}

// Limits of the search.
const (
	maxFiles    = 4_000
	maxFileSize = 256 << 20
)

// spine is what is known of a font without taking it off the shelf.
type spine struct {
	path         string
	index        int // in a collection
	family       string
	bold, italic bool
	rank         int
	letters      [][2]rune // ranges, sorted
}

// shelf lists the fonts of Directories, the best first. Reading it takes a few
// tenths of a second, once.
var shelf = sync.OnceValue(func() []*spine {
	var all []*spine
	files := 0
	for _, directory := range Directories {
		_ = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() { // what cannot be read is not there
				return nil
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".ttf", ".otf", ".ttc":
				if files++; files > maxFiles {
					return fs.SkipAll
				}
				all = append(all, spines(path)...)
			}
			return nil
		})
	}
	slices.SortFunc(all, func(a, b *spine) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(a.family), len(b.family)), cmp.Compare(a.family, b.family),
			cmp.Compare(a.path, b.path), cmp.Compare(a.index, b.index))
	})
	return all
})

// spines reads the names and the character maps of a file.
func spines(path string) (all []*spine) {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if about, err := file.Stat(); err != nil || about.Size() > maxFileSize {
		return nil
	}
	loaders, err := opentype.NewLoaders(file)
	if err != nil {
		return nil
	}
	for i, loader := range loaders {
		about, _ := gotext.Describe(loader, nil)
		s := &spine{path: path, index: i, family: about.Family, rank: rank(about.Family)}
		s.bold, s.italic = about.Aspect.Weight >= gotext.WeightSemibold, about.Aspect.Style == gotext.StyleItalic
		if s.rank == unwanted || !hasOutlines(loader) {
			continue
		}
		if s.letters = lettersOf(loader); len(s.letters) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// hasOutlines tells also whether the maker lets documents embed the font (OS/2,
// fsType), as all free fonts do.
func hasOutlines(loader *opentype.Loader) bool {
	has := func(name string) bool { return loader.HasTable(opentype.MustNewTag(name)) }
	if has("CBDT") || has("sbix") || !has("glyf") && !has("CFF ") && !has("CFF2") {
		return false
	}
	const restricted, noSubsets = 1 << 1, 1 << 8
	os2, err := loader.RawTable(opentype.MustNewTag("OS/2"))
	return err != nil || len(os2) < 10 || uint16(os2[8])<<8&noSubsets == 0 && os2[9]&restricted == 0
}

func lettersOf(loader *opentype.Loader) [][2]rune {
	raw, err := loader.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return nil
	}
	parsed, _, err := tables.ParseCmap(raw)
	if err != nil {
		return nil
	}
	cmap, _, err := gotext.ProcessCmap(parsed, tables.FPNone)
	if err != nil {
		return nil
	}
	ranger, ok := cmap.(gotext.CmapRuneRanger)
	if !ok {
		return nil
	}
	ranges := ranger.RuneRanges(nil)
	slices.SortFunc(ranges, func(a, b [2]rune) int { return cmp.Compare(a[0], b[0]) })
	return slices.Clip(ranges)
}

const unwanted = 100

// rank prefers the fonts that go with ours: upright, without serifs, of even
// weight, and made for every script.
func rank(family string) int {
	const odd, other = 5, 6
	preferred := []string{"Noto Sans", "Noto Naskh", "DejaVu Sans", "Noto"}
	noto := strings.HasPrefix(family, "Noto")
	for _, part := range []string{"Mono", "Condensed", "Display", "UI", "Light", "Black", "CJK HK"} {
		if strings.Contains(family, part) {
			return unwanted
		}
	}
	for _, part := range []string{"Kufi", "Nastaliq", "Looped", "Rashi", "Unjoined", "Nushu"} {
		if noto && strings.Contains(family, part) {
			return odd
		}
	}
	for i, start := range preferred {
		if strings.HasPrefix(family, start) {
			return i
		}
	}
	return other
}

func (s *spine) has(r rune) bool {
	i, found := slices.BinarySearchFunc(s.letters, r, func(span [2]rune, r rune) int { return cmp.Compare(span[0], r) })
	return found || i > 0 && r <= s.letters[i-1][1]
}

// taken are the faces off the shelf.
var taken struct {
	sync.Mutex
	faces map[*spine]*face
}

// largeFile is the size from which the outlines of a font stay in its file, in bytes.
const largeFile = 2 << 20

// take opens the font, or gives nil when its file cannot be read any more.
func (s *spine) take() *face {
	taken.Lock()
	defer taken.Unlock()
	f, ok := taken.faces[s]
	if !ok {
		if taken.faces == nil {
			taken.faces = map[*spine]*face{}
		}
		f = s.open()
		taken.faces[s] = f
	}
	return f
}

// open reads the font. Its file stays open for the outlines, and is closed when
// nobody uses the font any more.
func (s *spine) open() *face {
	file, err := os.Open(s.path)
	if err != nil {
		return nil
	}
	f, err := parse(file, s.index)
	if err != nil {
		file.Close()
		return nil
	}
	return f
}
