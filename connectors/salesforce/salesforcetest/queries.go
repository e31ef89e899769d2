package salesforcetest

import (
	"fmt"
	"strconv"
	"strings"
)

// cursor is what is still to be given out of a query.
type cursor struct {
	records []any
	batch   int
}

// keep remembers records and returns the address of those behind the first batch.
func (o *Org) keep(base string, batch int, records []any) string {
	id := fmt.Sprintf("01gKz%010d", len(o.cursors)+1)
	o.cursors[id] = cursor{records, batch}
	return fmt.Sprintf("%s/query/%s-%d", base, id, batch)
}

func (o *Org) query(q request, path []string) reply {
	if len(path) == 1 && path[0] != "" {
		return o.nextPage(q, path[0])
	}
	text := q.query.Get("q")
	if strings.TrimSpace(text) == "" {
		return refused(fault("MALFORMED_QUERY", "unexpected token: '<EOF>'"))
	}
	parsed, err := parse(text)
	if err != nil {
		return refused(err)
	}
	found, err := o.runner(q).run(parsed)
	if err != nil {
		return refused(err)
	}
	return ok(found)
}

func (o *Org) nextPage(q request, locator string) reply {
	id, offset, _ := strings.Cut(locator, "-")
	held, there := o.cursors[id]
	from, err := strconv.Atoi(offset)
	if !there || err != nil || from < 0 || from > len(held.records) {
		return refused(fault("INVALID_QUERY_LOCATOR", "invalid query locator"))
	}
	to := min(from+held.batch, len(held.records))
	answer := map[string]any{"totalSize": len(held.records), "done": to == len(held.records), "records": held.records[from:to]}
	if to < len(held.records) {
		answer["nextRecordsUrl"] = fmt.Sprintf("%s/query/%s-%d", q.base(), id, to)
	}
	return ok(answer)
}
