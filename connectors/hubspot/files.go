package hubspot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// folder is where files lie in HubSpot's file manager.
const folder = "/chancery"

// File uploads the file and hangs it on the record by a note. A file that is there
// under its key is found by the name that is made of the key, and its note by its id.
func (a *account) File(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	id, err := a.uploaded(ctx, f)
	if err == nil && id == "" {
		id, err = a.upload(ctx, f)
	}
	if err != nil {
		return "", err
	}
	there, err := a.noted(ctx, ref, id)
	if err != nil || there {
		return id, err
	}
	return id, a.note(ctx, ref, f, id)
}

// named is what the file is called in the file manager: there, the key makes it one.
func named(f connectors.File) string {
	return strings.TrimSuffix(f.Name, ".pdf") + " " + strings.NewReplacer("/", "-", "_", "-").Replace(f.Key)
}

func (a *account) uploaded(ctx context.Context, f connectors.File) (string, error) {
	var got struct {
		Results []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"results"`
	}
	query := url.Values{"name": {named(f)}, "limit": {"10"}}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/files/v3/files/search?" + query.Encode()}, &got); err != nil {
		return "", err
	}
	for _, found := range got.Results {
		if found.Name == named(f) {
			return found.ID, nil
		}
	}
	return "", nil
}

func (a *account) upload(ctx context.Context, f connectors.File) (string, error) {
	content, err := f.Open()
	if err != nil {
		return "", fmt.Errorf("open file %s: %w", f.Key, err)
	}
	defer content.Close()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for name, value := range map[string]string{
		"fileName": named(f), "folderPath": folder,
		"options": `{"access":"PRIVATE","overwrite":false,"duplicateValidationStrategy":"NONE","duplicateValidationScope":"EXACT_FOLDER"}`,
	} {
		if err := parts.WriteField(name, value); err != nil {
			return "", fmt.Errorf("write form: %w", err)
		}
	}
	header := textproto.MIMEHeader{"Content-Type": {f.MediaType}}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", f.Name))
	part, err := parts.CreatePart(header)
	if err == nil {
		_, err = io.Copy(part, content)
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		return "", fmt.Errorf("write form: %w", err)
	}
	var got struct {
		ID string `json:"id"`
	}
	_, err = a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: "/files/v3/files", Raw: form.Bytes(), Type: parts.FormDataContentType()}, &got)
	return got.ID, err
}

// noted tells whether a note of the record has the file already.
func (a *account) noted(ctx context.Context, ref connectors.Ref, file string) (bool, error) {
	r, err := a.Read(ctx, ref, []string{"notes.hs_attachment_ids"})
	if err != nil {
		return false, err
	}
	notes, _ := r.Fields["notes"].([]any)
	for _, n := range notes {
		properties, _ := n.(map[string]any)
		attached, _ := properties["hs_attachment_ids"].(string)
		for id := range strings.SplitSeq(attached, ";") {
			if id == file {
				return true, nil
			}
		}
	}
	return false, nil
}

func (a *account) note(ctx context.Context, ref connectors.Ref, f connectors.File, file string) error {
	var got record
	_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: "/crm/v3/objects/notes", Body: map[string]any{
		"properties": map[string]string{"hs_note_body": strings.TrimSuffix(f.Name, ".pdf"), "hs_attachment_ids": file,
			"hs_timestamp": strconv.FormatInt(time.Now().UnixMilli(), 10)},
	}}, &got)
	if err != nil {
		return err
	}
	_, err = a.client.Do(ctx, rest.Request{Method: http.MethodPut,
		Path: fmt.Sprintf("/crm/v4/objects/notes/%s/associations/default/%s/%s", url.PathEscape(got.ID), url.PathEscape(ref.Type), url.PathEscape(ref.ID))})
	return err
}
