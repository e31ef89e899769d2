package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/pades/paper"
)

// signersAtOnce is how many people sign at the same time.
const signersAtOnce = 16

// BenchmarkCRM measures how fast records become envelopes that are sent, how fast
// records learn that they are signed, and how many calls of the CRM's API an
// envelope takes, from the trigger to the files on the record.
func BenchmarkCRM(b *testing.B) {
	for _, kind := range []struct {
		name    string
		content []byte
		records int
	}{
		{"pdf", tagged(), 200},
		{"docx", contractTemplate(b), 20},
	} {
		b.Run(kind.name, func(b *testing.B) {
			c, connection := connectCRM(b, "bench-crm-"+kind.name)
			c.send(b, "/v1/templates", "contract."+kind.name, kind.content)
			c.mapped(b, "bench", connection, strings.Replace(contractMapping, ", {what: trail}", "", 1))
			b.ResetTimer()
			for range b.N {
				c.race(b, kind.records)
			}
		})
	}
}

// race lets so many records come to the stage at once, has their envelopes signed, and
// waits until every record says so.
func (c crm) race(b *testing.B, records int) {
	seeded, before := c.org.Seeded(), c.org.Usage().API
	deals := make([]string, records)
	for i := range deals {
		deals[i] = c.org.Create("Opportunity", map[string]any{"Name": fmt.Sprint("Pumps ", i), "StageName": "Qualification",
			"AccountId": seeded.Account, "ContactId": seeded.Signer, "Amount": "100", "CloseDate": "2026-12-31"})
	}
	time.Sleep(time.Second) // what was created is heard, and begins nothing
	read := c.org.Usage().API - before
	begun := time.Now()
	for _, deal := range deals {
		c.org.Update("Opportunity", deal, map[string]any{"StageName": "Proposal"})
	}
	c.until(b, deals, "Sent")
	sent := time.Since(begun)
	signing := time.Now()
	c.signed(b)
	c.until(b, deals, "Completed")
	took := c.org.Usage().API - before - read
	n := float64(records)
	b.ReportMetric(n/sent.Seconds(), "sent/s")
	b.ReportMetric(2*n/time.Since(begun).Seconds(), "written/s") // each is told twice: sent, completed
	b.ReportMetric(n/time.Since(signing).Seconds(), "won/s")
	b.ReportMetric(float64(took)/n, "calls/envelope")
}

// until waits until every record has that status.
func (c crm) until(b *testing.B, deals []string, status string) {
	eventually(b, insistence, "records that say "+status, func() error {
		lacking := 0
		for _, deal := range deals {
			if c.org.Record("Opportunity", deal)["Envelope_Status__c"] != status {
				lacking++
			}
		}
		if lacking > 0 {
			return fmt.Errorf("%d do not yet", lacking)
		}
		return nil
	})
}

// signed lets everybody sign.
func (c crm) signed(b *testing.B) {
	var list struct {
		Envelopes []struct {
			ID         string
			Documents  []struct{ ID string }
			Recipients []struct{ ID string }
		}
		Next string `json:"next"`
	}
	people := make(chan *story)
	var signing sync.WaitGroup
	for range signersAtOnce {
		signing.Go(func() {
			for s := range people {
				for i := range s.who {
					link, err := s.given(i)
					if err == nil {
						err = s.signAt(i, link)
					}
					if err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	for more := true; more; more = list.Next != "" {
		page := "/v1/envelopes?status=sent&limit=100&cursor=" + list.Next
		list.Next = ""
		must(b, c.api.insist(http.MethodGet, page, "", nil, &list))
		for _, e := range list.Envelopes {
			s := c.story(e.ID)
			s.id, s.document, s.who = e.ID, e.Documents[0].ID, [2]string{e.Recipients[0].ID, e.Recipients[1].ID}
			people <- s
		}
	}
	close(people)
	signing.Wait()
}

// tagged is a PDF with the places of the contract's two signatures.
func tagged() []byte {
	d := paper.New("Contract", time.Now())
	d.Title("Contract")
	d.Paragraph("Customer: [[sig:customer________________]]")
	d.Paragraph("Seller: [[sig:seller________________]]")
	return d.Bytes()
}
