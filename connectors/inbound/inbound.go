// Package inbound is the connection of systems that call us: a record comes along
// with the request, nothing is read, and the outcome is told by webhooks.
package inbound

import (
	"context"
	"net/http"

	"chancery/connectors"
)

// System returns the connector, which can do nothing by itself.
func System() connectors.System {
	return connectors.System{
		Name: "inbound", Title: "A system that calls this one",
		Open: func(connectors.Connection, *http.Client) (connectors.Reader, error) { return caller{}, nil },
	}
}

type caller struct{}

// Read fails: such a record is nowhere but in the request that brought it.
func (caller) Read(context.Context, connectors.Ref, []string) (connectors.Record, error) {
	return connectors.Record{}, &connectors.Failure{Trouble: connectors.Gone, Words: "This system sends its records itself."}
}
