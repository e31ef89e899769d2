package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/activities"
	"chancery/envelope"
	"chancery/webhooks"
)

var _ activities.Records = (*Store)(nil)

// Untold returns what of these changes has not been sent yet, oldest first.
func (s *Store) Untold(ctx context.Context, envelopeID string, changes []string) (activities.Outgoing, error) {
	args := pgx.StrictNamedArgs{"envelope": envelopeID, "changes": changes, "all": slices.Contains(changes, activities.Everything)}
	var letters []letterOut
	var deliveries []deliveryOut
	var backs []activities.Back
	batch := &pgx.Batch{}
	batch.Queue(`select `+letterColumns+` from letters
		 where envelope_id = @envelope and (@all or change_id = any(@changes)) and status = 'pending'
		 order by created_at, id`, args).Query(collect(&letters))
	batch.Queue(`select `+deliveryColumns+`
		 where d.envelope_id = @envelope and (@all or d.change_id = any(@changes)) and d.status = 'pending' and p.disabled_at is null
		 order by d.position`, args).Query(collect(&deliveries))
	batch.Queue(`
		select journey_id as journey, event_id as event from (
			select journey_id, event_id, row_number() over (partition by journey_id order by sequence desc) as place
			  from write_backs
			 where envelope_id = @envelope and (@all or change_id = any(@changes)) and status = 'pending') b
		 where place = 1 order by journey_id`, args).Query(collect(&backs))
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return activities.Outgoing{}, fmt.Errorf("read what envelope %s has to tell: %w", envelopeID, err)
	}
	ready, err := each(deliveries, s.outgoing)
	if err != nil {
		return activities.Outgoing{}, err
	}
	out := activities.Outgoing{Deliveries: ready, Backs: backs}
	for _, letter := range letters {
		out.Letters = append(out.Letters, letter.outgoing())
	}
	return out, nil
}

// collect gathers the rows of a batched query.
func collect[Row any](into *[]Row) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[Row])
		return err
	}
}

type letterOut struct {
	ID          string
	EnvelopeID  string
	RecipientID zeronull.Text
	AboutID     zeronull.Text
	Kind        envelope.LetterKind
	Status      LetterStatus
	CreatedAt   time.Time
}

const letterColumns = `id, envelope_id, recipient_id, about_id, kind, status, created_at`

func (l letterOut) outgoing() activities.OutgoingLetter {
	return activities.OutgoingLetter{
		Letter:   envelope.Letter{ID: l.ID, Kind: l.Kind, Recipient: string(l.RecipientID), About: string(l.AboutID)},
		Envelope: l.EnvelopeID,
		Written:  l.CreatedAt,
		Finished: l.Status != LetterPending,
	}
}

// Letter returns a letter and whether there is anything left to do about it.
func (s *Store) Letter(ctx context.Context, id string) (activities.OutgoingLetter, error) {
	rows, _ := s.pool.Query(ctx, `select `+letterColumns+` from letters where id = $1`, id)
	letter, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[letterOut])
	if errors.Is(err, pgx.ErrNoRows) {
		return activities.OutgoingLetter{}, errLetterMissing
	}
	if err != nil {
		return activities.OutgoingLetter{}, fmt.Errorf("read letter %s: %w", id, err)
	}
	return letter.outgoing(), nil
}

type deliveryOut struct {
	ID         string
	EndpointID string
	EventID    string
	Attempts   int
	Finished   bool
	Team       string
	Sandbox    bool
	Payload    []byte
	Sealed     []byte
}

const deliveryColumns = `d.id, d.endpoint_id, d.event_id, d.attempts,
	       d.status <> 'pending' or p.disabled_at is not null as finished, p.team_id as team, t.kind = 'sandbox' as sandbox, e.payload, p.sealed
	  from deliveries d join events e on e.id = d.event_id join endpoints p on p.id = d.endpoint_id join teams t on t.id = p.team_id`

// outgoing opens the address, the secrets that are live now and the body.
func (s *Store) outgoing(d deliveryOut) (activities.Delivery, error) {
	var words endpointWords
	if err := s.unseal(&words, d.Sealed, "endpoints", "sealed", d.EndpointID); err != nil {
		return activities.Delivery{}, err
	}
	secrets, err := words.live(now())
	if err != nil {
		return activities.Delivery{}, fmt.Errorf("read secrets of endpoint %s: %w", d.EndpointID, err)
	}
	body, err := s.unsealBytes(d.Payload, "events", "payload", d.EventID)
	return activities.Delivery{
		ID: d.ID, Endpoint: d.EndpointID, Attempts: d.Attempts, Finished: d.Finished,
		Team: d.Team, Sandbox: d.Sandbox,
		Event: webhooks.Delivery{EventID: d.EventID, URL: words.URL, Body: body, Secrets: secrets},
	}, err
}

// Delivery returns a delivery, ready to be attempted unless it is finished.
func (s *Store) Delivery(ctx context.Context, id string) (activities.Delivery, error) {
	rows, _ := s.pool.Query(ctx, `select `+deliveryColumns+` where d.id = $1`, id)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[deliveryOut])
	if errors.Is(err, pgx.ErrNoRows) {
		return activities.Delivery{}, errDeliveryMissing
	}
	if err != nil {
		return activities.Delivery{}, fmt.Errorf("read delivery %s: %w", id, err)
	}
	return s.outgoing(found)
}
