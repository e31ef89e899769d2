package team

import "slices"

// Level is what a member is trusted with in a team. To create is to bring new
// documents; who may only send uses those that are there.
type Level string

const (
	Administrator Level = "administrator" // all of it, and the team itself
	TeamCreate    Level = "team_create"   // sees what the team does; creates and sends
	TeamSend      Level = "team_send"     // sees what the team does; sends only
	OwnCreate     Level = "own_create"    // sees their own envelopes; creates and sends
	OwnSend       Level = "own_send"      // sees their own envelopes; sends only
	TeamRead      Level = "team_read"     // sees what the team does and changes nothing
)

// Levels are all that there are, the most trusted first, in words for people.
var Levels = []struct {
	Level Level
	Words string
}{
	{Administrator, "Administrator"},
	{TeamCreate, "Sees the team’s envelopes, creates and sends"},
	{TeamSend, "Sees the team’s envelopes, sends only"},
	{OwnCreate, "Sees their own envelopes, creates and sends"},
	{OwnSend, "Sees their own envelopes, sends only"},
	{TeamRead, "Sees the team’s envelopes, changes nothing"},
}

// Words is the level for people.
func (l Level) Words() string {
	for _, known := range Levels {
		if known.Level == l {
			return known.Words
		}
	}
	return string(l)
}

// Valid tells whether the level is one we know.
func (l Level) Valid() bool { return rights[l] != nil }

// Verb is something that may be done.
type Verb string

const (
	SeeTeam          Verb = "team.see"         // which team it is and which are below it; whatever needs nothing but being in it
	ReadEnvelopes    Verb = "envelope.read"    // and their documents, evidence and events
	BringDocuments   Verb = "document.create"  // upload
	SendEnvelopes    Verb = "envelope.send"    // prepare, send, correct, void
	ManageWebhooks   Verb = "webhook.manage"   // endpoints, deliveries, replay
	ReadLogs         Verb = "log.read"         // requests and usage
	ManageKeys       Verb = "key.manage"       // list and revoke; who may make one is Access's question
	ManageMembers    Verb = "member.manage"    // who is in the team, at which level
	ManageConnectors Verb = "connector.manage" // connections, templates, mappings
	ManageTeam       Verb = "team.manage"      // its name, sender, preset addresses and test clock

	ManageOrganisation Verb = "organisation.manage" // people, teams and their kinds, single sign-on
	Operate            Verb = "operate"             // the hub: applications, subscriptions
)

// Reach is how far a right goes in a team.
type Reach int

const (
	Nothing Reach = iota
	Own           // what they made themselves
	Whole         // all that the team has
)

// rights is the one table of what a member may do in their team.
var rights = map[Level]map[Verb]Reach{
	Administrator: {SeeTeam: Whole, ReadEnvelopes: Whole, BringDocuments: Whole, SendEnvelopes: Whole, ManageWebhooks: Whole, ManageConnectors: Whole, ReadLogs: Whole, ManageKeys: Whole, ManageMembers: Whole, ManageTeam: Whole},
	TeamCreate:    {SeeTeam: Whole, ReadEnvelopes: Whole, BringDocuments: Whole, SendEnvelopes: Whole, ManageWebhooks: Whole, ReadLogs: Whole, ManageKeys: Own},
	TeamSend:      {SeeTeam: Whole, ReadEnvelopes: Whole, SendEnvelopes: Whole, ReadLogs: Whole, ManageKeys: Own},
	OwnCreate:     {SeeTeam: Own, ReadEnvelopes: Own, BringDocuments: Whole, SendEnvelopes: Own, ReadLogs: Own, ManageKeys: Own},
	OwnSend:       {SeeTeam: Own, ReadEnvelopes: Own, SendEnvelopes: Own, ReadLogs: Own, ManageKeys: Own},
	TeamRead:      {SeeTeam: Whole, ReadEnvelopes: Whole, ReadLogs: Whole, ManageKeys: Own},
}

// overseen are what whoever sees the whole of a team sees of its children too.
// Nothing in a child is ever changed from above.
var overseen = []Verb{SeeTeam, ReadEnvelopes, ReadLogs}

// headed are what an organisation's administrator may do in any of its teams
// without being a member: enough to put things right, not to read envelopes.
var headed = []Verb{ManageMembers, ManageTeam, ReadLogs}

