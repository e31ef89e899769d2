package salesforce

import (
	"bytes"
	"context"
	"crypto/md5" // the checksum that Salesforce shows of a file; nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"regexp"

	"chancery/connectors"
)

// maxFile is the largest file that Salesforce takes, in bytes.
const maxFile = 2 << 30

// File hangs a file on a record as a ContentVersion and returns that one's id.
//
// With Config.FileKey the org itself refuses a second one under the same key, and a
// file costs one call. Without it we look first for one on the record with this
// title and these bytes.
func (c *Client) File(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	if f.Size > maxFile {
		return "", &connectors.Failure{Trouble: connectors.Refused, Words: "The file is larger than the 2 GB that Salesforce takes."}
	}
	if c.config.FileKey == "" {
		id, err := c.filed(ctx, ref, f)
		if err != nil || id != "" {
			return id, err
		}
	}
	id, err := c.upload(ctx, ref, f)
	if there := duplicateOf(err); there != "" && c.config.FileKey != "" {
		return there, nil
	}
	if err != nil {
		return "", fmt.Errorf("file %s on %s %s: %w", f.Key, ref.Type, ref.ID, err)
	}
	return id, nil
}

// filed looks for the file where it would be.
func (c *Client) filed(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	sum, err := checksum(f)
	if err != nil {
		return "", err
	}
	found, err := c.Query(ctx, "SELECT Id FROM ContentVersion WHERE FirstPublishLocationId = "+quote(ref.ID)+
		" AND Title = "+quote(title(f))+" AND Checksum = "+quote(sum)+" ORDER BY CreatedDate, Id LIMIT 1")
	if err != nil || len(found) == 0 {
		return "", err
	}
	id, _ := found[0]["Id"].(string)
	return id, nil
}

func checksum(f connectors.File) (string, error) {
	data, err := f.Open()
	if err != nil {
		return "", fmt.Errorf("open %s: %w", f.Key, err)
	}
	defer data.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, data); err != nil {
		return "", fmt.Errorf("read %s: %w", f.Key, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// title is what the file is called in the org, which cuts it at 255 characters.
func title(f connectors.File) string {
	if letters := []rune(f.Name); len(letters) > 255 {
		return string(letters[:255])
	}
	return f.Name
}

func (c *Client) upload(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	fields := map[string]string{"Title": title(f), "PathOnClient": f.Name, "FirstPublishLocationId": ref.ID}
	if c.config.FileKey != "" {
		fields[c.config.FileKey] = f.Key
	}
	head, tail, kind, err := around(fields, f)
	if err != nil {
		return "", err
	}
	q := call{method: http.MethodPost, path: "/sobjects/ContentVersion", kind: kind, length: int64(len(head)+len(tail)) + f.Size, timeout: fileTimeout,
		body: func() (io.Reader, error) {
			data, err := f.Open()
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", f.Key, err)
			}
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(head), data, bytes.NewReader(tail)), data}, nil
		}}
	var made Saved
	err = keepID(c.do(ctx, q, &made), &made)
	return made.ID, err
}

// around makes what stands before and behind the bytes of a file in a request of
// several parts, so that they can be sent as they are read.
func around(fields map[string]string, f connectors.File) (head, tail []byte, kind string, err error) {
	var buffer bytes.Buffer
	parts := multipart.NewWriter(&buffer)
	about, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="entity_content"`}, "Content-Type": {"application/json"}})
	if err != nil {
		return nil, nil, "", err
	}
	if err := json.NewEncoder(about).Encode(fields); err != nil {
		return nil, nil, "", err
	}
	if _, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="VersionData"; filename="file"`}, "Content-Type": {"application/octet-stream"}}); err != nil {
		return nil, nil, "", err
	}
	head = bytes.Clone(buffer.Bytes())
	if err := parts.Close(); err != nil {
		return nil, nil, "", err
	}
	return head, buffer.Bytes()[len(head):], parts.FormDataContentType(), nil
}

var duplicate = regexp.MustCompile(`record with id: ([A-Za-z0-9]{15,18})`)

// duplicateOf takes from a refusal which record has the same key already.
func duplicateOf(err error) string {
	f, is := connectors.FailureOf(err)
	if !is || f.Code != "DUPLICATE_VALUE" {
		return ""
	}
	if match := duplicate.FindStringSubmatch(f.Words); match != nil {
		return match[1]
	}
	return ""
}
