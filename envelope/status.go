package envelope

import "slices"

// Status of an envelope.
type Status string

const (
	Draft     Status = "draft"
	Sent      Status = "sent"
	Completed Status = "completed"
	Declined  Status = "declined"
	Voided    Status = "voided"
	Expired   Status = "expired"
)

// moves is the whole life of an envelope; a status without moves is final.
var moves = map[Status][]Status{
	Draft: {Sent, Voided},
	Sent:  {Completed, Declined, Voided, Expired},
}

// Final tells whether nothing can happen any more.
func (s Status) Final() bool { return len(moves[s]) == 0 }

// MayBecome tells whether the table allows the move.
func (s Status) MayBecome(next Status) bool { return slices.Contains(moves[s], next) }

// Role says what is asked of a recipient.
type Role string

const (
	Signer   Role = "signer"   // signs, and fills fields
	Approver Role = "approver" // agrees, without a signature
	Viewer   Role = "viewer"   // must have looked at it
	CC       Role = "cc"       // gets copies; nobody waits for them
)

// Acts tells whether the route waits for this role.
func (r Role) Acts() bool { return r == Signer || r == Approver || r == Viewer }

// Valid tells whether the role is one we know.
func (r Role) Valid() bool { return r.Acts() || r == CC }

// RecipientStatus is where one recipient stands.
type RecipientStatus string

const (
	Waiting     RecipientStatus = "waiting"   // their turn has not come
	Released    RecipientStatus = "released"  // asked; we wait for them
	Signing     RecipientStatus = "signing"   // has signed; the signature waits for its timestamp
	Signed      RecipientStatus = "signed"    // done
	Approved    RecipientStatus = "approved"  // done
	Viewed      RecipientStatus = "viewed"    // done, for a viewer
	HasDeclined RecipientStatus = "declined"  // said no
	Delegated   RecipientStatus = "delegated" // handed their turn to another
	Excused     RecipientStatus = "excused"   // enough others acted, or the envelope ended
	Copied      RecipientStatus = "copied"    // a cc whose step has come
)

// Agreed tells whether the recipient did what was asked.
func (s RecipientStatus) Agreed() bool { return s == Signed || s == Approved || s == Viewed }

// Open tells whether the recipient may still act.
func (s RecipientStatus) Open() bool { return s == Waiting || s == Released }

// Hopeful tells whether the recipient may still come to agree.
func (s RecipientStatus) Hopeful() bool { return s.Open() || s == Signing }
