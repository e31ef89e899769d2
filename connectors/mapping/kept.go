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

// Survey is when all records of a type are looked at for a mapping.
type Survey struct {
	Connection string `json:"connection"`
	Record     string `json:"record"` // the type
	Mapping    string `json:"mapping"`
	Schedule   string `json:"schedule"` // "" is never
	Zone       string `json:"zone"`
}

// Survey is that of the mapping as it is now.
func (k Kept) Survey() Survey {
	s := Survey{Connection: k.Connection, Record: k.Mapping.Record, Mapping: k.ID, Zone: k.Mapping.Zone}
	if k.Enabled {
		s.Schedule = k.Mapping.Start.Schedule
	}
	return s
}
