package pades

// InitialsOf lets tests ask for initials.
var InitialsOf = initials
