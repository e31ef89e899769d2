package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
)

// maxAddress is how long a query in an address may be, in bytes; a longer one goes
// in a body. Salesforce takes 16,384 with the headers.
const maxAddress = 8000

// Read reads a record with everything that the paths name in one call: parents and
// lists in one query, and lists of parents in further queries of the same composite.
func (c *Client) Read(ctx context.Context, ref connectors.Ref, paths []string) (connectors.Record, error) {
	if err := checkRef(ref); err != nil {
		return connectors.Record{}, err
	}
	root := &branch{}
	root.add("Id", "SystemModstamp")
	for _, path := range paths {
		if err := c.plan(ctx, root, ref.Type, path); err != nil {
			return connectors.Record{}, fmt.Errorf("read %s %s: %w", ref.Type, ref.ID, err)
		}
	}
	fields, err := c.fetch(ctx, ref, root)
	if err != nil {
		return connectors.Record{}, fmt.Errorf("read %s %s: %w", ref.Type, ref.ID, err)
	}
	stamp, _ := fields["SystemModstamp"].(string)
	if stamp == "" {
		return connectors.Record{}, strange(fmt.Errorf("a record without a version"))
	}
	id, _ := fields["Id"].(string)
	return connectors.Record{Ref: connectors.Ref{Type: ref.Type, ID: id}, Version: stamp, Fields: fields}, nil
}

// branch is what is read of one record: its fields, its parents' and its lists'.
type branch struct {
	fields  []string
	parents map[string]*branch
	lists   map[string]*list
}

// list is a list of records that belong to one; field leads back to it.
type list struct {
	object, field string
	branch
}

func (b *branch) add(names ...string) {
	for _, name := range names {
		if !slices.Contains(b.fields, name) {
			b.fields = append(b.fields, name)
		}
	}
}

func (b *branch) parent(name string) *branch {
	if b.parents == nil {
		b.parents = map[string]*branch{}
	}
	if b.parents[name] == nil {
		b.parents[name] = &branch{}
	}
	return b.parents[name]
}

// plan adds a path to what is read.
func (c *Client) plan(ctx context.Context, at *branch, recordType, path string) error {
	names := strings.Split(path, ".")
	if err := named(names...); err != nil {
		return err
	}
	for i, name := range names {
		if recordType == "" { // one of several types: the org knows what it has
			if i == len(names)-1 {
				at.add(name)
				return nil
			}
			at = at.parent(name)
			continue
		}
		next, nextType, err := c.step(ctx, at, recordType, name)
		if err != nil {
			return err
		}
		if next == nil {
			if i < len(names)-1 {
				return unknown(recordType, path)
			}
			return nil
		}
		at, recordType = next, nextType
	}
	at.add("Id") // the path ends at a record
	return nil
}

// step goes one name on: into a parent or a list, or nowhere when it is a field.
func (c *Client) step(ctx context.Context, at *branch, recordType, name string) (*branch, string, error) {
	for _, oldest := range []time.Duration{shapeLives, 0} {
		s, err := c.shape(ctx, recordType, oldest)
		if err != nil {
			return nil, "", err
		}
		if f, plain := s.field(name); plain {
			at.add(f.Name)
			return nil, "", nil
		}
		for _, f := range s.Fields {
			if f.Relation != "" && strings.EqualFold(f.Relation, name) {
				to := ""
				if len(f.Refers) == 1 {
					to = f.Refers[0]
				}
				return at.parent(f.Relation), to, nil
			}
		}
		for _, child := range s.Children {
			if child.Relation != "" && strings.EqualFold(child.Relation, name) {
				if at.lists == nil {
					at.lists = map[string]*list{}
				}
				if at.lists[child.Relation] == nil {
					at.lists[child.Relation] = &list{object: child.Object, field: child.Field, branch: branch{fields: []string{"Id"}}}
				}
				return &at.lists[child.Relation].branch, child.Object, nil
			}
		}
	}
	return nil, "", unknown(recordType, name)
}

func unknown(recordType, path string) error {
	return &connectors.Failure{Trouble: connectors.Refused, Code: "INVALID_FIELD", Words: recordType + " has no field " + path + ", or it is not visible to the hub's user.", Fields: []string{path}}
}

