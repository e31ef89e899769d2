package hubspottest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

type file struct {
	id, name, folder string
	data             []byte
}

// upload takes a form with file, options, and a folder.
func (a *Account) upload(r *http.Request) answer {
	const most = 32 << 20
	if err := r.ParseMultipartForm(most); err != nil {
		return refusal(http.StatusUnsupportedMediaType, "VALIDATION_ERROR", "Unsupported media type")
	}
	var options struct{ Access, DuplicateValidationStrategy, DuplicateValidationScope string }
	if json.Unmarshal([]byte(r.FormValue("options")), &options) != nil || options.Access == "" {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "options.access is required")
	}
	folder := r.FormValue("folderPath")
	if folder == "" {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "One of folderId or folderPath is required")
	}
	given, header, err := r.FormFile("file")
	if err != nil {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "file is required")
	}
	defer given.Close()
	data, err := io.ReadAll(given)
	if err != nil {
		return badJSON
	}
	if options.DuplicateValidationStrategy == "RETURN_EXISTING" {
		for _, one := range a.files {
			if bytes.Equal(one.data, data) && (one.folder == folder || options.DuplicateValidationScope != "EXACT_FOLDER") {
				return answer{status: http.StatusCreated, body: one.shown(options.Access)}
			}
		}
	}
	name := r.FormValue("fileName")
	if name == "" {
		name = header.Filename
	}
	a.ids++
	made := file{strconv.Itoa(a.ids), name, folder, data}
	a.files = append(a.files, made)
	return answer{status: http.StatusCreated, body: made.shown(options.Access)}
}

// shown is a file as HubSpot tells of it: its name has no ending.
func (f file) shown(access string) map[string]any {
	sum := md5.Sum(f.data)
	ending := path.Ext(f.name)
	return map[string]any{"id": f.id, "name": strings.TrimSuffix(f.name, ending), "extension": strings.TrimPrefix(ending, "."), "path": path.Join(f.folder, f.name),
		"access": access, "type": "DOCUMENT", "size": len(f.data), "fileMd5": hex.EncodeToString(sum[:]), "archived": false,
		"createdAt": "2026-11-02T09:00:00.000Z", "updatedAt": "2026-11-02T09:00:00.000Z"}
}

// Filed is a file that hangs on a record by a note.
type Filed struct {
	Name, Note string
	Data       []byte
}

// Files returns the files that hang on a record, and how many there are in the account.
func (a *Account) Files(typeName, id string) (on []Filed, all int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, note := range a.links[typeName+"/"+id+"/notes"] {
		values := a.types["notes"].records[note].values
		for _, one := range a.files {
			if one.id == values["hs_attachment_ids"] {
				on = append(on, Filed{one.name, values["hs_note_body"], one.data})
			}
		}
	}
	return on, len(a.files)
}
