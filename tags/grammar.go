package tags

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chancery/envelope"
	"chancery/pages"
	"chancery/problem"
)

// The three ways of writing a tag, on text without its line ends.
var (
	own        = regexp.MustCompile(`\[\[\s*([*!]?)\s*(sig|signature|initials|date|text|check|checkbox)\s*:\s*([A-Za-z0-9_-]{1,64}[^\[\]]{0,400})\]\]`)
	adobe      = regexp.MustCompile(`\{\{([^{}]{1,500})\}\}`)
	legalesign = regexp.MustCompile(`<<([^<>]{1,500})>>`)
)

// mayHold tells whether it is worth looking closer at a page.
func mayHold(text string) bool {
	for _, brackets := range []string{"[[", "{{", "<<"} {
		if strings.Contains(text, brackets) {
			return true
		}
	}
	// Spaces between brackets may be made up by the reader of the text.
	return strings.Contains(text, "[ [") || strings.Contains(text, "{ {") || strings.Contains(text, "< <")
}

// match is a tag in the text of a page.
type match struct {
	text    string
	span    [2]int         // of letters
	letters []pages.Letter // that can be seen
	way     func(groups []string) (Tag, error)
	groups  []string
}

// matches finds all tags among the letters of a page.
func matches(letters []pages.Letter) []match {
	var line strings.Builder
	var index []int // of the letter, by byte
	for i, l := range letters {
		r := l.Rune
		if l.Made && (r == '\r' || r == '\n') || r == 0 || r == '\uFFFE' || r == '\u00AD' && l.Made {
			continue
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		at := line.Len()
		line.WriteRune(r)
		for range line.Len() - at {
			index = append(index, i)
		}
	}
	text := line.String()
	var all []match
	for _, way := range []struct {
		form *regexp.Regexp
		read func([]string) (Tag, error)
		is   func(string) bool
	}{
		{own, readOwn, nil}, {adobe, readAdobe, isAdobe}, {legalesign, readLegalesign, isLegalesign},
	} {
		for _, m := range way.form.FindAllStringSubmatchIndex(text, -1) {
			if way.is != nil && !way.is(text[m[2]:m[3]]) {
				continue
			}
			found := match{text: text[m[0]:m[1]], span: [2]int{index[m[0]], index[m[1]-1] + 1}, way: way.read}
			for g := 0; g < len(m); g += 2 {
				found.groups = append(found.groups, text[m[g]:m[g+1]])
			}
			for _, l := range letters[found.span[0]:found.span[1]] {
				if !l.Made && !unicode.IsSpace(l.Rune) {
					found.letters = append(found.letters, l)
				}
			}
			all = append(all, found)
		}
	}
	slices.SortFunc(all, func(a, b match) int { return a.span[0] - b.span[0] })
	return all
}

// spans are where tags are among the letters of a page.
func spans(letters []pages.Letter) [][2]int {
	var all [][2]int
	for _, m := range matches(letters) {
		all = append(all, m.span)
	}
	return all
}

// replaced tells whether the tag is a text that stands for another: its letters
// have no places of their own.
func (m match) replaced() bool {
	places := map[[2]float64]bool{}
	for _, l := range m.letters {
		places[[2]float64{l.X, l.Y}] = true
	}
	return len(places) <= 2
}

// maxShown characters of a tag are shown in a message.
const maxShown = 120

func (m match) read() (Tag, error) {
	t, err := m.way(m.groups)
	if err != nil {
		return Tag{}, problem.Of(err).At("%s", tidy(m.text, maxShown))
	}
	t.Text = m.text
	t.Recipient = strings.TrimSpace(t.Recipient)
	t.Label, t.Value = tidy(t.Label, envelope.MaxName), tidy(t.Value, envelope.MaxValue)
	return t, nil
}

// tidy makes harmless text, cut to so many characters: letters that were drawn as
// one become two again.
func tidy(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	letters := []rune(strings.TrimSpace(text))
	return string(letters[:min(len(letters), most)])
}

// always are the kinds that must be filled in without a mark.
func always(kind envelope.FieldKind) bool {
	return kind == envelope.SignatureField || kind == envelope.InitialsField || kind == envelope.DateField
}

var ownKinds = map[string]envelope.FieldKind{
	"sig": envelope.SignatureField, "signature": envelope.SignatureField, "initials": envelope.InitialsField,
	"date": envelope.DateField, "text": envelope.TextField, "check": envelope.CheckboxField, "checkbox": envelope.CheckboxField,
}

func readOwn(groups []string) (Tag, error) {
	t := Tag{Kind: ownKinds[groups[2]], ReadOnly: groups[1] == "!"}
	t.Required = !t.ReadOnly && (groups[1] == "*" || always(t.Kind))
	rest := strings.TrimRight(groups[3], " _")
	var label string
	t.Recipient, label, _ = strings.Cut(rest, ":")
	t.Recipient = strings.TrimRight(t.Recipient, " _")
	t.Label, t.Value, _ = strings.Cut(label, "=")
	return t, nil
}

// isAdobe tells tags from other text in braces.
func isAdobe(inside string) bool {
	return strings.Contains(inside, "_es_") || adobePrefill.MatchString(inside)
}

var adobePrefill = regexp.MustCompile(`^\s*[*!][A-Za-z0-9_ .-]{1,100}(:.*)?$`)

var adobeKinds = map[string]envelope.FieldKind{
	"signature": envelope.SignatureField, "optsignature": envelope.SignatureField, "signatureblock": envelope.SignatureField,
	"digitalsignature": envelope.SignatureField, "esignature": envelope.SignatureField,
	"initials": envelope.InitialsField, "optinitials": envelope.InitialsField, "date": envelope.DateField, "checkbox": envelope.CheckboxField,
	"text": envelope.TextField, "company": envelope.TextField, "title": envelope.TextField, "fullname": envelope.TextField,
	"name": envelope.TextField, "email": envelope.TextField,
}

// adobeOthers are kinds of fields that we do not have.
var adobeOthers = map[string]bool{
	"radio": true, "dropdown": true, "attachment": true, "image": true, "inlineimage": true, "stampimage": true, "link": true, "hyperlink": true,
	"participantstamp": true, "transactionid": true, "payment": true,
}

var errUnsupported = problem.Invalid("tag_unsupported", "A text tag asks for a kind of field that the hub does not have.")

func readAdobe(groups []string) (Tag, error) {
	parts := pieces(groups[1])
	name := strings.TrimSpace(parts[0])
	t := Tag{Kind: envelope.TextField}
	must := strings.HasPrefix(name, "*")
	t.ReadOnly = strings.HasPrefix(name, "!")
	name, _, ours := strings.Cut(strings.TrimLeft(name, "*!"), "_es_")
	t.Label = strings.ReplaceAll(name, "_", " ")
	if ours {
		t.Recipient = "signer1"
	}
	optional := false
	for i, part := range parts[1:] {
		part = strings.TrimRight(part, " _")
		word, argument := directive(part)
		switch kind, known := adobeKinds[word]; {
		case i == 0 && word != "" && !known && argument == "" && !adobeOthers[word]:
			t.Recipient = strings.ToLower(strings.TrimSpace(part))
		case known:
			t.Kind, optional = kind, strings.HasPrefix(word, "opt")
		case adobeOthers[word]:
			return t, errUnsupported
		case word == "default":
			t.Value = argument
		case word == "label" || word == "tooltip" && t.Label == "":
			t.Label = argument
		}
	}
	t.Required = !t.ReadOnly && !optional && (must || always(t.Kind))
	return t, nil
}

// pieces are what colons part, but those within parentheses.
func pieces(text string) []string {
	var all []string
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ':' && depth <= 0:
			all = append(all, text[from:i])
			from = i + 1
		}
	}
	return append(all, text[from:])
}

