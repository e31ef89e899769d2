package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
	"chancery/webhooks"
)

// DeliveryStatus is where a delivery stands.
type DeliveryStatus string

const (
	DeliveryPending DeliveryStatus = "pending" // not yet, there will be another attempt
	Delivered       DeliveryStatus = "delivered"
	DeliveryFailed  DeliveryStatus = "failed" // given up; it can be replayed
)

// Delivery is one event on its way to one endpoint, as its log shows it.
type Delivery struct {
	ID        string
	EventID   string
	EventType envelope.EventType
	Envelope  string
	Status    DeliveryStatus
	CreatedAt time.Time
	NextAt    time.Time // when it is attempted, as far as is known; zero when it is not, or at once
	Attempts  []Attempt // all ever made, oldest first
}

// Attempt is one try of a delivery.
type Attempt struct {
	ID      string
	Number  int // 1 is the first since the delivery was created or last replayed
	At      time.Time
	Took    time.Duration // to the millisecond
	Status  int           // of HTTP; 0 when there was no reply
	Verdict webhooks.Verdict
	Next    time.Time // zero when it was the last
	Excerpt string    // of the reply
	Error   string    // what went wrong, in words for the endpoint's owner
}

type deliveryRow struct {
	ID        string
	EventID   string
	EventType envelope.EventType
	Envelope  string
	Status    DeliveryStatus
	CreatedAt time.Time
	Position  int64
	Waits     zeronull.Timestamptz
	Attempts  []attemptRow
}

const loggedColumns = `d.id, d.event_id, e.type as event_type, d.envelope_id as envelope, d.created_at, d.position, d.waits_until as waits,
		       case when d.status = 'pending' and p.disabled_at is not null then 'failed' else d.status end as status,
		       (select coalesce(json_agg(to_json(a) order by a.at, a.id), '[]') from attempts a where a.delivery_id = d.id) as attempts
		  from deliveries d join events e on e.id = d.event_id join endpoints p on p.id = d.endpoint_id`

// Deliveries returns a page of what went to one of the team's endpoints, newest
// first, and the cursor of the next page, which is empty on the last one.
func (s *Store) Deliveries(ctx context.Context, teamID, endpointID, after string, limit int) ([]Delivery, string, error) {
	before, _, err := readCursor("deliveries", after, strconv.FormatInt(1<<62, 10))
	if err != nil {
		return nil, "", err
	}
	rows, _ := s.pool.Query(ctx, `
		select `+loggedColumns+`
		 where d.endpoint_id = @endpoint and d.team_id = @team and d.position < @before::text::bigint
		 order by d.position desc
		 limit @limit`,
		pgx.StrictNamedArgs{"team": teamID, "endpoint": endpointID, "before": before, "limit": page(limit) + 1})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[deliveryRow])
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries to endpoint %s: %w", endpointID, err)
	}
	found, more := cut(found, page(limit))
	deliveries, err := each(found, s.delivery)
	if err != nil || !more {
		return deliveries, "", err
	}
	return deliveries, cursor("deliveries", strconv.FormatInt(found[len(found)-1].Position, 10), "0"), nil
}

// Logged returns one of the deliveries to an endpoint, and the body that its attempts sent.
func (s *Store) Logged(ctx context.Context, teamID, endpointID, id string) (Delivery, []byte, error) {
	if !printable(id) {
		return Delivery{}, nil, errDeliveryMissing
	}
	rows, _ := s.pool.Query(ctx, `select `+loggedColumns+`
		 where d.id = @id and d.endpoint_id = @endpoint and d.team_id = @team`,
		pgx.StrictNamedArgs{"team": teamID, "endpoint": endpointID, "id": id})
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[deliveryRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{}, nil, errDeliveryMissing
	}
	if err != nil {
		return Delivery{}, nil, fmt.Errorf("read delivery %s to endpoint %s: %w", id, endpointID, err)
	}
	d, err := s.delivery(row)
	if err != nil {
		return Delivery{}, nil, err
	}
	var sealed []byte
	if err := s.pool.QueryRow(ctx, `select payload from events where id = $1`, d.EventID).Scan(&sealed); err != nil {
		return Delivery{}, nil, fmt.Errorf("read body of delivery %s: %w", id, err)
	}
	body, err := s.unsealBytes(sealed, "events", "payload", d.EventID)
	return d, body, err
}

func (s *Store) delivery(r deliveryRow) (Delivery, error) {
	attempts, err := each(r.Attempts, s.attempt)
	d := Delivery{
		ID: r.ID, EventID: r.EventID, EventType: r.EventType, Envelope: r.Envelope, Status: r.Status,
		CreatedAt: r.CreatedAt, Attempts: attempts,
	}
	if d.Status == DeliveryPending {
		d.NextAt = time.Time(r.Waits).UTC()
		if n := len(attempts); d.NextAt.IsZero() && n > 0 {
			d.NextAt = attempts[n-1].Next
		}
	}
	return d, err
}

func (s *Store) attempt(r attemptRow) (Attempt, error) {
	var words attemptWords
	err := s.unseal(&words, r.Sealed, "attempts", "sealed", r.ID)
	return Attempt{
		ID: r.ID, Number: r.Number, At: r.At.UTC(), Took: time.Duration(r.TookMS) * time.Millisecond, Status: r.Status,
		Verdict: r.Verdict, Next: r.NextAt.UTC(), Excerpt: words.Excerpt, Error: words.Error,
	}, err
}
