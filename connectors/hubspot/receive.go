package hubspot

import "chancery/connectors"

// receiver takes the webhooks of a connection's app, which its client secret signs.
var receiver = connectors.Receiver{
	Where: "In HubSpot: the app’s Webhooks, as the Target URL. The connection needs the app’s client secret, which signs each call.",
	Read: func(c connectors.Connection, call connectors.Call) ([]connectors.News, error) {
		if err := Verify(call.Request, call.Address, call.Body, c.Settings[settingSecret], call.At); err != nil {
			return nil, err
		}
		return News(call.Body, c.Settings[settingPortal], c.Settings[settingApp])
	},
}
