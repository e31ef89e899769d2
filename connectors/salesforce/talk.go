package salesforce

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"chancery/connectors"
	"chancery/problem"
)

// receiver takes the Outbound Messages of a connection's own org.
var receiver = connectors.Receiver{
	Where: "In Salesforce: Setup → Outbound Messages → New Outbound Message, as its Endpoint URL. It is needed only where Change Data Capture is not used.",
	Read: func(c connectors.Connection, call connectors.Call) ([]connectors.News, error) {
		return Outbound(bytes.NewReader(call.Body), c.Settings[settingOrg], call.At)
	},
	Answer: Acknowledgement, AnswerType: "text/xml; charset=utf-8",
}

var errNoRefresh = &connectors.Failure{Trouble: connectors.Refused, Code: "refresh_token_missing",
	Words: "Salesforce gave no refresh token: the app needs the scope refresh_token, offline_access."}

// consent is by the authorisation code of an app, with or without its secret.
var consent = connectors.Consent{
	Ask: func(settings map[string]string, back, state, challenge string) (string, error) {
		login, err := url.Parse(settings[settingLogin])
		switch {
		case err != nil || login.Host == "" || login.Scheme != "https" && login.Scheme != "http" || login.User != nil || login.RawQuery != "" || login.Fragment != "":
			return "", problem.Invalid("setting_invalid", "A login address is needed, such as https://login.salesforce.com.").At("settings.%s", settingLogin)
		case settings[settingClient] == "":
			return "", problem.Invalid("setting_missing", "A setting is missing: Consumer key.").At("settings.%s", settingClient)
		}
		return AuthorizeURL(settings[settingLogin], settings[settingClient], back, state, challenge), nil
	},
	Take: func(ctx context.Context, client *http.Client, settings map[string]string, back, code, verifier string) (map[string]string, error) {
		made, err := Exchange(ctx, client, settings[settingLogin], settings[settingClient], settings[settingSecret], back, code, verifier)
		if err != nil && made.Grant != "" { // there was an answer
			err = errNoRefresh.Because(err)
		}
		return map[string]string{settingGrant: string(ByConsent), settingRefresh: made.RefreshToken}, err
	},
}
