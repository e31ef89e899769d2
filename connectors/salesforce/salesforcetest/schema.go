package salesforcetest

import "strings"

// object is a type of records.
type object struct {
	name, label, prefix string
	custom              bool
	event               bool // a platform event: published, never kept
	fields              []column
	children            []child
}

// column is a field of an object, in the words of describe.
type column struct {
	name, kind string // such as string, picklist, reference, currency, date, datetime
	label      string
	length     int
	required   bool
	create     bool
	update     bool
	external   bool // an id of another system, by which records can be found
	unique     bool
	picks      []string
	strict     bool // nothing but picks
	refers     []string
	relation   string
	falls      any // what it holds where nothing is said
}

// child is a list of records that refer to this one.
type child struct{ relation, object, field string }

func (o *object) column(name string) (column, bool) {
	for _, f := range o.fields {
		if strings.EqualFold(f.name, name) {
			return f, true
		}
	}
	return column{}, false
}

// parent returns the reference by which a query goes up.
func (o *object) parent(relation string) (column, bool) {
	for _, f := range o.fields {
		if f.relation != "" && strings.EqualFold(f.relation, relation) {
			return f, true
		}
	}
	return column{}, false
}

// kin returns the list by which a query goes down.
func (o *object) kin(relation string) (child, bool) {
	for _, c := range o.children {
		if strings.EqualFold(c.relation, relation) {
			return c, true
		}
	}
	return child{}, false
}

// The columns: each of these makes one that can be created and updated.

func text(name string, length int) column {
	return column{name: name, kind: "string", length: length, create: true, update: true}
}

func kind(name, kind string) column {
	return column{name: name, kind: kind, create: true, update: true, length: lengths[kind]}
}

var lengths = map[string]int{"email": 80, "phone": 40, "url": 255, "textarea": 32000, "picklist": 255, "reference": 18, "id": 18}

func pick(name string, strict bool, picks ...string) column {
	c := kind(name, "picklist")
	c.picks, c.strict = picks, strict
	return c
}

func refer(name, relation string, to ...string) column {
	c := kind(name, "reference")
	c.relation, c.refers = relation, to
	return c
}

func (c column) need() column           { c.required = true; return c }
func (c column) once() column           { c.update = false; return c }
func (c column) fixed() column          { c.create, c.update = false, false; return c }
func (c column) or(value any) column    { c.falls = value; return c }
func (c column) known() column          { c.external = true; return c }
func (c column) key() column            { c.external, c.unique = true, true; return c }
func (c column) called(l string) column { c.label = l; return c }

// system are the fields that each record has.
func system(fields ...column) []column {
	all := append([]column{kind("Id", "id").fixed()}, fields...)
	return append(all,
		kind("IsDeleted", "boolean").fixed().or(false),
		kind("CreatedDate", "datetime").fixed(), refer("CreatedById", "CreatedBy", "User").fixed(),
		kind("LastModifiedDate", "datetime").fixed(), refer("LastModifiedById", "LastModifiedBy", "User").fixed(),
		kind("SystemModstamp", "datetime").fixed())
}

func owned(fields ...column) []column {
	return system(append(fields, refer("OwnerId", "Owner", "User"))...)
}

// Stages of an opportunity, in order.
var Stages = []string{"Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost"}

