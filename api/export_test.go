package api

import "github.com/danielgtaylor/huma/v2"

// Contract is what the handler of c publishes, for tests that hold it to its word.
func Contract(c Config) (*huma.OpenAPI, error) {
	a, _, err := assemble(c)
	if err != nil {
		return nil, err
	}
	return a.huma.OpenAPI(), nil
}

// Codes are the problem codes that the docs page explains.
func Codes() []string {
	return each(problemCodes, func(c code) string { return c.Code })
}
