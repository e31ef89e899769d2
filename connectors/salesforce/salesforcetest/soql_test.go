package salesforcetest

import "testing"

func TestIDsHaveTheChecksumOfSalesforce(t *testing.T) {
	for short, whole := range map[string]string{"001D000000IqhSL": "001D000000IqhSLIAZ", "500000000000000": "500000000000000AAA"} {
		if got := id18(short); got != whole {
			t.Errorf("%s becomes %s", short, got)
		}
	}
	if got, ok := wholeID("001D000000IqhSLAAA"); ok {
		t.Errorf("with another checksum it becomes %s", got)
	}
}

func TestTheLanguageOfQueries(t *testing.T) {
	o, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	q := request{version: "64.0", header: func(string) string { return "" }}
	for query, want := range map[string]any{
		"SELECT COUNT() FROM Contact":                                                                         2,
		"select count() from contact where lastname like 'o\\'n%'":                                            1,
		"SELECT COUNT() FROM Opportunity WHERE Amount > 48000 AND (StageName = 'x' OR IsWon = false)":         1,
		"SELECT COUNT() FROM Opportunity WHERE CloseDate = 2026-12-31 AND CreatedDate > 2020-01-01T00:00:00Z": 1,
		"SELECT COUNT() FROM Product2 WHERE Family = null":                                                    1,
		"SELECT COUNT() FROM Product2 WHERE NOT Family IN ('Hardware', 'Software')":                           1,
		"SELECT COUNT() FROM Product2 WHERE Name LIKE '%a_n%' OR Name LIKE 'P%'":                              2,
		"SELECT COUNT() FROM OpportunityLineItem WHERE Opportunity.Account.BillingCity = 'köln'":              3,
		"SELECT COUNT() FROM Account WHERE Account.Name != null LIMIT 1":                                      1,
		"SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3":                                               "MALFORMED_QUERY",
		"SELECT Id FROM Account WHERE Name = \"x\"":                                                           "MALFORMED_QUERY",
		"SELECT Id FROM Account WHERE AnnualRevenue = '1'":                                                    "INVALID_FIELD",
		"SELECT Id FROM Account WHERE Name = 1":                                                               "INVALID_FIELD",
		"SELECT Id FROM Account WHERE Description = 'x'":                                                      "INVALID_FIELD",
		"SELECT Nobody.Name FROM Account":                                                                     "INVALID_FIELD",
		"SELECT (SELECT Id FROM Nobodies) FROM Account":                                                       "INVALID_TYPE",
		"SELECT Id FROM Nobody":                                                                               "INVALID_TYPE",
		"SELECT Id FROM ContentDocumentLink":                                                                  "MALFORMED_QUERY",
		"SELECT Id FROM Account; DROP":                                                                        "MALFORMED_QUERY",
	} {
		parsed, fault := parse(query)
		var found any
		if fault == nil {
			found, fault = o.runner(q).run(parsed)
		}
		var got any
		if fault != nil {
			got = fault.ErrorCode
		} else {
			got = found.(map[string]any)["totalSize"]
		}
		if got != want {
			t.Errorf("%s\n gives %v, want %v", query, got, want)
		}
	}
}

func FuzzSOQL(f *testing.F) {
	o, err := Start(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(o.Close)
	q := request{version: "64.0", header: func(string) string { return "" }}
	f.Add("SELECT Name, Account.Owner.Name, (SELECT Quantity FROM OpportunityLineItems ORDER BY Id LIMIT 1) FROM Opportunity WHERE Amount >= 1.5 AND (Name LIKE '%ö_' OR StageName IN ('a','b')) ORDER BY CloseDate DESC NULLS LAST LIMIT 3 OFFSET 1")
	f.Add("SELECT COUNT(Id) n FROM Contact WHERE NOT (Email = null) AND CreatedDate < 2026-01-01T00:00:00.000+01:00")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, fault := parse(text)
		if fault != nil {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if found, fault := o.runner(q).run(parsed); fault == nil && found == nil {
			t.Errorf("%s gives nothing", text)
		}
	})
}
