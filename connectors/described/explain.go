package described

import (
	"cmp"
	"encoding/json"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// explain reads what a refusal says, where it says it as RFC 9457 or in one of the
// ways that many systems share.
func explain(r rest.Reply) connectors.Failure {
	var said struct {
		Title   any `json:"title"`
		Detail  any `json:"detail"`
		Message any `json:"message"`
		Error   any `json:"error"`
		Code    any `json:"code"`
	}
	_ = json.Unmarshal(r.Body, &said) // what cannot be read is told by its status
	words := cmp.Or(text(said.Detail), text(said.Message), text(said.Title), text(said.Error))
	if inside, is := said.Error.(map[string]any); is {
		words = cmp.Or(words, text(inside["message"]))
	}
	return connectors.Failure{Code: text(said.Code), Words: words}
}

func text(value any) string {
	words, _ := value.(string)
	return words
}