// selects lists what a query selects of a branch; apart collects the lists of
// parents, which SOQL does not reach from here.
func (b *branch) selects(prefix string, apart *[]apartList) []string {
	var all []string
	for _, name := range b.fields {
		all = append(all, prefix+name)
	}
	for _, name := range sorted(b.parents) {
		all = append(all, b.parents[name].selects(prefix+name+".", apart)...)
	}
	for _, name := range sorted(b.lists) {
		if prefix != "" {
			*apart = append(*apart, apartList{strings.Split(strings.TrimSuffix(prefix, "."), "."), name, b.lists[name]})
			all = append(all, prefix+"Id")
			continue
		}
		all = append(all, "(SELECT "+strings.Join(b.lists[name].selects("", apart), ", ")+" FROM "+name+" ORDER BY Id)")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// apartList is a list of a parent: by way of which names, and what it is called there.
type apartList struct {
	way  []string
	name string
	*list
}

// fetch asks for a record, in one call unless lists are very long.
func (c *Client) fetch(ctx context.Context, ref connectors.Ref, root *branch) (map[string]any, error) {
	var apart []apartList
	soql := "SELECT " + strings.Join(root.selects("", &apart), ", ") + " FROM " + ref.Type + " WHERE Id = " + quote(ref.ID) + " LIMIT 1"
	if len(apart) == 0 && len(soql) < maxAddress {
		found, err := c.Query(ctx, soql)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, missing()
		}
		return found[0], nil
	}
	return c.fetchApart(ctx, soql, apart)
}

func missing() error {
	return &connectors.Failure{Trouble: connectors.Gone, Code: "NOT_FOUND", Words: "The record is not there, or not visible to the hub's user."}
}

// maxApart is how many queries a composite may have beside the first.
const maxApart = 4

func (c *Client) fetchApart(ctx context.Context, soql string, apart []apartList) (map[string]any, error) {
	if len(apart) > maxApart {
		return nil, &connectors.Failure{Trouble: connectors.Refused, Words: "The mapping reads more than four lists of related records of related records."}
	}
	steps := []Step{{Method: http.MethodGet, Ref: "root", URL: "/query?q=" + url.QueryEscape(soql)}}
	for i, l := range apart {
		var deeper []apartList
		text := "SELECT " + strings.Join(l.selects("", &deeper), ", ") + " FROM " + l.object + " WHERE " + l.field + " = '"
		steps = append(steps, Step{Method: http.MethodGet, Ref: fmt.Sprintf("list%d", i),
			URL: "/query?q=" + url.QueryEscape(text) + "@{root.records[0]." + strings.Join(l.way, ".") + ".Id}" + url.QueryEscape("' ORDER BY Id")})
	}
	done, err := c.Together(ctx, false, steps...)
	if err != nil {
		return nil, err
	}
	if f := done[0].Failure(); f != nil {
		return nil, f
	}
	found, err := c.records(ctx, done[0].Body)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing()
	}
	root, _ := found[0].(map[string]any)
	for i, l := range apart {
		if err := c.graft(ctx, root, l, done[i+1]); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func (c *Client) records(ctx context.Context, body any) ([]any, error) {
	as, _ := body.(map[string]any)
	first, ok := as["records"].([]any)
	if !ok {
		return nil, strange(fmt.Errorf("a query without records"))
	}
	return c.list(ctx, as, first)
}

// graft puts a list into the parent that it belongs to. Where there is no parent
// there is nothing to refer to, and no list.
func (c *Client) graft(ctx context.Context, root map[string]any, l apartList, done Done) error {
	at := root
	for _, name := range l.way {
		if at, _ = at[name].(map[string]any); at == nil {
			return nil
		}
	}
	if f := done.Failure(); f != nil {
		return f
	}
	found, err := c.records(ctx, done.Body)
	if err != nil {
		return err
	}
	at[l.name] = found
	return nil
}

// findPage is how many records Find brings at once.
const findPage = 200

// Find lists what changed since a moment, oldest first. Its cursor is the place of
// the last record in that order, so it is good for as long as anybody keeps it.
func (c *Client) Find(ctx context.Context, recordType string, since time.Time, cursor string) ([]connectors.Ref, string, error) {
	if err := named(recordType); err != nil {
		return nil, "", err
	}
	where := "SystemModstamp >= " + since.UTC().Format(time.RFC3339)
	if cursor != "" {
		at, id, _ := strings.Cut(cursor, " ")
		when, err := time.Parse(time.RFC3339, at)
		if err != nil || !anID.MatchString(id) {
			return nil, "", &connectors.Failure{Trouble: connectors.Refused, Words: "This is no cursor of ours."}
		}
		stamp := when.UTC().Format(time.RFC3339)
		where = fmt.Sprintf("SystemModstamp > %s OR (SystemModstamp = %s AND Id > %s)", stamp, stamp, quote(id))
	}
	found, err := c.Query(ctx, fmt.Sprintf("SELECT Id, SystemModstamp FROM %s WHERE %s ORDER BY SystemModstamp, Id LIMIT %d", recordType, where, findPage))
	if err != nil {
		return nil, "", fmt.Errorf("find %s: %w", recordType, err)
	}
	var refs []connectors.Ref
	for _, r := range found {
		id, _ := r["Id"].(string)
		refs = append(refs, connectors.Ref{Type: recordType, ID: id})
	}
	if len(found) < findPage {
		return refs, "", nil
	}
	last, _ := found[len(found)-1]["SystemModstamp"].(string)
	at, err := time.Parse(stampLayout, last)
	if err != nil {
		return nil, "", strange(err)
	}
	return refs, at.UTC().Format(time.RFC3339) + " " + refs[len(refs)-1].ID, nil
}
