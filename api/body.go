package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chancery/problem"
)

const (
	// maxBody is the largest JSON body in bytes: an envelope with every field and
	// recipient it may have is a third of it.
	maxBody = 1 << 20
	// bodyPatience is how long a JSON body may take to arrive.
	bodyPatience = 20 * time.Second
	// uploadPatience is how long an upload may take: 25 MB over a line of 1 Mbit/s.
	uploadPatience = 4 * time.Minute
)

// readBody takes a JSON body in whole, so that it can be counted and compared
// before anything happens.
func (a *api) readBody(c *gin.Context) {
	defer patience(c, bodyPatience)()
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		err = problem.TooLarge(codeBodySize, "The body of the request is larger than 1 MiB.")
		refuse(c, a.refusal(c.Request.Context(), err))
		return
	case err != nil:
		c.Abort() // the client has gone, or was too slow; nobody reads an answer
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
}

// patience bounds how long the request may take to arrive, until the function it
// returns is called: a deadline that is left behind would end a slow handler too.
// A writer that knows no deadlines is one of a test.
func patience(c *gin.Context, wait time.Duration) (enough func()) {
	connection := http.NewResponseController(c.Writer)
	_ = connection.SetReadDeadline(time.Now().Add(wait))
	return func() { _ = connection.SetReadDeadline(time.Time{}) }
}
