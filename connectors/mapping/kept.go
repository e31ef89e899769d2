package mapping

import "time"

// Kept is a mapping as the hub keeps it: every version of it stays.
type Kept struct {
	ID         string
	Team       string
	Connection string
	Version    int
	Enabled    bool
	Author     string // id of who wrote this version
	CreatedAt  time.Time
	ChangedAt  time.Time
	Mapping    Mapping
}
