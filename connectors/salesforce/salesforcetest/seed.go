package salesforcetest

// Seeded are the records that an org begins with, by name.
type Seeded struct {
	Account, Signer, Approver, Opportunity string
	Products, Lines                        []string
}

// Seeded tells the ids of what the org began with.
func (o *Org) Seeded() Seeded {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.store.seeded
}

// seed fills the org: an account with two contacts, three products, and an
// opportunity over them that is about to become a contract.
func (o *Org) seed() {
	t := o.begin("")
	put := func(object string, fields row) string {
		id, fault := t.insert(object, fields)
		if fault != nil {
			panic("seed " + object + ": " + fault.Message) // our own records, which a test loads
		}
		return id
	}
	o.UserID = put("User", row{"Username": o.Username, "FirstName": "Hub", "LastName": "Integration", "Email": "hub@example.com"})
	s := &o.store.seeded
	s.Account = put("Account", row{"Name": "Ämter & Söhne \"GmbH\"", "Type": "Customer", "BillingStreet": "Hauptstraße 1", "BillingCity": "Köln",
		"BillingPostalCode": "50667", "BillingCountry": "Germany", "Industry": "Energy", "AnnualRevenue": "1250000.5", "External_Id__c": "ACC-1"})
	s.Signer = put("Contact", row{"AccountId": s.Account, "Salutation": "Ms.", "FirstName": "Ann", "LastName": "O'Neill", "Email": "ann@example.com", "Title": "CEO"})
	s.Approver = put("Contact", row{"AccountId": s.Account, "FirstName": "Bob", "LastName": "Lee", "Email": "bob@example.com"})
	for _, p := range []row{
		{"Name": "Pump", "ProductCode": "P-1", "Family": "Hardware", "IsActive": true},
		{"Name": "Control software", "ProductCode": "S-7", "Family": "Software", "IsActive": true},
		{"Name": "Maintenance, a year", "ProductCode": "M-1", "IsActive": true},
	} {
		s.Products = append(s.Products, put("Product2", p))
	}
	s.Opportunity = put("Opportunity", row{"AccountId": s.Account, "ContactId": s.Signer, "Name": "Pumps for Köln", "StageName": "Qualification",
		"Amount": "48250", "Probability": "60", "CloseDate": "2026-12-31", "Type": "New Business", "External_Id__c": "OPP-1"})
	for i, l := range []row{
		{"Quantity": "10", "UnitPrice": "4200"}, {"Quantity": "1", "UnitPrice": "5000", "Description": "With training"}, {"Quantity": "1", "UnitPrice": "1250"},
	} {
		l["OpportunityId"], l["Product2Id"] = s.Opportunity, s.Products[i]
		s.Lines = append(s.Lines, put("OpportunityLineItem", l))
	}
	t.settle()
}
