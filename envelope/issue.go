package envelope

import "time"

// Issue tells that a file, byte for byte, came from this hub.
type Issue struct {
	Trail    bool // the audit trail of an envelope, and no revision of a document
	Revision int  // of the document; 0 for a trail
	At       time.Time
	Final    bool // nothing was added to it here since the envelope was completed, or it is a trail
	Test     bool // from a sandbox
}
