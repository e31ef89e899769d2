package integration

import (
	"errors"

	"chancery/connectors"
)

func failure(err error) (*connectors.Failure, bool) {
	var f *connectors.Failure
	return f, errors.As(err, &f)
}
