package envelope_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

type places = map[string]envelope.RecipientStatus

func TestWhoseTurnItIs(t *testing.T) {
	inOrder := draft(signer("ann", 1), signer("bob", 2))
	together := draft(signer("ann", 1), recipient("bob", envelope.Approver, 1), signer("cat", 2))
	copied := draft(recipient("cc1", envelope.CC, 1), signer("ann", 2), recipient("cc2", envelope.CC, 3), signer("bob", 4), recipient("cc3", envelope.CC, 5))
	viewed := draft(recipient("vic", envelope.Viewer, 1), signer("ann", 2))
	views := envelope.Act{ID: "act_vic", Recipient: "vic", Kind: envelope.View}
	approves := envelope.Act{ID: "act_bob", Recipient: "bob", Kind: envelope.Approve}
	for name, tt := range map[string]struct {
		e    envelope.Envelope
		acts []envelope.Act
		want places
	}{
		"the first is asked at once":             {inOrder, nil, places{"ann": envelope.Released, "bob": envelope.Waiting}},
		"the second waits for the first":         {inOrder, []envelope.Act{signs("ann")}, places{"ann": envelope.Signed, "bob": envelope.Released}},
		"all of a step are asked together":       {together, nil, places{"ann": envelope.Released, "bob": envelope.Released, "cat": envelope.Waiting}},
		"one of a step is not enough":            {together, []envelope.Act{signs("ann")}, places{"ann": envelope.Signed, "bob": envelope.Released, "cat": envelope.Waiting}},
		"all of a step come before the next":     {together, []envelope.Act{signs("ann"), approves}, places{"ann": envelope.Signed, "bob": envelope.Approved, "cat": envelope.Released}},
		"a quorum is not there yet":              {committee(), []envelope.Act{signs("ann")}, places{"ann": envelope.Signed, "bob": envelope.Released, "cat": envelope.Released, "dan": envelope.Waiting, "eve": envelope.Waiting}},
		"a quorum goes on and excuses the rest":  {committee(), []envelope.Act{signs("cat"), signs("ann")}, places{"ann": envelope.Signed, "bob": envelope.Excused, "cat": envelope.Signed, "dan": envelope.Released, "eve": envelope.Copied}},
		"a cc blocks nobody":                     {copied, nil, places{"cc1": envelope.Copied, "ann": envelope.Released, "cc2": envelope.Waiting, "bob": envelope.Waiting, "cc3": envelope.Waiting}},
		"a cc's turn comes with its step":        {copied, []envelope.Act{signs("ann")}, places{"cc1": envelope.Copied, "ann": envelope.Signed, "cc2": envelope.Copied, "bob": envelope.Released, "cc3": envelope.Waiting}},
		"the last cc's turn comes after all":     {copied, []envelope.Act{signs("ann"), signs("bob")}, places{"cc1": envelope.Copied, "ann": envelope.Signed, "cc2": envelope.Copied, "bob": envelope.Signed, "cc3": envelope.Copied}},
		"a viewer is done when they have looked": {viewed, []envelope.Act{views}, places{"vic": envelope.Viewed, "ann": envelope.Released}},
		"a delegate stands in the same step":     {inOrder, []envelope.Act{delegates("ann", "zoe")}, places{"ann": envelope.Delegated, "zoe": envelope.Released, "bob": envelope.Waiting}},
		"a delegate's act opens the next step":   {inOrder, []envelope.Act{delegates("ann", "zoe"), signs("zoe")}, places{"ann": envelope.Delegated, "zoe": envelope.Signed, "bob": envelope.Released}},
		"a delegate counts towards the quorum":   {committee(), []envelope.Act{delegates("ann", "zoe"), signs("zoe"), signs("bob")}, places{"ann": envelope.Delegated, "zoe": envelope.Signed, "bob": envelope.Signed, "cat": envelope.Excused, "dan": envelope.Released, "eve": envelope.Copied}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, standing(records(t, sent(t, tt.e), tt.acts...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeclineEndsItUnlessAQuorumCanStillBeMet(t *testing.T) {
	for name, tt := range map[string]struct {
		e    envelope.Envelope
		acts []envelope.Act
		want envelope.Status
	}{
		"one of two":                              {draft(signer("ann", 1), signer("bob", 1)), []envelope.Act{declines("ann")}, envelope.Declined},
		"the only one":                            {draft(signer("ann", 1)), []envelope.Act{declines("ann")}, envelope.Declined},
		"one of three where two are enough":       {committee(), []envelope.Act{declines("ann")}, envelope.Sent},
		"two of three where two are needed":       {committee(), []envelope.Act{declines("ann"), declines("bob")}, envelope.Declined},
		"one of two after one of three has gone":  {committee(), []envelope.Act{declines("ann"), signs("bob"), declines("cat")}, envelope.Declined},
		"a delegate":                              {committee(), []envelope.Act{delegates("ann", "zoe"), declines("zoe")}, envelope.Sent},
		"a delegate and another":                  {committee(), []envelope.Act{delegates("ann", "zoe"), declines("zoe"), declines("bob")}, envelope.Declined},
		"somebody of a later step without quorum": {committee(), []envelope.Act{signs("ann"), signs("bob"), declines("dan")}, envelope.Declined},
	} {
		t.Run(name, func(t *testing.T) {
			e := records(t, sent(t, tt.e), tt.acts...)
			if e.Status != tt.want {
				t.Errorf("it is %s, want %s", e.Status, tt.want)
			}
			if e.Status == envelope.Declined && e.Reason != "too dear" {
				t.Errorf("the reason is %q", e.Reason)
			}
		})
	}
}

func TestDelegationKeepsTheHistoryAndThePlace(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 2))
	e.Fields = []envelope.Field{{ID: "fld_1", Recipient: "ann", Document: "doc_1", Kind: envelope.SignatureField, Page: 1, Width: 100, Height: 40}}
	e = records(t, sent(t, e), delegates("ann", "zoe"), delegates("zoe", "yan"))
	ann, _ := e.Recipient("ann")
	yan, _ := e.Recipient("yan")
	if ann.Status != envelope.Delegated || ann.ActedAt.IsZero() || ann.AskedAt.IsZero() || ann.Person != person("ann") {
		t.Errorf("ann's history is %+v", ann)
	}
	if yan.DelegatedFrom != "zoe" || yan.Place != "ann" || yan.Role != envelope.Signer || yan.Step != 1 {
		t.Errorf("yan stands in for %q at the place of %q, %s in step %d", yan.DelegatedFrom, yan.Place, yan.Role, yan.Step)
	}
	if own := e.FieldsOf(yan); len(own) != 1 || own[0].ID != "fld_1" {
		t.Errorf("yan fills %v", own)
	}
	e = records(t, e, signs("yan"))
	if bob, _ := e.Recipient("bob"); bob.Status != envelope.Released {
		t.Errorf("bob is %s after the delegate of a delegate has signed", bob.Status)
	}
}

func TestWhyARecipientMayNotAct(t *testing.T) {
	base := sent(t, draft(signer("ann", 1), recipient("app", envelope.Approver, 1), recipient("vic", envelope.Viewer, 1), signer("bob", 2), recipient("eve", envelope.CC, 1)))
	quorum := records(t, sent(t, committee()), signs("ann"), signs("bob"))
	signed := records(t, base, signs("ann"))
	handed := records(t, base, delegates("ann", "zoe"))
	for name, tt := range map[string]struct {
		e    envelope.Envelope
		who  string
		kind envelope.ActKind
		want string
	}{
		"a stranger":                          {base, "mallory", envelope.Sign, "recipient_missing"},
		"a signer signs":                      {base, "ann", envelope.Sign, ""},
		"a signer looks":                      {base, "ann", envelope.View, ""},
		"a signer does not approve":           {base, "ann", envelope.Approve, "act_not_yours"},
		"an approver approves":                {base, "app", envelope.Approve, ""},
		"an approver does not sign":           {base, "app", envelope.Sign, "act_not_yours"},
		"a viewer looks":                      {base, "vic", envelope.View, ""},
		"a viewer does not sign":              {base, "vic", envelope.Sign, "act_not_yours"},
		"a viewer may decline":                {base, "vic", envelope.Decline, ""},
		"a cc may look":                       {base, "eve", envelope.View, ""},
		"a cc does not decline":               {base, "eve", envelope.Decline, "acted_already"},
		"nobody does what there is not":       {base, "ann", "forge", "act_not_yours"},
		"who waits does not sign":             {base, "bob", envelope.Sign, "not_your_turn"},
		"who waits does not look":             {base, "bob", envelope.View, "not_your_turn"},
		"who waits does not decline":          {base, "bob", envelope.Decline, "not_your_turn"},
		"who waits does not delegate":         {base, "bob", envelope.Delegate, "not_your_turn"},
		"who has signed does not sign again":  {signed, "ann", envelope.Sign, "acted_already"},
		"who has signed does not decline":     {signed, "ann", envelope.Decline, "acted_already"},
		"who has signed may look":             {signed, "ann", envelope.View, ""},
		"who has delegated does not sign":     {handed, "ann", envelope.Sign, "acted_already"},
		"who has delegated does not look":     {handed, "ann", envelope.View, "acted_already"},
		"who is not needed does not sign":     {quorum, "cat", envelope.Sign, "not_needed"},
		"who is not needed may look":          {quorum, "cat", envelope.View, ""},
		"who is not needed does not delegate": {quorum, "cat", envelope.Delegate, "not_needed"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := code(tt.e.Route().May(tt.who, tt.kind)); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
}

func TestARouteHoldsNoNames(t *testing.T) {
	r := sent(t, committee()).Route()
	if ids := r.Turn(); len(ids) != 0 {
		t.Errorf("%v have not been asked", ids)
	}
	if !slices.ContainsFunc(r.Stops, func(s envelope.Stop) bool { return s.Recipient == "eve" && s.Role == envelope.CC }) {
		t.Error("the cc is not on the route")
	}
	if _, running := (envelope.Route{}).Step(); running {
		t.Error("an empty route is still running")
	}
}
