package pades

import (
	"context"
	"slices"

	"chancery/problem"
)

// Levels lists the PAdES baseline levels (ETSI EN 319 142-1, 6.1), the lowest first.
func Levels() []Level { return []Level{LevelB, LevelT, LevelLT, LevelLTA} }

// ParseLevel knows the four levels and takes nothing for the lowest.
func ParseLevel(s string) (Level, error) {
	switch {
	case s == "":
		return LevelB, nil
	case slices.Contains(Levels(), Level(s)):
		return Level(s), nil
	}
	return "", problem.Invalid("unknown_level", "A signature level is one of B-B, B-T, B-LT and B-LTA.")
}

// reaches tells whether a level promises what another promises.
func reaches(l, other Level) bool {
	return slices.Index(Levels(), l) >= slices.Index(Levels(), other)
}

// Timestamper gives an RFC 3161 timestamp token, in DER, over a SHA-256 digest.
// The problem timestamp_unavailable means that it may work later.
type Timestamper interface {
	Timestamp(ctx context.Context, digest []byte) (token []byte, err error)
}
