package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// MaxTemplates that a team may have.
const MaxTemplates = 500

// Template is a document to be filled with data. Mappings name it by its name, and
// get the newest of that name.
type Template struct {
	ID        string
	Team      string
	Name      string
	Kind      string // docx, html, pdf
	Blob      string
	Size      int64
	SHA256    string
	CreatedAt time.Time
}

type templateWords struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type templateRow struct {
	ID        string
	TeamID    string
	Kind      string
	Blob      string
	Size      int64
	CreatedAt time.Time
	Sealed    []byte
}

const templateColumns = `t.id, t.team_id, t.kind, t.blob, t.size, t.created_at, t.sealed`

func (s *Store) template(r templateRow) (Template, error) {
	var words templateWords
	err := s.unseal(&words, r.Sealed, "templates", "sealed", r.ID)
	return Template{ID: r.ID, Team: r.TeamID, Name: words.Name, Kind: r.Kind, Blob: r.Blob, Size: r.Size, SHA256: words.SHA256, CreatedAt: r.CreatedAt}, err
}

func (s *Store) templateName(name string) []byte {
	return s.sealer.Fingerprint("template name", []byte(strings.ToLower(name)))
}

// AddTemplate stores a template and retires the one that had its name.
func (s *Store) AddTemplate(ctx context.Context, t Template) error {
	sealed, err := s.seal(templateWords{t.Name, t.SHA256}, "templates", "sealed", t.ID)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		args := pgx.StrictNamedArgs{"team": t.Team, "name": s.templateName(t.Name)}
		if _, err := tx.Exec(ctx, `update templates set retired_at = now() where team_id = @team and name = @name and retired_at is null`, args); err != nil {
			return fmt.Errorf("retire the template before %s: %w", t.ID, err)
		}
		args["id"], args["kind"], args["blob"], args["size"], args["sealed"], args["most"] = t.ID, t.Kind, t.Blob, t.Size, sealed, MaxTemplates
		tag, err := tx.Exec(ctx, `
			insert into templates (id, team_id, kind, blob, size, created_at, name, sealed)
			select @id, @team, @kind, @blob, @size, now(), @name, @sealed
			 where (select count(*) from templates where team_id = @team and retired_at is null) < @most`, args)
		if err != nil {
			return fmt.Errorf("store template %s: %w", t.ID, err)
		}
		if tag.RowsAffected() == 0 {
			return errTooManyTemplates
		}
		return nil
	})
}

// Templates returns a team's templates, by age.
func (s *Store) Templates(ctx context.Context, teamID string) ([]Template, error) {
	rows, _ := s.pool.Query(ctx, `select `+templateColumns+` from templates t where t.team_id = $1 and t.retired_at is null order by t.created_at, t.id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[templateRow])
	if err != nil {
		return nil, fmt.Errorf("list templates of team %s: %w", teamID, err)
	}
	return each(found, s.template)
}

// Template returns a team's template by its name, or by its id, retired or not.
func (s *Store) Template(ctx context.Context, teamID, which string) (Template, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+templateColumns+` from templates t
		 where t.team_id = @team and (t.id = @id or t.name = @name and t.retired_at is null)`,
		pgx.StrictNamedArgs{"team": teamID, "id": which, "name": s.templateName(which)})
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[templateRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Template{}, errTemplateMissing
	}
	if err != nil {
		return Template{}, fmt.Errorf("read template %s: %w", which, err)
	}
	return s.template(row)
}

// RetireTemplate takes a template out of use. Envelopes that were made of it stay.
func (s *Store) RetireTemplate(ctx context.Context, teamID, id string) error {
	tag, err := s.pool.Exec(ctx, `update templates set retired_at = now() where id = @id and team_id = @team and retired_at is null`,
		pgx.StrictNamedArgs{"id": id, "team": teamID})
	if err != nil {
		return fmt.Errorf("retire template %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return errTemplateMissing
	}
	return nil
}
