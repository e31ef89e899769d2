package hubspot

import (
	"fmt"

	"chancery/connectors"
)

// receiver takes the webhooks of a connection's app, which its client secret signs.
var receiver = connectors.Receiver{
	Where: "In HubSpot: the app’s Webhooks, as the Target URL. The connection needs the app’s client secret, which signs each call.",
	Read: func(c connectors.Connection, call connectors.Call) ([]connectors.News, error) {
		if err := Verify(call.Request, call.Address, call.Body, c.Settings[settingSecret], call.At); err != nil {
			return nil, err
		}
		all, err := News(call.Body, c.Settings[settingApp])
		for i, news := range all { // the ids of events alone are not promised to be unique
			all[i].ID = fmt.Sprintf("%s/%s/%s/%s/%d", news.ID, news.Kind, news.Ref.Type, news.Ref.ID, news.At.UnixMilli())
		}
		return all, err
	},
}
