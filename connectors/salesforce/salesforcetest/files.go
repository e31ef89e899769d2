package salesforcetest

import (
	"crypto/md5" // the checksum that Salesforce shows of a file
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// maxUpload bounds what a request may bring, in bytes; the real limit is 2 GB.
const maxUpload = 256 << 20

// publishFile fills what follows from a file's bytes, and gives a first version its
// document.
func (t *tx) publishFile(version row) {
	data, _ := version["VersionData"].([]byte)
	sum := md5.Sum(data)
	extension := strings.TrimPrefix(path.Ext(version.text("PathOnClient")), ".")
	version["Checksum"] = hex.EncodeToString(sum[:])
	version["ContentSize"] = json.Number(strconv.Itoa(len(data)))
	version["FileExtension"], version["FileType"] = extension, strings.ToUpper(extension)
	number := 1
	versions, _ := t.o.store.object("ContentVersion")
	if id := version.text("ContentDocumentId"); id != "" {
		for _, old := range t.o.store.match(versions, "ContentDocumentId", id) {
			older := row{}
			for name, value := range old {
				older[name] = value
			}
			older["IsLatest"] = false
			t.put(versions, old.text("Id"), older)
			number++
		}
	}
	version["VersionNumber"] = strconv.Itoa(number)
}

// linkFile makes the document of a first version, and its place.
func (t *tx) linkFile(version row) {
	if version.text("ContentDocumentId") == "" {
		document, err := t.insert("ContentDocument", row{"Title": version.text("Title")})
		if err != nil {
			return
		}
		documents, _ := t.o.store.object("ContentDocument")
		r, _ := t.o.store.find(documents, document)
		r["LatestPublishedVersionId"], r["FileExtension"], r["ContentSize"] = version["Id"], version["FileExtension"], version["ContentSize"]
		version["ContentDocumentId"] = document
		place := version.text("FirstPublishLocationId")
		for _, to := range []string{t.o.UserID, place} {
			if to == "" {
				continue
			}
			if _, err := t.insert("ContentDocumentLink", row{"ContentDocumentId": document, "LinkedEntityId": to, "ShareType": "I"}); err != nil {
				return
			}
		}
	}
}

// form reads the fields and the file of a multipart request. The part that is JSON
// has the fields, whatever it is called and wherever it stands.
func form(r *http.Request, boundary string) (row, *apiError) {
	fields := row{}
	files := row{}
	parts := multipart.NewReader(r.Body, boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unreadable("The multipart request cannot be read")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, unreadable("The multipart request cannot be read")
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "application/json" && part.FileName() == "" {
			if err := decode(data, &fields); err != nil {
				return nil, err
			}
			continue
		}
		files[part.FormName()] = data
	}
	for name, data := range files {
		fields[name] = data
	}
	return fields, nil
}

// body reads the fields that a request brings.
func body(r *http.Request) (row, *apiError) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return form(r, params["boundary"])
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, unreadable("The request cannot be read")
	}
	fields := row{}
	return fields, decode(data, &fields)
}

func decode(data []byte, to any) *apiError {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(to); err != nil {
		return unreadable("Unexpected character")
	}
	return nil
}
