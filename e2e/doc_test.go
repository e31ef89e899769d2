// Package e2e holds the tests of the whole product: real processes, a real
// PostgreSQL, the real engine and outbox, spoken to only from outside.
//
// Start at TestMain for what they stand on, at play for the story that most of
// them tell, and at findings for what must be true of an envelope afterwards,
// whatever was killed meanwhile.
package e2e
