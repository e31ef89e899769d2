package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/connectors/rest"
	"chancery/problem"
)

type mappings struct {
	Lint    mappingLint    `cmd:"" help:"Find what is wrong with a mapping; with a connection, against what its system has."`
	Preview mappingPreview `cmd:"" help:"Show what a mapping would do with a record, and send nothing."`
	Apply   mappingApply   `cmd:"" help:"Save a mapping: a new one, or the next version of the one of that name."`
}

// remote is a hub that is asked by its API, with a key that may manage connectors.
type remote struct {
	URL        string `default:"http://127.0.0.1:8080" help:"Address of the hub."`
	Key        string `help:"API key of the team."`
	Connection string `help:"Id of the connection."`
	File       string `arg:"" type:"existingfile" help:"The mapping, in YAML."`
}

func (r remote) text() (string, error) {
	content, err := os.ReadFile(r.File)
	return string(content), err
}

// ask calls the hub and reads its answer.
func (r remote) ask(ctx context.Context, method, path string, body, answer any) error {
	client := rest.Client{HTTP: &http.Client{Timeout: time.Minute}, Base: strings.TrimSuffix(r.URL, "/"), Tokens: rest.Fixed(r.Key), Explain: explained}
	_, err := client.JSON(ctx, rest.Request{Method: method, Path: path, Body: body}, answer)
	return err
}

// explained reads a problem of the hub (RFC 9457) with the members it is about.
func explained(reply rest.Reply) connectors.Failure {
	var said struct {
		Code   string
		Detail string
		Errors []struct{ Location, Message string }
	}
	_ = json.Unmarshal(reply.Body, &said) // what cannot be read is told by its status
	words := said.Detail
	for _, e := range said.Errors {
		words += " " + e.Location + ": " + e.Message + "."
	}
	return connectors.Failure{Trouble: connectors.Refused, Code: said.Code, Words: words}
}

type faults struct {
	Faults []mapping.Fault `json:"faults"`
}

// tell prints what is wrong; anything is an exit code.
func (f faults) tell() error {
	for _, one := range f.Faults {
		fmt.Printf("%s: %s (%s)\n", one.Where, one.Sentence, one.Code)
	}
	if len(f.Faults) > 0 {
		return fmt.Errorf("%d faults", len(f.Faults))
	}
	fmt.Println("nothing is wrong")
	return nil
}

type mappingLint struct{ remote }

func (c mappingLint) Run(ctx context.Context) error {
	text, err := c.text()
	if err != nil {
		return err
	}
	var found faults
	if c.Connection != "" {
		if err := c.ask(ctx, http.MethodPost, "/v1/mappings/check", map[string]any{"connection": c.Connection, "enabled": false, "text": text}, &found); err != nil {
			return err
		}
		return found.tell()
	}
	m, err := mapping.Read([]byte(text))
	if err != nil {
		return err
	}
	found.Faults, err = mapping.Check(m, func(recordType string) (connectors.Schema, error) {
		return connectors.Schema{Type: recordType, Open: true}, nil
	})
	if err != nil {
		return err
	}
	return found.tell()
}

type mappingPreview struct {
	remote
	Record string `arg:"" help:"Id of a record in the connected system."`
}

func (c mappingPreview) Run(ctx context.Context) error {
	text, err := c.text()
	if err != nil {
		return err
	}
	var seen json.RawMessage
	if err := c.ask(ctx, http.MethodPost, "/v1/mappings/preview", map[string]any{"connection": c.Connection, "text": text, "record": c.Record}, &seen); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(seen)
}

type mappingApply struct {
	remote
	Disabled bool `help:"Records do not start it by themselves."`
}

type keptMapping struct {
	ID         string `json:"id"`
	Connection string `json:"connection"`
	Name       string `json:"name"`
	Version    int    `json:"version"`
}

func (c mappingApply) Run(ctx context.Context) error {
	text, err := c.text()
	if err != nil {
		return err
	}
	m, err := mapping.Read([]byte(text))
	if err != nil {
		return err
	}
	if c.Connection == "" {
		return problem.Invalid("connection_missing", "Say by --connection which connection the mapping is for.")
	}
	before, err := c.before(ctx, m.Name)
	if err != nil {
		return err
	}
	var saved keptMapping
	if before.ID == "" {
		err = c.ask(ctx, http.MethodPost, "/v1/mappings", map[string]any{"connection": c.Connection, "enabled": !c.Disabled, "text": text}, &saved)
	} else {
		err = c.ask(ctx, http.MethodPut, "/v1/mappings/"+before.ID, map[string]any{"version": before.Version, "enabled": !c.Disabled, "text": text}, &saved)
	}
	if err == nil {
		fmt.Printf("%s version %d\n", saved.ID, saved.Version)
	}
	return err
}

// before finds the mapping that has the name already.
func (c mappingApply) before(ctx context.Context, name string) (keptMapping, error) {
	var list struct{ Mappings []keptMapping }
	if err := c.ask(ctx, http.MethodGet, "/v1/mappings", nil, &list); err != nil {
		return keptMapping{}, err
	}
	for _, m := range list.Mappings {
		if m.Connection == c.Connection && m.Name == name {
			return m, nil
		}
	}
	return keptMapping{}, nil
}
