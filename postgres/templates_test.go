package postgres_test

import (
	"testing"

	"chancery/id"
	"chancery/postgres"
)

func TestATemplateIsFoundByItsNameAndANewerOneTakesItsPlace(t *testing.T) {
	s := newScene(t)
	add := func(name string) string {
		t.Helper()
		one := postgres.Template{ID: id.New(id.Template), Team: s.team.ID, Name: name, Kind: "docx", Blob: "templates/x", Size: 7, SHA256: "ab"}
		must(t, s.AddTemplate(ctx, one))
		return one.ID
	}
	first, second, other := add("Contract"), add("contract"), add("Offer")
	for which, want := range map[string]string{"Contract": second, "CONTRACT": second, first: first, "offer": other} {
		if found, err := s.Template(ctx, s.team.ID, which); err != nil || found.ID != want {
			t.Errorf("%s is %s, %v", which, found.ID, err)
		}
	}
	all, err := s.Templates(ctx, s.team.ID)
	must(t, err)
	if len(all) != 2 || all[0].Name != "contract" || all[1].Name != "Offer" {
		t.Errorf("all are %+v", all)
	}
	_, err = s.Template(ctx, "tm_other", "Contract")
	mustBe(t, err, "template_missing")
	mustBe(t, s.RetireTemplate(ctx, "tm_other", second), "template_missing")
	must(t, s.RetireTemplate(ctx, s.team.ID, second))
	_, err = s.Template(ctx, s.team.ID, "Contract")
	mustBe(t, err, "template_missing")
}
