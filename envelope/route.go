package envelope

import "slices"

// Route is what of an envelope decides whose turn it is. It holds no names: this
// is what a workflow remembers.
type Route struct {
	Stops   []Stop   `json:"stops"`
	Quorums []Quorum `json:"quorums,omitempty"`
}

// Stop is one recipient on the route.
type Stop struct {
	Recipient string          `json:"recipient"`
	Role      Role            `json:"role"`
	Step      int             `json:"step"`
	Status    RecipientStatus `json:"status"`
}

// Route of the envelope as it stands.
func (e Envelope) Route() Route {
	stops := make([]Stop, len(e.Recipients))
	for i, r := range e.Recipients {
		stops[i] = Stop{Recipient: r.ID, Role: r.Role, Step: r.Step, Status: r.Status}
	}
	return Route{Stops: stops, Quorums: e.Quorums}
}

// Step returns the number of the first step that is not over, and false when the route is done.
func (r Route) Step() (int, bool) {
	for _, step := range r.steps() {
		if !r.over(step) {
			return step, true
		}
	}
	return 0, false
}

// Turn returns the recipients whose turn has come and who have not been asked
// yet: those of the current step, and the cc of every step that is over.
func (r Route) Turn() []string {
	current, running := r.Step()
	var turn []string
	for _, s := range r.Stops {
		reached := !running || s.Step < current || s.Step == current
		if s.Status == Waiting && reached && (s.Role == CC || running && s.Step == current) {
			turn = append(turn, s.Recipient)
		}
	}
	return turn
}

// Excused returns the recipients who need not act any more because their step
// went on without them.
func (r Route) Excused() []string {
	var ids []string
	for _, s := range r.Stops {
		if s.Role.Acts() && s.Status.Open() && r.over(s.Step) {
			ids = append(ids, s.Recipient)
		}
	}
	return ids
}

// Held returns the recipients whose signature is given and waits for its timestamp.
func (r Route) Held() []string {
	var ids []string
	for _, s := range r.Stops {
		if s.Status == Signing {
			ids = append(ids, s.Recipient)
		}
	}
	return ids
}

// Lost tells whether some step can never be over: too many of it have declined.
func (r Route) Lost() bool {
	return slices.ContainsFunc(r.steps(), func(step int) bool {
		agreed, open := r.count(step)
		return agreed+open < r.need(step)
	})
}

// May tells whether that recipient may give that answer now; the problem says why not.
func (r Route) May(recipient string, kind ActKind) error {
	i := slices.IndexFunc(r.Stops, func(s Stop) bool { return s.Recipient == recipient })
	if i < 0 {
		return errNoRecipient
	}
	stop := r.Stops[i]
	switch {
	case stop.Status == Waiting:
		return errNotYourTurn
	case kind == View && stop.Status != Delegated:
		return nil
	case stop.Status == Excused:
		return errNotNeeded
	case stop.Status != Released:
		return errActedAlready
	case !stop.Role.mayGive(kind):
		return errWrongAct
	}
	return nil
}

func (r Role) mayGive(kind ActKind) bool {
	switch kind {
	case Sign:
		return r == Signer
	case Approve:
		return r == Approver
	case View:
		return true
	case Decline, Delegate:
		return r.Acts()
	}
	return false
}

// steps returns the distinct numbers of all steps, lowest first.
func (r Route) steps() []int {
	var steps []int
	for _, s := range r.Stops {
		if !slices.Contains(steps, s.Step) {
			steps = append(steps, s.Step)
		}
	}
	slices.Sort(steps)
	return steps
}

// over tells whether a step need not be waited for.
func (r Route) over(step int) bool {
	agreed, _ := r.count(step)
	return agreed >= r.need(step)
}

// need is how many of a step must agree: its quorum, or all who act.
func (r Route) need(step int) int {
	for _, q := range r.Quorums {
		if q.Step == step {
			return q.Need
		}
	}
	all := 0
	for _, s := range r.Stops {
		if s.Step == step && s.Role.Acts() && s.Status != Delegated {
			all++
		}
	}
	return all
}

func (r Route) count(step int) (agreed, open int) {
	for _, s := range r.Stops {
		if s.Step != step || !s.Role.Acts() {
			continue
		}
		if s.Status.Agreed() {
			agreed++
		}
		if s.Status.Hopeful() {
			open++
		}
	}
	return agreed, open
}