// directive is a word with what stands in parentheses behind it.
func directive(part string) (word, argument string) {
	word, argument, _ = strings.Cut(strings.TrimSpace(part), "(")
	argument = strings.TrimSuffix(strings.TrimSpace(argument), ")")
	for _, before := range []string{"label=", "value="} {
		argument = strings.TrimPrefix(argument, before)
	}
	return strings.ToLower(strings.TrimSpace(word)), strings.Trim(argument, `"“”' `)
}

var legalesignShort = regexp.MustCompile(`^\s*(signature|initials)\s*(\d{0,3})\s*$`)

func isLegalesign(inside string) bool {
	return legalesignShort.MatchString(inside) || legalesignLong.MatchString(inside)
}

var legalesignLong = regexp.MustCompile(`(?i)(^|;)\s*(t|type)\s*=\s*\w`)

var legalesignKinds = map[string]envelope.FieldKind{
	"signature": envelope.SignatureField, "sig": envelope.SignatureField, "initials": envelope.InitialsField, "text": envelope.TextField,
	"signer": envelope.TextField, "date": envelope.DateField, "checkbox": envelope.CheckboxField, "check": envelope.CheckboxField,
}

func readLegalesign(groups []string) (Tag, error) {
	if short := legalesignShort.FindStringSubmatch(groups[1]); short != nil {
		return Tag{Kind: legalesignKinds[short[1]], Required: true, Recipient: signerNumber(short[2])}, nil
	}
	t := Tag{Required: true, Recipient: "signer1"}
	for attribute := range strings.SplitSeq(groups[1], ";") {
		key, value, _ := strings.Cut(attribute, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "t", "type":
			t.Kind = legalesignKinds[strings.ToLower(value)]
		case "s", "signer":
			t.Recipient = signerNumber(value)
		case "r", "required":
			t.Required = value != "0" && !strings.EqualFold(value, "false")
		case "l", "label":
			t.Label = value
		case "v", "value":
			t.Value = value
		case "h", "height":
			if t.tall, _ = strconv.ParseFloat(value, 64); !(t.tall > 0 && t.tall <= maxTall) {
				t.tall = 0
			}
		}
	}
	if t.Kind == "" {
		return t, errUnsupported
	}
	return t, nil
}

// maxTall is how many lines high a field may be.
const maxTall = 30

// witnesses are the numbers from which witnesses count.
const witnesses = 100

func signerNumber(digits string) string {
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n < 1:
		return "signer1"
	case n > witnesses:
		return "witness" + strconv.Itoa(n-witnesses)
	}
	return "signer" + strconv.Itoa(n)
}
