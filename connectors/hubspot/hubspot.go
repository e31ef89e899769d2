// Package hubspot connects HubSpot: CRM objects with their associations, files as
// attachments of a note, and webhooks with their v3 signature.
//
// Records are of HubSpot's object types (deals, contacts, companies, tickets,
// line_items, or a custom object's 2-… name). A path leads from a property, or by
// an association's name into the associated objects: dealname, contacts.email,
// line_items.name.
//
// HubSpot has no conditional update: Write compares hs_lastmodifieddate right
// before it writes, which leaves a window of one call.
package hubspot

import (
	"context"
	"encoding/json"
	"net/http"

	"golang.org/x/oauth2"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// Settings of a connection.
const (
	settingToken   = "token"
	settingClient  = "client_id"
	settingSecret  = "client_secret"
	settingRefresh = "refresh_token"
	settingAddress = "address"
	settingApp     = "app_id"
	settingPortal  = "portal"
)

// home is where HubSpot's API is.
const home = "https://api.hubapi.com"

// System returns the connector.
func System() connectors.System {
	return connectors.System{
		Name: "hubspot", Title: "HubSpot",
		Settings: []connectors.Setting{
			{Name: settingToken, Title: "Access token", Help: "Of a private app. Leave it out when the app uses OAuth.", Secret: true, Optional: true},
			{Name: settingClient, Title: "Client id", Help: "Of an app that uses OAuth.", Optional: true},
			{Name: settingSecret, Title: "Client secret", Help: "Signs webhooks, too.", Secret: true, Optional: true},
			{Name: settingRefresh, Title: "Refresh token", Help: "From the app's authorisation.", Secret: true, Optional: true},
			{Name: settingAddress, Title: "Address", Help: "Of the API; " + home + " when empty.", Optional: true},
			{Name: settingApp, Title: "App id", Help: "What this app has changed itself starts nothing.", Optional: true},
			{Name: settingPortal, Title: "Account", Learnt: true, Optional: true},
		},
		Receiver: &receiver,
		Open:     connectors.Once(open),
	}
}

// account is an opened connection.
type account struct {
	client *rest.Client
	keep   func(ctx context.Context, learnt map[string]string) error
}

func open(c connectors.Connection, client *http.Client) (connectors.Reader, error) {
	base := c.Settings[settingAddress]
	if base == "" {
		base = home
	}
	tokens, err := tokensOf(c.Settings, base)
	if err != nil {
		return nil, err
	}
	return &account{&rest.Client{HTTP: client, Base: base, Tokens: tokens, Explain: explain}, c.Keep}, nil
}

var errNoCredentials = &connectors.Failure{Trouble: connectors.Expired, Code: "credentials_missing",
	Words: "A HubSpot connection needs an access token, or a client id, a client secret and a refresh token."}

func tokensOf(settings map[string]string, base string) (*rest.Tokens, error) {
	if token := settings[settingToken]; token != "" {
		return rest.Fixed(token), nil
	}
	if settings[settingClient] == "" || settings[settingSecret] == "" || settings[settingRefresh] == "" {
		return nil, errNoCredentials
	}
	app := oauth2.Config{
		ClientID: settings[settingClient], ClientSecret: settings[settingSecret],
		Endpoint: oauth2.Endpoint{TokenURL: base + "/oauth/v1/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	return rest.NewTokens(func(ctx context.Context) (*oauth2.Token, error) {
		return app.TokenSource(ctx, &oauth2.Token{RefreshToken: settings[settingRefresh]}).Token()
	}), nil
}

// Test asks which account the credentials are of, and remembers it: webhooks of another
// one are not believed.
func (a *account) Test(ctx context.Context) (string, error) {
	var said struct {
		PortalID json.Number `json:"portalId"`
	}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/account-info/v3/details"}, &said); err != nil {
		return "", err
	}
	portal := said.PortalID.String()
	if a.keep != nil && portal != "" {
		if err := a.keep(ctx, map[string]string{settingPortal: portal}); err != nil {
			return "", err
		}
	}
	return "account " + portal, nil
}

// object is the path of a record, below one of the API's roots for objects.
func object(root string, ref connectors.Ref) (string, error) {
	recordType, err := rest.Segment(ref.Type)
	if err != nil {
		return "", err
	}
	id, err := rest.Segment(ref.ID)
	return root + recordType + "/" + id, err
}

// Roots of the API.
const (
	objects       = "/crm/v3/objects/"
	linkedObjects = "/crm/v4/objects/"
)
