package account

// Secrets are what a user proves with who they are. They are read to be compared
// with what somebody brings, and shown to nobody.
type Secrets struct {
	Password string   `json:"password,omitempty"` // hash of it, in PHC form
	TOTP     string   `json:"totp,omitempty"`     // what the user's device shares with us; "" while it is off
	Waiting  string   `json:"waiting,omitempty"`  // the same, until the first code confirms it
	Step     int64    `json:"step,omitempty"`     // of the newest code that was taken: none is good twice
	Recovery [][]byte `json:"recovery,omitempty"` // hashes of the recovery codes that are left

	Passkeys []Passkey `json:"passkeys,omitempty"`
}
