package account

import "time"

// NoticeKind is the occasion of a letter about an account.
type NoticeKind string

const (
	ProveAddress      NoticeKind = "prove_address"      // somebody signed up with it
	KnownAlready      NoticeKind = "known_already"      // so did somebody, who has an account
	ResetPassword     NoticeKind = "reset_password"     // somebody has forgotten it
	PasswordChanged   NoticeKind = "password_changed"   //
	ProveNewEmail     NoticeKind = "prove_new_email"    // to the new address
	EmailChanged      NoticeKind = "email_changed"      // to the old one
	Invited           NoticeKind = "invited"            // to join a team
	Locked            NoticeKind = "locked"             // somebody guesses
	NewDevice         NoticeKind = "new_device"         // signed in from a browser that we have not seen
	TwoFactorOn       NoticeKind = "two_factor_on"      //
	TwoFactorOff      NoticeKind = "two_factor_off"     // and the keys went with it
	RecoveryUsed      NoticeKind = "recovery_used"      // in place of a code
	PasskeyAdded      NoticeKind = "passkey_added"      //
	PasskeyRemoved    NoticeKind = "passkey_removed"    //
	IdentityConnected NoticeKind = "identity_connected" // with single sign-on
	KeyCreated        NoticeKind = "key_created"        //
	KeyRevoked        NoticeKind = "key_revoked"        //
	AccessApproved    NoticeKind = "access_approved"    // to the API
	AccessRejected    NoticeKind = "access_rejected"    //

	// Blank is written where nobody is to get a letter, and nobody is to notice that:
	// it costs what the others cost, and is thrown away.
	Blank NoticeKind = "blank"
)

// Notice is a letter about an account. It is stored with the change that it tells of,
// and goes out by itself.
type Notice struct {
	ID   string     `json:"id"`
	Kind NoticeKind `json:"kind"`
	User string     `json:"user,omitempty"` // whose account; "" while they have none
	At   time.Time  `json:"at"`             // when it happened
	To   Address    `json:"to"`
	Link string     `json:"link,omitempty"`
	Good time.Time  `json:"good,omitzero"` // until when the link is

	Who          string `json:"who,omitempty"` // invites
	Organisation string `json:"organisation,omitempty"`
	Team         string `json:"team,omitempty"`
	Level        string `json:"level,omitempty"` // in words
	Key          string `json:"key,omitempty"`   // name of the key
	Email        string `json:"email,omitempty"` // the new address
	Reason       string `json:"reason,omitempty"`
	Count        int    `json:"count,omitempty"` // of keys revoked, or recovery codes left
	From         Origin `json:"from,omitzero"`   // where somebody did it
}

// Address is a person's name, which may be empty, and email address.
type Address struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// Address is where letters to the user go.
func (u User) Address() Address { return Address{Name: u.Name, Email: u.Email} }