// Scope is a part of what its owner may do that a key is good for.
type Scope string

const (
	ScopeRead       Scope = "read"
	ScopeCreate     Scope = "create"
	ScopeSend       Scope = "send"
	ScopeWebhooks   Scope = "webhooks"
	ScopeConnectors Scope = "connectors"
	ScopeTeam       Scope = "team"
)

// Scopes are all that there are.
var Scopes = []struct {
	Scope Scope
	Words string
}{
	{ScopeRead, "Read envelopes, documents, events and the log"},
	{ScopeCreate, "Upload documents"},
	{ScopeSend, "Prepare, send, correct and void envelopes"},
	{ScopeWebhooks, "Manage webhooks"},
	{ScopeConnectors, "Manage connections, templates and mappings"},
	{ScopeTeam, "Preset addresses and the test clock"},
}

// Valid tells whether the scope is one we know.
func (s Scope) Valid() bool {
	return slices.ContainsFunc(Scopes, func(known struct {
		Scope Scope
		Words string
	}) bool {
		return known.Scope == s
	})
}

// needs is the scope that a key must have for a verb, "" when any will do; keys
// are of no use for the others.
var needs = map[Verb]Scope{
	SeeTeam:       "",
	ReadEnvelopes: ScopeRead, ReadLogs: ScopeRead, BringDocuments: ScopeCreate, SendEnvelopes: ScopeSend,
	ManageWebhooks: ScopeWebhooks, ManageConnectors: ScopeConnectors, ManageTeam: ScopeTeam,
}

// Actor is whoever wants to do something: a person at the pages, or a key.
type Actor struct {
	ID           string // user, or the operator's key that belongs to nobody
	Organisation string
	Team         string   // that they act in
	Level        Level    // in that team; "" is no member
	Children     []string // teams below that one, at any depth

	Head     bool // administers the organisation
	Operator bool // runs the hub

	Key    bool    // speaks by a key
	Scopes []Scope // of the key; none is all
}

// Thing is what it is done to. Team is "" for what belongs to the organisation as
// a whole, and both are "" for what belongs to the hub.
type Thing struct {
	Organisation string
	Team         string
	Owner        string // who made it; "" when nobody in particular did
}

// Answer to May.
type Answer int

const (
	Unseen  Answer = iota // for them it does not exist
	Refused               // they see it, and may not do that
	Granted
)

// May is the one judge of who may do what to which thing, for the API, the pages
// and the tests alike.
func May(a Actor, v Verb, t Thing) Answer {
	switch {
	case a.may(v, t):
		return Granted
	case a.sees(t):
		return Refused
	}
	return Unseen
}

func (a Actor) may(v Verb, t Thing) bool {
	if a.Key && !a.scoped(v) {
		return false
	}
	switch {
	case v == Operate:
		return a.Operator
	case t.Team == "":
		return v == ManageOrganisation && a.Head && t.Organisation == a.Organisation
	case a.Head && t.Organisation == a.Organisation && slices.Contains(headed, v):
		return true
	case t.Team == a.Team:
		reach := rights[a.Level][v]
		return reach == Whole || reach == Own && t.Owner == a.ID
	case slices.Contains(a.Children, t.Team):
		return slices.Contains(overseen, v) && rights[a.Level][v] == Whole
	}
	return false
}

// sees tells whether the actor knows of the thing, whatever the key is good for.
func (a Actor) sees(t Thing) bool {
	switch {
	case t.Organisation != a.Organisation:
		return a.Operator
	case t.Team == "" || a.Head:
		return true
	case t.Team == a.Team && a.Level != "":
		return rights[a.Level][ReadEnvelopes] == Whole || t.Owner == "" || t.Owner == a.ID
	}
	return slices.Contains(a.Children, t.Team) && rights[a.Level][ReadEnvelopes] == Whole
}

func (a Actor) scoped(v Verb) bool {
	scope, there := needs[v]
	return there && (scope == "" || len(a.Scopes) == 0 || slices.Contains(a.Scopes, scope))
}

// Reach tells how far the actor may go in a verb in their own team, for lists.
func (a Actor) Reach(v Verb) Reach {
	if a.Key && !a.scoped(v) {
		return Nothing
	}
	return rights[a.Level][v]
}
