package hubspot

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// folder is where files lie in HubSpot's file manager.
const folder = "/chancery"

// How a file is uploaded: nobody reads it without signing in, and the same bytes are
// not kept twice, so that an upload whose answer was lost is found again.
const uploadOptions = `{"access":"PRIVATE","overwrite":false,"duplicateValidationStrategy":"RETURN_EXISTING","duplicateValidationScope":"EXACT_FOLDER"}`

// What a note is made of.
const (
	notes       = "notes" // their type
	noteBody    = "hs_note_body"
	attachments = "hs_attachment_ids"
)

// File uploads the file and hangs it on the record by a note, which says its key: a
// file whose note is there is not filed again. The note and its place on the record
// are made by one call, so there is never one without the other.
func (a *account) File(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	id, err := a.filed(ctx, ref, f)
	if err != nil || id != "" {
		return id, err
	}
	link, err := a.noteLink(ctx, ref.Type)
	if err != nil {
		return "", err
	}
	if id, err = a.upload(ctx, f); err != nil {
		return "", err
	}
	return id, a.note(ctx, ref, f, id, link)
}

// mark is how a note says the key of its file.
func mark(f connectors.File) string { return "(" + f.Key + ")" }

// filed is the file of the note that says this key; "" when there is none.
func (a *account) filed(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	r, err := a.read(ctx, ref, nil, map[string][]string{notes: {noteBody, attachments}})
	if err != nil {
		return "", err
	}
	there, _ := r.Fields[notes].([]any)
	for _, n := range there {
		properties, _ := n.(map[string]any)
		body, _ := properties[noteBody].(string)
		attached, _ := properties[attachments].(string)
		if first, _, _ := strings.Cut(attached, ";"); first != "" && strings.Contains(html.UnescapeString(body), mark(f)) {
			return first, nil
		}
	}
	return "", nil
}

func (a *account) upload(ctx context.Context, f connectors.File) (string, error) {
	form, kind, err := rest.Form(f, "file", map[string]string{"fileName": f.Name, "folderPath": folder, "options": uploadOptions})
	if err != nil {
		return "", err
	}
	var got struct {
		ID string `json:"id"`
	}
	_, err = a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: "/files/v3/files", Raw: form, Type: kind}, &got)
	return got.ID, err
}

// link is a kind of association.
type link struct {
	Category string `json:"associationCategory"`
	TypeID   int64  `json:"associationTypeId"`
}

// noteLink asks how a note hangs on a record of this type: the association that has no label.
func (a *account) noteLink(ctx context.Context, recordType string) (link, error) {
	other, err := rest.Segment(recordType)
	if err != nil {
		return link{}, err
	}
	var got struct {
		Results []struct {
			Category string  `json:"category"`
			TypeID   int64   `json:"typeId"`
			Label    *string `json:"label"`
		} `json:"results"`
	}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/crm/v4/associations/" + notes + "/" + other + "/labels"}, &got); err != nil {
		return link{}, err
	}
	for _, l := range got.Results {
		if l.Label == nil {
			return link{l.Category, l.TypeID}, nil
		}
	}
	return link{}, &connectors.Failure{Trouble: connectors.Refused, Code: "no_notes", Words: "Records of this type take no notes."}
}

func (a *account) note(ctx context.Context, ref connectors.Ref, f connectors.File, file string, by link) error {
	_, err := a.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: objects + notes, Body: map[string]any{
		"properties": map[string]string{
			noteBody:       html.EscapeString(fmt.Sprintf("%s %s", f.Name, mark(f))),
			attachments:    file,
			"hs_timestamp": strconv.FormatInt(time.Now().UnixMilli(), 10),
		},
		"associations": []any{map[string]any{"to": map[string]string{"id": ref.ID}, "types": []link{by}}},
	}})
	return err
}
