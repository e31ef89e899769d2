package main

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
)

// What docker-compose.yml sets must be what the program reads: a word that is
// spelled differently would be passed over in silence.
func TestEverySettingInTheCompositionIsOneOfOurs(t *testing.T) {
	composition, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&program{}, kong.DefaultEnvars("CHANCERY"))
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, command := range parser.Model.Leaves(false) {
		for _, flag := range command.Flags {
			known = append(known, flag.Envs...)
		}
	}
	settings := regexp.MustCompile(`CHANCERY_[A-Z_]+`).FindAllString(string(composition), -1)
	if len(settings) == 0 {
		t.Fatal("the composition sets nothing")
	}
	for _, setting := range settings {
		if !slices.Contains(known, setting) {
			t.Errorf("%s is no setting of chancery", setting)
		}
	}
}
