package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"chancery/problem"
)

var (
	errEnvelopeMissing     = problem.Missing("envelope_missing", "There is no such envelope.")
	errEnvelopeChanged     = problem.Conflict("envelope_changed", "The envelope has changed meanwhile. Please read it again.")
	errDocumentMissing     = problem.Missing("document_missing", "There is no such document.")
	errTeamMissing         = problem.Missing("team_missing", "There is no such team.")
	errOrganisationMissing = problem.Missing("organisation_missing", "There is no such organisation.")
	errUserMissing         = problem.Missing("user_missing", "There is no such user.")
	errInvitationMissing   = problem.Missing("invitation_missing", "There is no such invitation.")
	errConnectionMissing   = problem.Missing("connection_missing", "There is no such connection.")
	errConnectionUsed      = problem.Conflict("connection_used", "Mappings use this connection, or have used it; switch them off instead.")
	errTooManyConnections  = problem.TooLarge("too_many_connections", "A team has at most 20 connections.")
	errMappingMissing      = problem.Missing("mapping_missing", "There is no such mapping.")
	errMappingChanged      = problem.Conflict("mapping_changed", "Somebody else has changed the mapping meanwhile; read it again.")
	errTooManyEndpoints    = problem.TooLarge("too_many_endpoints", "A team has at most 20 webhook endpoints.")
	errTooManyMappings     = problem.TooLarge("too_many_mappings", "A team has at most 200 mappings.")
	errTemplateMissing     = problem.Missing("template_missing", "There is no such template.")
	errTooManyTemplates    = problem.TooLarge("too_many_templates", "A team has at most 500 templates.")
	errJourneyMissing      = problem.Missing("journey_missing", "There is no such journey.")
	errMemberMissing       = problem.Missing("member_missing", "There is no such member.")
	errKeyMissing          = problem.Missing("key_missing", "There is no such key.")
	errKeyUnknown          = problem.Denied("key_unknown", "This API key is not valid.")
	errEndpointMissing     = problem.Missing("endpoint_missing", "There is no such webhook endpoint.")
	errDeliveryMissing     = problem.Missing("delivery_missing", "There is no such delivery.")
	errLetterMissing       = problem.Missing("letter_missing", "There is no such letter.")
	errActedAlready        = problem.Conflict("acted_already", "You have already answered.")
	errCursor              = problem.Invalid("cursor_invalid", "The cursor is not one that we gave out.")
)

// violates tells whether err is the refusal of that constraint. Their names are
// part of the code.
func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