// objects are all that the org knows.
func objects() []*object {
	all := []*object{
		{name: "Account", prefix: "001", fields: owned(
			text("Name", 255).need(), pick("Type", false, "Customer", "Prospect", "Partner"), refer("ParentId", "Parent", "Account"),
			text("BillingStreet", 255), text("BillingCity", 40), text("BillingPostalCode", 20), text("BillingCountry", 80),
			kind("BillingAddress", "address").fixed(),
			kind("Phone", "phone"), kind("Website", "url"), pick("Industry", false, "Banking", "Energy", "Media"),
			kind("AnnualRevenue", "currency"), kind("NumberOfEmployees", "int"), kind("Description", "textarea"),
			text("External_Id__c", 64).key())},
		{name: "Contact", prefix: "003", fields: owned(
			refer("AccountId", "Account", "Account"), text("LastName", 80).need(), text("FirstName", 40), pick("Salutation", false, "Mr.", "Ms.", "Dr."),
			text("Name", 121).fixed(), kind("Email", "email"), kind("Phone", "phone"), text("Title", 128),
			kind("Birthdate", "date"), kind("HasOptedOutOfEmail", "boolean").or(false), text("External_Id__c", 64).known())},
		{name: "Opportunity", prefix: "006", fields: owned(
			refer("AccountId", "Account", "Account"), refer("ContactId", "Contact", "Contact").once(),
			text("Name", 120).need(), kind("Description", "textarea"), pick("StageName", false, Stages...).need().called("Stage"),
			kind("Amount", "currency"), kind("Probability", "percent"), kind("CloseDate", "date").need(),
			pick("Type", false, "New Business", "Existing Business"), kind("IsClosed", "boolean").fixed().or(false), kind("IsWon", "boolean").fixed().or(false),
			kind("Signed_On__c", "date"), kind("Signed_At__c", "datetime"), text("Signed_By__c", 255), kind("Envelope_Url__c", "url"),
			pick("Envelope_Status__c", true, "Sent", "Completed", "Declined", "Voided", "Expired"), text("External_Id__c", 64).key())},
		{name: "OpportunityLineItem", label: "Opportunity Product", prefix: "00k", fields: system(
			refer("OpportunityId", "Opportunity", "Opportunity").need().once(), refer("Product2Id", "Product2", "Product2").once(),
			text("Name", 376).fixed(), kind("Quantity", "double").need(), kind("UnitPrice", "currency"), kind("TotalPrice", "currency").fixed(),
			text("Description", 255), kind("ServiceDate", "date"))},
		{name: "Product2", label: "Product", prefix: "01t", fields: system(
			text("Name", 255).need(), text("ProductCode", 255), pick("Family", false, "Hardware", "Software"),
			kind("IsActive", "boolean").or(false), kind("Description", "textarea"), text("External_Id__c", 64).key())},
		{name: "User", prefix: "005", fields: system(
			text("Username", 80).need(), text("LastName", 80).need(), text("FirstName", 40), text("Name", 121).fixed(),
			kind("Email", "email").need(), kind("IsActive", "boolean").or(true))},
		{name: "ContentVersion", label: "Content Version", prefix: "068", fields: owned(
			refer("ContentDocumentId", "ContentDocument", "ContentDocument").once(), text("Title", 255).need(), text("PathOnClient", 500).once(),
			kind("VersionData", "base64").need(), refer("FirstPublishLocationId", "FirstPublishLocation", "Account", "Contact", "Opportunity", "User").once(),
			text("Checksum", 50).fixed(), kind("ContentSize", "int").fixed(), text("FileExtension", 40).fixed(), text("FileType", 20).fixed(),
			text("VersionNumber", 20).fixed(), kind("IsLatest", "boolean").fixed().or(true), text("Chancery_Key__c", 128).key())},
		{name: "ContentDocument", label: "Content Document", prefix: "069", fields: owned(
			text("Title", 255), refer("LatestPublishedVersionId", "LatestPublishedVersion", "ContentVersion").fixed(), text("FileExtension", 40).fixed(), kind("ContentSize", "int").fixed())},
		{name: "ContentDocumentLink", label: "Content Document Link", prefix: "06A", fields: system(
			refer("ContentDocumentId", "ContentDocument", "ContentDocument").need().once(), refer("LinkedEntityId", "LinkedEntity", "Account", "Contact", "Opportunity", "User").need().once(),
			pick("ShareType", true, "V", "C", "I").or("V"), pick("Visibility", true, "AllUsers", "InternalUsers", "SharedUsers").or("AllUsers"))},
		{name: "Agreement__c", label: "Agreement", prefix: "a00", custom: true, fields: owned(
			text("Name", 80), refer("Opportunity__c", "Opportunity__r", "Opportunity"), pick("State__c", true, "Draft", "Signed"), kind("Value__c", "currency"))},
		{name: "Envelope_Status__e", label: "Envelope Status", prefix: "e00", custom: true, event: true, fields: []column{
			text("Envelope__c", 64).need(), text("Status__c", 40), text("Opportunity__c", 18)}},
	}
	for _, o := range all {
		o.complete()
	}
	return all
}

// lists are the names of the lists of records that refer to an object.
var lists = map[string]child{
	"Account.Contacts":                {"Contacts", "Contact", "AccountId"},
	"Account.Opportunities":           {"Opportunities", "Opportunity", "AccountId"},
	"Account.ContentDocumentLinks":    {"ContentDocumentLinks", "ContentDocumentLink", "LinkedEntityId"},
	"Opportunity.OpportunityLineItem": {"OpportunityLineItems", "OpportunityLineItem", "OpportunityId"},
	"Opportunity.Agreements":          {"Agreements__r", "Agreement__c", "Opportunity__c"},
	"Opportunity.ContentDocument":     {"ContentDocumentLinks", "ContentDocumentLink", "LinkedEntityId"},
	"ContentDocument.ContentVersions": {"ContentVersions", "ContentVersion", "ContentDocumentId"},
}

func (o *object) complete() {
	if o.label == "" {
		o.label = o.name
	}
	for i, f := range o.fields {
		if f.label == "" {
			o.fields[i].label = labelOf(f.name)
		}
	}
	for _, name := range sorted(lists) {
		if of, _, _ := strings.Cut(name, "."); of == o.name {
			o.children = append(o.children, lists[name])
		}
	}
}

// labelOf makes "Signed On" of Signed_On__c and "Last Name" of LastName.
func labelOf(name string) string {
	name = strings.TrimSuffix(name, "__c")
	name = strings.TrimSuffix(name, "Id")
	var label strings.Builder
	for i, c := range name {
		if c == '_' {
			c = ' '
		} else if i > 0 && c >= 'A' && c <= 'Z' && !strings.HasSuffix(label.String(), " ") {
			label.WriteByte(' ')
		}
		label.WriteRune(c)
	}
	return label.String()
}
