package postgres_test

import (
	"testing"
	"time"

	"chancery/account"
	"chancery/postgres/postgrestest"
)

func TestWhatIsOverOfTheAccountsIsForgottenAndNothingElse(t *testing.T) {
	s := newScene(t)
	s.writeAccounts(t)
	root := postgrestest.Connect(t, s.database.RootURL)
	rows := func() map[string]int {
		found := map[string]int{}
		for _, table := range []string{"signups", "sessions", "mailed_links", "invitations", "tries", "notices", "devices", "users"} {
			var n int
			must(t, root.QueryRow(ctx, `select count(*) from `+table).Scan(&n))
			found[table] = n
		}
		return found
	}
	before := rows()
	must(t, s.Forget(ctx, noon))
	for table, n := range rows() {
		if n != before[table] || n == 0 {
			t.Errorf("at once, %s has %d rows of %d", table, n, before[table])
		}
	}
	must(t, s.Forget(ctx, noon.Add(account.LongestFor)))
	left := rows()
	for _, table := range []string{"signups", "sessions", "mailed_links", "invitations", "tries"} {
		if left[table] > 0 {
			t.Errorf("two weeks later, %s has %d rows", table, left[table])
		}
	}
	for _, table := range []string{"notices", "devices", "users"} {
		if left[table] != before[table] {
			t.Errorf("two weeks later, %s has %d rows of %d", table, left[table], before[table])
		}
	}
	_, err := root.Exec(ctx, `update notices set status = 'sent', settled_at = now()`)
	must(t, err)
	must(t, s.Forget(ctx, noon.Add(2*365*24*time.Hour)))
	if left := rows(); left["notices"]+left["devices"] > 0 || left["users"] == 0 {
		t.Errorf("two years later there are %v", left)
	}
}
