package demo

import (
	"time"

	"chancery/pades/paper"
)

// Agreement makes the document that the demo sends: a services agreement of
// several pages between two invented firms, with room for four signatures at the
// foot of the last page.
func Agreement() ([]byte, error) {
	d := paper.New("Services Agreement", time.Now())
	d.Footnote("Services Agreement · Harbour Analytics Ltd and Čapek Orchards s.r.o.")
	d.Title("Services Agreement")
	d.Note("Between Harbour Analytics Ltd, 14 Quay Street, Bristol (the Provider), and Čapek Orchards s.r.o., Sadová 7, Brno (the Customer).")
	d.Rows(
		paper.Row{Key: "Start", Value: "1 January 2027"},
		paper.Row{Key: "First term", Value: "Twenty-four months"},
		paper.Row{Key: "Yearly fee", Value: "EUR 48,000, without tax"},
		paper.Row{Key: "Law", Value: "England and Wales"},
	)
	for i, clause := range clauses {
		if i == len(clauses)-1 {
			d.PageBreak()
		}
		d.Heading(clause.title)
		for _, text := range clause.text {
			d.Paragraph(text)
		}
		if clause.title == feesTitle {
			d.Table([]paper.Column{{Title: "Service", Share: 3}, {Title: "When", Share: 2}, {Title: "EUR a year", Share: 1}}, [][]string{
				{"Yield forecasts for forty orchards", "Every Monday", "26,000"},
				{"Frost warnings by message and telephone", "From March to May, day and night", "12,000"},
				{"Data connection to the Customer's farm system", "All year", "6,000"},
				{"Two days of training on site", "Once a year", "4,000"},
			})
		}
	}
	return d.Bytes(), nil
}

type clause struct {
	title string
	text  []string
}

const feesTitle = "3. Fees"

var clauses = []clause{
	{"1. Services", []string{
		"The Provider forecasts the yield of the Customer's orchards, warns of frost, and keeps the connection between its forecasts and the Customer's farm system. The services and the hours in which they are given are listed in clause 3.",
		"The Provider does its work with the skill and care of a specialist. It may engage others for parts of it, and answers for their work as for its own. Forecasts are statements about the likely, and no promise of a harvest.",
		"The Customer gives the Provider the records of the last five seasons, keeps its weather stations running, and names one person who can decide about the services within two working days.",
	}},
	{"2. Term and notice", []string{
		"This agreement begins on the start date and runs for the first term. It then goes on from year to year unless one party gives the other notice at least three months before a year ends.",
		"Either party may end it at once when the other breaks it in a serious way and does not put that right within thirty days of being asked in writing, or when the other can no longer pay its debts.",
		"When it ends the Provider hands over all forecasts it has made, in a common format, and helps the Customer for up to ten working days to move to another service at the rates of clause 3.",
	}},
	{feesTitle, []string{
		"The Customer pays the fees of this table in four equal parts, each within thirty days of an invoice. The Provider may raise them once a year by no more than the official index of consumer prices, and says so three months before.",
	}},
	{"4. Service levels", []string{
		"A frost warning reaches the Customer at least six hours before the temperature is forecast to fall below minus one degree. For each warning that comes late or not at all, one fiftieth of the yearly fee for warnings is credited, up to the whole of it.",
		"The data connection is available for 99.5 hours of every hundred, counted over a month and without the hours of maintenance that were announced five days before. Below that, one tenth of the monthly share of its fee is credited for each further hour.",
	}},
	{"5. Data and confidentiality", []string{
		"The Customer's records stay the Customer's. The Provider uses them for the services only, keeps them encrypted and within the European Economic Area or the United Kingdom, and deletes them within ninety days of the end of this agreement.",
		"Each party keeps to itself what it learns of the other's business that is not public, during this agreement and for five years after it. It may tell its advisers and insurers, who are bound in the same way, and whoever the law makes it tell.",
		"Where personal data are part of the records, the parties keep to the data processing terms attached to the Provider's order form, which go before this agreement where they differ.",
	}},
	{"6. Liability", []string{
		"Neither party limits its liability for death, injury, fraud or what else the law does not allow it to limit. Beyond that each party is liable up to the fees of one year, and not for profit that the other could not make.",
		"Neither party answers for what it could not foresee and could not prevent, such as floods, war, epidemics or the failure of public networks, as long as it tells the other at once and does what it can.",
	}},
	{"7. Changes and the rest", []string{
		"Changes to this agreement are made in writing and signed by both parties; electronic signatures are enough for both. If a part of it does not hold, the rest does, and the parties replace that part by what comes closest to it.",
		"The law of England and Wales applies, and its courts decide. Before they go to court the parties talk for at least thirty days, at a level of management that was not part of the quarrel.",
	}},
	{"8. Signatures", []string{
		"Each party has read this agreement and signs it by the hands of two persons who together may bind it. The agreement takes effect when all four have signed; each receives a copy that shows whether anything has been changed since.",
		"For Harbour Analytics Ltd: " + Muhammad.Name + " and " + Taro.Name + ", Directors. For Čapek Orchards s.r.o.: " + Zoe.Name + ", jednatelka, and " + Khai.Name + ", prokuristka.",
	}},
}
