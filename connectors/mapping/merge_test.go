package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors/mapping"
)

func TestWhoWinsWhenARecordWasChangedMeanwhile(t *testing.T) {
	was := map[string]any{"Stage": "Proposal", "Amount": json.Number("10"), "Note": nil}
	for name, tt := range map[string]struct {
		now    map[string]any
		policy mapping.Policy
		want   mapping.Merged
	}{
		"nobody touched it":                  {was, mapping.Ask, mapping.Merged{Write: map[string]any{"Stage": "Won"}}},
		"ours wins":                          {map[string]any{"Stage": "Lost"}, mapping.OursWins, mapping.Merged{Write: map[string]any{"Stage": "Won"}}},
		"theirs wins":                        {map[string]any{"Stage": "Lost"}, mapping.TheirsWins, mapping.Merged{Write: map[string]any{}, Theirs: []string{"Stage"}}},
		"a person decides":                   {map[string]any{"Stage": "Lost"}, mapping.Ask, mapping.Merged{Write: map[string]any{}, Asked: []string{"Stage"}}},
		"they wrote what we want to":         {map[string]any{"Stage": "Won"}, mapping.Ask, mapping.Merged{Write: map[string]any{}}},
		"a name in another case is the same": {map[string]any{"STAGE": "Won"}, mapping.Ask, mapping.Merged{Write: map[string]any{}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mapping.Merge([]mapping.Filled{{Field: "Stage", Value: "Won", Policy: tt.policy}}, was, tt.now)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestAValueWrittenAnotherWayIsTheSame(t *testing.T) {
	for name, tt := range map[string]struct {
		ours, theirs any
		same         bool
	}{
		"a number with a point":     {"1", json.Number("1.0"), true},
		"another number":            {"1", json.Number("1.01"), false},
		"a moment of another zone":  {"2026-03-02T10:00:00Z", "2026-03-02T11:00:00.000+0100", true},
		"nothing and an empty text": {"", nil, true},
		"nothing and a text":        {"x", nil, false},
		"false and nothing":         {false, nil, false},
		"a truth and its word":      {true, "true", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := mapping.Merge([]mapping.Filled{{Field: "A", Value: tt.ours, Policy: mapping.Ask}}, map[string]any{"A": "other"}, map[string]any{"A": tt.theirs})
			if same := len(got.Write)+len(got.Asked) == 0; same != tt.same {
				t.Fatalf("got %+v", got)
			}
		})
	}
}
