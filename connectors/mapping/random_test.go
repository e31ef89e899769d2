package mapping_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/problem"
)

// slowest is how long the evaluation of one mapping may take, however odd it is.
const slowest = 50 * time.Millisecond

var names = []string{"Name", "Amount", "Account", "Lines", "Owner", "a", "X__c", "envelope"}

// oneOf draws what is written well, and now and then what is not.
func oneOf(t *rapid.T, label string, well []string, badly ...string) string {
	if rapid.IntRange(0, 99).Draw(t, "slip") == 57 {
		return rapid.SampledFrom(badly).Draw(t, label)
	}
	return rapid.SampledFrom(well).Draw(t, label)
}

func randomPath(t *rapid.T) string {
	path := oneOf(t, "name", names, "", "Na me", "'")
	for range rapid.IntRange(0, 3).Draw(t, "depth") {
		path += "." + rapid.SampledFrom(names).Draw(t, "name")
	}
	return path
}

func randomExpression(t *rapid.T, depth int) string {
	leaf := func() string {
		return rapid.SampledFrom([]string{"record", "record.Name", "record.Amount", "record.?Owner.?Name.orValue('-')", "envelope", "dyn(1)", "dyn(2.5)", "dyn('x')", "dyn(true)", "dyn([1, 2])", "dyn({'a': 1})", "record.Lines"}).Draw(t, "leaf")
	}
	if depth == 0 {
		return leaf()
	}
	inner := randomExpression(t, depth-1)
	return oneOf(t, "form", []string{
		inner, "dyn(" + leaf() + " + " + inner + ")", "string(" + inner + ")", "double(" + inner + ")", "(" + inner + ").map(x, x)", "(" + inner + ").size()",
		"[" + inner + ", " + leaf() + "].map(x, [1, 2, 3, 4, 5, 6, 7, 8].map(y, string(x) + string(y)).join('')).join(', ')",
		"(" + inner + ").replace('x', 'xxxxxxxxxxxxxxxx')", "lists.range(900).map(i, " + leaf() + ")", "(" + inner + " == " + leaf() + " ? " + leaf() + " : " + leaf() + ")",
		"(" + inner + ").format([" + leaf() + "])", "(" + inner + ").matches('(x+x+)+y')",
	}, "("+inner, "nobody.Knows", inner+"!")
}

func randomRow(t *rapid.T) mapping.Row {
	r := mapping.Row{Optional: rapid.Bool().Draw(t, "optional"), Default: rapid.SampledFrom([]string{"", "d"}).Draw(t, "default")}
	switch rapid.IntRange(0, 3).Draw(t, "way") {
	case 0:
		r.Path = randomPath(t)
	case 1:
		r.Text = rapid.String().Draw(t, "text") + "{{" + randomPath(t) + "}}"
	case 2:
		r.CEL = randomExpression(t, rapid.IntRange(0, 4).Draw(t, "depth"))
	}
	r.Transform = oneOf(t, "transform", []string{"", "", "", "upper", "title", "number", "number:2", "money:EUR", "money:JPY", "date", "date:dd.MM.yyyy", "yesno", "first", "digits"}, "money:", "what")
	return r
}

func randomMapping(t *rapid.T) mapping.Mapping {
	m := mapping.Mapping{Name: "m", Record: "Opportunity", Title: randomRow(t), Message: randomRow(t),
		Locale:    oneOf(t, "locale", []string{"", "de", "ar", "ja", "hi-IN", "pt-BR"}, "no such place"),
		Documents: []mapping.Document{{Template: "t", Name: randomRow(t)}},
		Start:     mapping.Start{When: rapid.SampledFrom([]string{"", "true", "record.Name == 'x'", randomExpression(t, 2)}).Draw(t, "when")},
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "recipients") {
		m.Recipients = append(m.Recipients, mapping.Recipient{Ref: fmt.Sprint(i), Name: randomRow(t), Email: randomRow(t)})
	}
	for range rapid.IntRange(0, 3).Draw(t, "tags") {
		m.Tags = append(m.Tags, randomRow(t))
	}
	for range rapid.IntRange(0, 3).Draw(t, "values") {
		m.Values = append(m.Values, mapping.Value{Field: "f", Row: randomRow(t)})
	}
	m.Back = []mapping.Back{{On: "envelope.completed", Fields: []mapping.Write{{Field: "X__c", Row: randomRow(t)}}, Files: []mapping.File{{What: "trail", Name: randomRow(t)}}}}
	return m
}

func randomValue(t *rapid.T, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return json.Number(rapid.SampledFrom([]string{"0", "-1", "12.5", "1e400", "1e999999999", "99999999999999999999999999", "0.1"}).Draw(t, "number"))
	case 3, 4:
		return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"2026-03-02", "2026-03-02T10:00:00.000+0000", "=cmd()", "\u202Egnp", "a\x00b"})).Draw(t, "text")
	case 5:
		return []any{randomValue(t, depth-1), randomValue(t, depth-1)}
	}
	return randomRecord(t, depth-1)
}

func randomRecord(t *rapid.T, depth int) map[string]any {
	made := map[string]any{}
	for _, name := range names {
		if rapid.Bool().Draw(t, "there") {
			made[name] = randomValue(t, depth)
		}
	}
	return made
}

// Whatever the table and the record: no panic, nothing slow, and every refusal is a
// problem that names its row.
func TestAnyMappingOfAnyRecordEndsSoonAndSaysWhatIsWrong(t *testing.T) {
	tables, drafts, refused := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := randomMapping(t)
		c, err := mapping.Compile(m)
		mustBeSaid(t, err)
		if _, err := mapping.Check(m, described); err != nil {
			t.Fatal(err)
		}
		tables++
		if err != nil {
			return
		}
		s := mapping.Source{Record: randomRecord(t, 3), Envelope: randomRecord(t, 2)}
		took := evaluation(c, s)
		for range 2 { // the machine may have been busy with something else
			took = min(took, evaluation(c, s))
		}
		if took > slowest {
			t.Fatalf("took %s", took)
		}
		_, startErr := c.Starts(s.Record, time.Unix(0, 0))
		_, applyErr := c.Apply(s.Record)
		_, backErr := c.Back(envelope.EventCompleted, s)
		for _, err := range []error{startErr, applyErr, backErr} {
			mustBeSaid(t, err)
			if err != nil {
				refused++
			} else {
				drafts++
			}
		}
	})
	t.Logf("%d tables; %d evaluations went through, %d were refused with their row", tables, drafts, refused)
}

// evaluation is how long all of a mapping takes on a record.
func evaluation(c mapping.Compiled, s mapping.Source) time.Duration {
	began := time.Now()
	_, _ = c.Starts(s.Record, time.Unix(0, 0))
	_, _ = c.Apply(s.Record)
	_, _ = c.Back(envelope.EventCompleted, s)
	return time.Since(began)
}

func mustBeSaid(t *rapid.T, err error) {
	if err == nil {
		return
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind == problem.KindInternal || p.Field == "" {
		t.Fatalf("refused without a row: %v", err)
	}
}
