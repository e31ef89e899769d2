package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"chancery/jail"
	"chancery/pades"
	"chancery/problem"
)

type inspect struct {
	File     string `arg:"" type:"existingfile" help:"The PDF."`
	Password string `help:"Opens an encrypted PDF."`
	Out      string `type:"path" help:"Write the file here as the hub would keep it."`
	JSON     bool   `help:"Print the whole report as JSON."`
}

// Exit codes of inspect, for scripts.
const (
	exitNormalised = 3
	exitRefused    = 4
)

// inspection is what the command prints as JSON.
type inspection struct {
	Outcome string `json:"outcome"` // unchanged, normalised, refused
	Code    string `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"` // why it is refused
	jail.Result
}

func (c inspect) Run(ctx context.Context) error {
	file, size, err := openPDF(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	result, err := jail.Normalise(ctx, file, size, c.Password)
	shown := inspection{Outcome: "unchanged", Result: result}
	var p *problem.Problem
	switch {
	case errors.As(err, &p):
		shown.Outcome, shown.Code, shown.Reason = "refused", p.Code, p.Public
	case err != nil:
		return err
	case result.File != nil:
		shown.Outcome = "normalised"
	}
	if err := c.print(os.Stdout, shown); err != nil {
		return err
	}
	return c.end(shown)
}

func (c inspect) print(w io.Writer, shown inspection) error {
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(shown)
	}
	fmt.Fprintf(w, "%s: PDF %s, %d pages, %d objects, %d bytes\n",
		shown.Outcome, shown.Found.Version, len(shown.Found.Pages), shown.Found.Objects, shown.Found.Size)
	for _, r := range shown.Found.Reasons {
		fmt.Fprintf(w, "  %s: %s%s\n", r.Severity, r.Sentence, places(r))
	}
	if shown.Outcome == "normalised" {
		fmt.Fprintf(w, "  kept: %d objects, %d bytes\n", shown.Kept.Objects, shown.Kept.Size)
	}
	return nil
}

// places is the kind and the place of a reason, in brackets.
func places(r pades.Reason) string {
	words := r.Kind
	if words != "" && r.Where != "" {
		words += ", "
	}
	words += r.Where
	if r.Count > 1 {
		words += fmt.Sprintf(", %d places", r.Count)
	}
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

func (c inspect) end(shown inspection) error {
	if shown.Outcome == "refused" {
		return exit{exitRefused, errors.New(shown.Reason)}
	}
	if c.Out != "" {
		if err := c.write(shown.File); err != nil {
			return err
		}
	}
	if shown.Outcome == "normalised" {
		return exit{exitNormalised, errors.New("the hub would not keep the file as it is")}
	}
	return nil
}

// write keeps the file as it is when nothing was changed.
func (c inspect) write(file []byte) error {
	if file == nil {
		var err error
		if file, err = os.ReadFile(c.File); err != nil {
			return err
		}
	}
	return os.WriteFile(c.Out, file, 0o600)
}
