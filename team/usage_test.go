package team_test

import (
	"strings"
	"testing"
	"time"

	"chancery/team"
)

func TestNoNameInASheetIsAFormula(t *testing.T) {
	for name, want := range map[string]string{"=1+1": "'=1+1", "+49 30": "'+49 30", "-1": "'-1", "@a": "'@a", "a=b": "a=b", "": ""} {
		var sheet strings.Builder
		if err := team.WriteUsage(&sheet, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), []team.Usage{{Team: "tm_1", Name: name}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(sheet.String(), "2026-03,tm_1,"+want+",0,0,0,0\r\n") {
			t.Errorf("%q becomes %q", name, sheet.String())
		}
	}
}
