package postgres_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chancery/account"
	"chancery/activities"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/problem"
	"chancery/team"
	"chancery/webhooks"
)

func TestNothingPersonalOrSecretLiesInClearInTheDataDirectory(t *testing.T) {
	s := newScene(t)
	hub := postgrestest.Connect(t, s.database.RootURL)
	_, err := hub.Exec(ctx, `insert into secrets (name, sealed) values ('Canary In Clear', '')`)
	must(t, err)
	shown := s.writeEverything(t)
	_, err = hub.Exec(ctx, `checkpoint`)
	must(t, err)

	secrets := []string{
		"Ada Lovelace", "ada@example.com", "Bob Builder", "bob@example.com", "Cat Carer", "cat@example.com", "Sam Sender",
		"Lease of the mill", "mills of Kent", "mills of Essex", "Lease.pdf", "Please sign.", "Sales of Example", "Example Ltd", "the till", "192.0.2.7", "198.51.100.9", "Netscape",
		"Una User", "una@example.com", "Vic Visitor", "vic@example.com", "Visitors Ltd", "Ian Invited", "ian@example.com", "Opera In Clear", "https://hub.example/reset/x",
		"hooks.example.com", "whsec_", shown, "ca private key", "Too busy", "oops", "No such mailbox", "sign for ada", "Reply In Clear",
	}
	found := search(t, s.database.DataDir, append(secrets, "Canary In Clear"))
	if !found["Canary In Clear"] {
		t.Fatal("the search does not find what lies in clear")
	}
	for _, secret := range secrets {
		if found[secret] {
			t.Errorf("%q lies in clear", secret)
		}
	}
}

// writeEverything fills each table and returns the API key as it was shown.
func (s scene) writeEverything(t *testing.T) string {
	t.Helper()
	shown, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
	must(t, err)
	must(t, s.CreateKey(ctx, team.Key{ID: "key_1", Team: s.team.ID, Name: "the till"}, hash))
	_, err = s.Secret(ctx, "ca", func() ([]byte, error) { return []byte("ca private key"), nil })
	must(t, err)
	must(t, s.SetPreset(ctx, s.team.ID, []string{"cat@example.com"}))
	s.newEndpoint(t)
	s.listens(t, s.team, false, "mills of Essex")
	change := signing(t, s.send(t, s.draft))
	must(t, s.Commit(ctx, change))
	signed := s.read(t, s.draft.ID)
	delegation, err := signed.Record(envelope.Act{ID: "act_2", Envelope: signed.ID, Recipient: signed.Recipients[1].ID, Kind: envelope.Delegate,
		Reason: "Too busy", Delegate: envelope.Person{Name: "Cat Carer", Email: "cat@example.com"}, NewID: "rcp_cat"}, noon)
	must(t, err)
	must(t, s.Commit(ctx, delegation))
	out := s.untold(t, envelope.ChangeSend)
	must(t, s.Told(ctx, []activities.Sent{{Letter: out.Letters[0].Letter.ID, Status: "refused", Why: "No such mailbox", At: noon}},
		[]activities.Attempt{outcome(out.Deliveries[0], noon, webhooks.Retry)}))
	s.mustClaim(t, "sign for ada", "body")
	must(t, s.Answer(ctx, s.team.ID, "sign for ada", postgres.StoredReply{Status: 201, Body: []byte("Reply In Clear")}))
	s.writeAccounts(t)
	void, err := s.read(t, s.draft.ID).Void(envelope.Void{ID: "v", By: sam, Reason: "Too busy"}, noon)
	must(t, err)
	must(t, s.Commit(ctx, void))
	return shown
}

// writeAccounts fills the tables about people who sign in.
func (s scene) writeAccounts(t *testing.T) {
	t.Helper()
	una, from := s.newUser(t, "una@example.com"), account.Origin{Address: "192.0.2.7", Device: "Opera In Clear"}
	notice := func(kind account.NoticeKind, to account.Address) account.Notice {
		return account.Notice{ID: id.New(id.Notice), Kind: kind, At: noon, To: to, Link: "https://hub.example/reset/x", From: from}
	}
	must(t, s.Promise(ctx, account.SignUp{ID: id.New(id.SignUp), Name: "Vic Visitor", Organisation: "Visitors Ltd", Email: "vic@example.com", At: noon, Until: noon.Add(time.Hour)},
		account.HashToken("vic"), notice(account.ProveAddress, account.Address{Name: "Vic Visitor", Email: "vic@example.com"})))
	must(t, s.Amend(ctx, una.ID, func(of *account.Account) error {
		begun := account.NewSession(id.New(id.Session), una.ID, account.Open, noon, from)
		of.Begins, of.Hash, of.Device = &begun, account.HashToken("una"), account.HashToken("her browser")
		of.Mails = &account.Mailed{Hash: account.HashToken("link"), Purpose: account.ToProveEmail, Email: "vic@example.com", At: noon, Until: noon.Add(time.Hour)}
		of.Deeds = []account.Deed{{Kind: "user.signed_in", From: from}}
		return nil
	}))
	must(t, s.Invite(ctx, account.Invitation{ID: id.New(id.Invitation), Organisation: s.team.Organisation, Team: s.team.ID, Level: string(team.TeamRead), Email: "ian@example.com",
		By: account.Address{Name: "Ian Invited", Email: "una@example.com"}, Inviter: una.ID, At: noon, Until: noon.Add(time.Hour)},
		account.HashToken("ian"), notice(account.Invited, account.Address{Email: "ian@example.com"}), account.Deed{Kind: "member.invited", Team: s.team.ID}))
	_, err := s.Try(ctx, noon, account.Guarded{Subject: "account una@example.com", Pace: account.Pace{Lock: 10}})
	must(t, err)
}

// search tells which of the words stand in a file of the directory, as they are or in hexadecimal.
func search(t *testing.T, dir string, words []string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // files come and go in a running server
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		for _, word := range words {
			if bytes.Contains(content, []byte(word)) || bytes.Contains(content, []byte(hex.EncodeToString([]byte(word)))) {
				found[word] = true
			}
		}
		return nil
	}))
	return found
}

func TestAValueMovedToAnotherRowDoesNotOpen(t *testing.T) {
	s := newScene(t)
	other := s.newDraft(t, s.team)
	_, err := postgrestest.Connect(t, s.database.RootURL).Exec(ctx,
		`update envelopes set content = (select content from envelopes where id = $1) where id = $2`, s.draft.ID, other.ID)
	must(t, err)
	if _, err := s.Envelope(ctx, other.ID); err == nil || problem.Of(err).Kind != problem.KindInternal {
		t.Fatalf("got %v", err)
	}
}
