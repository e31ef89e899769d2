package webhooks

import (
	"context"
	"fmt"
	"time"

	"chancery/problem"
	"chancery/rate"
)

// TrialEvent is the type of the event that is sent to try an endpoint. Nobody
// subscribes to it: it goes to the one endpoint for which it was asked.
const TrialEvent = "webhook.test"

// TrialLimit is how often a team may try its endpoints, by the API and on its page
// together: more than anybody needs who watches what comes of it.
var TrialLimit = rate.Limit{Name: "trials", Calls: 10, Per: time.Minute}

var errTrials = problem.Limited("trials_too_many", "A team may try its endpoints ten times in any minute. Please wait and try again.")

// MayTry counts a trial of the team. One too many is refused, with how long until
// another one is taken.
func MayTry(ctx context.Context, calls rate.Window, team string) (wait time.Duration, err error) {
	if standing := calls.Take(ctx, "trials/"+team, TrialLimit); !standing.Allowed {
		return standing.Reset, errTrials
	}
	return 0, nil
}

// Trial is what the event holds.
type Trial struct {
	ID       string `json:"id" example:"evt_01kbxq4m6hf5jt2z9w8r7e3c1a" doc:"The webhook-id."`
	Endpoint string `json:"endpoint" example:"we_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Team     string `json:"team" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

// Try makes one attempt of a trial while somebody waits for its outcome. It goes the
// way of every other event, with a client of its own, is not tried again, and no log
// keeps it.
func Try(ctx context.Context, policy Policy, trial Trial, url string, at time.Time, secrets ...Secret) (Delivery, Outcome, error) {
	body, err := Payload(TrialEvent, at.Truncate(time.Millisecond), trial)
	if err != nil {
		return Delivery{}, Outcome{}, fmt.Errorf("try endpoint %s: %w", trial.Endpoint, err)
	}
	client := NewClient(policy)
	defer client.CloseIdleConnections()
	delivery := Delivery{EventID: trial.ID, URL: url, Body: body, Secrets: secrets, At: at}
	return delivery, Attempt(ctx, client, delivery), nil
}
