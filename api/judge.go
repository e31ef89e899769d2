package api

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

var (
	errNotAllowed = problem.Denied("not_allowed", "This key, or the person whose it is, may not do that.")
	errNoTeam     = problem.Missing("team_missing", "There is no such team.")
	errOneOrAll   = problem.Invalid("team_or_children", "Ask either for one team or for all below yours.")
)

// judge asks whether the caller may do in their own team what the route does: the
// first of two questions. The second, allow, is about the very thing.
func (a *api) judge(c *gin.Context) {
	remember(c, keyVerb, a.verbs[routeOf(c)])
	ctx := c.Request.Context()
	who := callerOf(ctx)
	if err := allow(ctx, who.Team.ID, who.Actor.ID, errNotAllowed); err != nil {
		refuse(c, a.refusal(ctx, err))
	}
}

// allow asks whether the caller may do what the route does to a thing of that team
// and owner. What they do not see is answered like what is missing.
func allow(ctx context.Context, teamID, owner string, missing error) error {
	who := callerOf(ctx)
	thing := team.Thing{Organisation: who.Team.Organisation, Team: teamID, Owner: owner}
	switch team.May(who.Actor, verbOf(ctx), thing) {
	case team.Granted:
		return nil
	case team.Refused:
		return errNotAllowed
	}
	return missing
}

// verbOf is what the route of this request does.
func verbOf(ctx context.Context) team.Verb {
	verb, _ := ctx.Value(keyVerb).(team.Verb)
	return verb
}

// within are the teams in which the caller may know of things at all.
func (c Caller) within() []string { return append([]string{c.Team.ID}, c.Actor.Children...) }

// scope is what a list shows: things of these teams, and of that owner unless it is "".
type scope struct {
	teams []string
	owner string
}

// Oversight chooses whose things a list shows.
type Oversight struct {
	Team     string `query:"team" maxLength:"40" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a" doc:"Of this team: the key's own, unless said, or one below it."`
	Children bool   `query:"children" doc:"Of the key's own team and of all below it."`
}

// scope asks for what was chosen. Whoever sees only what is their own sees only
// that, whatever they choose.
func (o Oversight) scope(ctx context.Context) (scope, error) {
	who := callerOf(ctx)
	switch {
	case o.Team != "" && o.Children:
		return scope{}, errOneOrAll
	case who.Actor.Reach(verbOf(ctx)) == team.Own:
		if o.Team != "" && o.Team != who.Team.ID {
			return scope{}, errNoTeam
		}
		return scope{[]string{who.Team.ID}, who.Actor.ID}, nil
	case o.Children:
		return scope{teams: who.within()}, nil
	case o.Team == "":
		return scope{teams: []string{who.Team.ID}}, nil
	case !id.Is(id.Team, o.Team):
		return scope{}, errNoTeam
	}
	return scope{teams: []string{o.Team}}, allow(ctx, o.Team, "", errNoTeam)
}

// pathMember is a member of a path as contracts write it; gin writes :name.
var pathMember = regexp.MustCompile(`{(\w+)}`)

// means notes what a route does.
func (a *api) means(r route) {
	a.verbs[r.Method+" "+pathMember.ReplaceAllString(r.Path, ":$1")] = r.Verb
}

// allJudged refuses to start with a route that nobody has given a verb.
func (a *api) allJudged(routes gin.RoutesInfo) error {
	for _, r := range routes {
		if pattern := r.Method + " " + r.Path; strings.HasPrefix(r.Path, "/v1/") && a.verbs[pattern] == "" {
			return fmt.Errorf("route %s has no verb: nobody would be asked who may use it", pattern)
		}
	}
	return nil
}
