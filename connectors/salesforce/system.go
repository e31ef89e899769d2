package salesforce

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"

	"chancery/connectors"
	"chancery/problem"
)

// Settings of a connection.
const (
	settingGrant   = "grant"
	settingLogin   = "login_url"
	settingClient  = "client_id"
	settingUser    = "username"
	settingKey     = "private_key"
	settingSecret  = "client_secret"
	settingRefresh = "refresh_token"
	settingFileKey = "file_key"
	settingEvents  = "events"
	settingOrg     = "org"
)

// System returns the connector. Events come over connections that dial makes, which
// reaches no private addresses, and are vouched for by roots; nil are the system's.
func System(dial func(ctx context.Context, address string) (net.Conn, error), roots *x509.CertPool) connectors.System {
	return connectors.System{
		Name: "salesforce", Title: "Salesforce",
		Settings: []connectors.Setting{
			{Name: settingGrant, Title: "Signing in", Help: "jwt needs nobody; see the guide of the connector.", Choices: []string{string(ByKey), string(BySecret), string(ByConsent)}},
			{Name: settingLogin, Title: "Login address", Help: "https://login.salesforce.com, https://test.salesforce.com or the org’s own."},
			{Name: settingClient, Title: "Consumer key"},
			{Name: settingUser, Title: "User name", Help: "For jwt: whom the hub acts as.", Optional: true},
			{Name: settingKey, Title: "Private key", Help: "For jwt: PEM, whose certificate is in the app.", Secret: true, Lines: true, Optional: true},
			{Name: settingSecret, Title: "Consumer secret", Secret: true, Optional: true},
			{Name: settingRefresh, Title: "Refresh token", Secret: true, Optional: true},
			{Name: settingFileKey, Title: "Key field of files", Help: "A unique text field of ContentVersion; files are compared when empty.", Optional: true},
			{Name: settingEvents, Title: "Address of events", Help: "host:port of the Pub/Sub API; that of Salesforce when empty.", Optional: true},
			{Name: settingOrg, Title: "Organisation", Learnt: true, Optional: true},
		},
		Receiver: &receiver,
		Consent:  &consent,
		Open: connectors.Once(func(c connectors.Connection, client *http.Client) (connectors.Reader, error) {
			opened, err := New(Config{
				Credentials: Credentials{
					Grant: Grant(c.Settings[settingGrant]), LoginURL: c.Settings[settingLogin], ClientID: c.Settings[settingClient], Username: c.Settings[settingUser],
					PrivateKey: c.Settings[settingKey], ClientSecret: c.Settings[settingSecret], RefreshToken: c.Settings[settingRefresh],
				},
				HTTP: client, Name: ourName(c), FileKey: c.Settings[settingFileKey],
				Keep: keeping(c), Events: c.Settings[settingEvents], EventsTLS: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, Dial: dial,
			})
			if err != nil {
				return nil, problem.Invalid("setting_invalid", "The settings do not fit together: a login address, a consumer key, and what the way to sign in needs.").At("settings").Because(err)
			}
			return opened, nil
		}),
	}
}

// ourName is by what the org tells our own changes from those of others.
func ourName(c connectors.Connection) string {
	if c.ID == "" { // it is only tried out
		return "chancery-trial"
	}
	return "chancery-" + c.ID
}

// keeping lets a connection remember its organisation, and a refresh token that has
// taken the place of another.
func keeping(c connectors.Connection) func(ctx context.Context, org, refresh string) error {
	if c.Keep == nil {
		return nil
	}
	return func(ctx context.Context, org, refresh string) error {
		learnt := map[string]string{}
		if org != "" {
			learnt[settingOrg] = org
		}
		if refresh != "" {
			learnt[settingRefresh] = refresh
		}
		return c.Keep(ctx, learnt)
	}
}
